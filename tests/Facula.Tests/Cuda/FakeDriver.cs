using System.Runtime.InteropServices;
using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

/// <summary>
/// A driver without a device, whose memory is the host's. What streams are given is done as late as may be, and streams take turns at random, so that what does
/// not wait for what it needs reads rubbish. It writes down what it is called, knows each piece of memory, and fails when it is told to.
/// </summary>
internal sealed unsafe partial class FakeDriver : ICudaDriver
{
    private const byte Poison = 0xCB;
    private const ulong PoisonedBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly SortedList<ulong, ulong> _memory = [];
    private readonly Dictionary<nint, ulong> _pinned = [];
    private ulong _used;
    private long _allocations, _launches;
    private nint _nextHandle = 1000;

    public int Version { get; init; } = 12040;
    public int Devices { get; init; } = 1;
    public int Capability { get; init; } = 90;
    public ulong TotalBytes { get; init; } = 1UL << 30;

    /// <summary>What must be free for a kernel to be loaded.</summary>
    public ulong NeedsForModule { get; init; }

    /// <summary>The result of every call of a kind, by the name of the method.</summary>
    public Dictionary<string, CudaResult> Failing { get; } = [];

    /// <summary>Allocations that fail, the first of them 1.</summary>
    public HashSet<long> FailingAllocations { get; } = [];

    /// <summary>At this launch, and ever after, the device is lost.</summary>
    public long LostAtLaunch { get; set; } = long.MaxValue;

    /// <summary>What kernels do, by their entries.</summary>
    public Dictionary<string, Action<byte[]>> Kernels { get; } = [];

    /// <summary>The calls, by the names of the methods; none where nobody asks for them.</summary>
    public List<string>? Calls { get; set; }

    public ulong UsedBytes => _used;

    public long Allocations => _allocations;

    public long Launches => _launches;

    public int Modules { get; private set; }

    private readonly ThreadLocal<nint> _current = new();
    private bool _isLost;

    private CudaResult Do(string call)
    {
        Calls?.Add(call);
        return _isLost ? CudaResult.IllegalAddress : Failing.GetValueOrDefault(call);
    }

    public CudaResult Initialize() => Do(nameof(Initialize));

    public CudaResult GetVersion(out int version)
    {
        version = Version;
        return Do(nameof(GetVersion));
    }

    public CudaResult GetDeviceCount(out int count)
    {
        count = Devices;
        return Do(nameof(GetDeviceCount));
    }

    public CudaResult GetDeviceName(int device, out string name)
    {
        name = $"Fake {device}";
        return Do(nameof(GetDeviceName));
    }

    public CudaResult GetTotalMemory(int device, out ulong bytes)
    {
        bytes = TotalBytes;
        return Do(nameof(GetTotalMemory));
    }

    public CudaResult GetAttribute(CudaAttribute attribute, int device, out int value)
    {
        value = attribute switch
        {
            CudaAttribute.ComputeCapabilityMajor => Capability / 10,
            CudaAttribute.ComputeCapabilityMinor => Capability % 10,
            CudaAttribute.MultiprocessorCount => 4,
            CudaAttribute.MaxSharedMemoryPerBlockOptin => 99 << 10,
            _ => 0,
        };
        return Do(nameof(GetAttribute));
    }

    public CudaResult RetainContext(int device, out nint context)
    {
        context = 77 + device;
        return Do(nameof(RetainContext));
    }

    public CudaResult SetContext(nint context)
    {
        _current.Value = context;
        return Do(nameof(SetContext));
    }

    public CudaResult LoadModule(string ptx, out nint module, out string log)
    {
        lock (_gate)
        {
            Modules++;
            (module, log) = (++_nextHandle, "");
            if (Do(nameof(LoadModule)) is not CudaResult.Success and var failed) return failed;
            if (_used + NeedsForModule > TotalBytes) return CudaResult.OutOfMemory;
            if (!ptx.Contains("bad", StringComparison.Ordinal)) return CudaResult.Success;
            log = "ptxas application ptx input, line 3; error   : Unknown symbol 'bad'\n";
            return CudaResult.InvalidPtx;
        }
    }

    public CudaResult UnloadModule(nint module) => Do(nameof(UnloadModule));

    public CudaResult GetFunction(nint module, string name, out nint function)
    {
        lock (_gate)
        {
            function = ++_nextHandle;
            _functions[function] = name;
            return Do(nameof(GetFunction));
        }
    }

    public CudaResult SetSharedBytes(nint function, int bytes) => Do(nameof(SetSharedBytes));

    public CudaResult Allocate(ulong bytes, out ulong pointer)
    {
        lock (_gate)
        {
            pointer = 0;
            if (Do(nameof(Allocate)) is not CudaResult.Success and var failed) return failed;
            if (FailingAllocations.Contains(++_allocations) || _used + bytes > TotalBytes) return CudaResult.OutOfMemory;
            void* memory = NativeMemory.AlignedAlloc((nuint)bytes, 512);
            NativeMemory.Fill(memory, (nuint)Math.Min(bytes, PoisonedBytes), Poison);
            pointer = (ulong)memory;
            _memory.Add(pointer, bytes);
            _used += bytes;
            return CudaResult.Success;
        }
    }

    public CudaResult Free(ulong pointer)
    {
        lock (_gate)
        {
            if (Do(nameof(Free)) is not CudaResult.Success and var failed) return failed;
            // As the driver does.
            RunAll();
            if (!_memory.Remove(pointer, out ulong bytes)) return CudaResult.InvalidValue;
            NativeMemory.AlignedFree((void*)pointer);
            _used -= bytes;
            return CudaResult.Success;
        }
    }

    public CudaResult GetMemory(out ulong free, out ulong total)
    {
        (free, total) = (TotalBytes - _used, TotalBytes);
        return Do(nameof(GetMemory));
    }

    public CudaResult AllocateHost(ulong bytes, out nint pointer)
    {
        lock (_gate)
        {
            pointer = 0;
            if (Do(nameof(AllocateHost)) is not CudaResult.Success and var failed) return failed;
            pointer = (nint)NativeMemory.Alloc((nuint)bytes);
            _pinned[pointer] = bytes;
            return CudaResult.Success;
        }
    }

    public CudaResult FreeHost(nint pointer)
    {
        lock (_gate)
        {
            if (!_pinned.Remove(pointer)) return CudaResult.InvalidValue;
            NativeMemory.Free((void*)pointer);
            return Do(nameof(FreeHost));
        }
    }

    /// <summary>Whether these bytes lie in one piece of the device's memory.</summary>
    private bool IsMemory(ulong pointer, ulong bytes)
    {
        for (int low = 0, high = _memory.Count - 1; low <= high;)
        {
            int middle = (low + high) / 2;
            ulong start = _memory.GetKeyAtIndex(middle);
            if (pointer < start) high = middle - 1;
            else if (pointer - start >= _memory.GetValueAtIndex(middle)) low = middle + 1;
            else return pointer - start + bytes <= _memory.GetValueAtIndex(middle);
        }
        return false;
    }

    private bool IsPinned(nint pointer, ulong bytes) => _pinned.Any(piece => pointer >= piece.Key && (ulong)(pointer - piece.Key) + bytes <= piece.Value);
}
