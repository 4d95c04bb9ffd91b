using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>
/// A CUDA driver with one device that computes in C#. What a real device leaves open it decides by a seed, and late: streams do their work when something waits
/// for it. What a real device does not notice it reports: see <see cref="Fault"/>. After a fault every call returns its error, as a real context does.
/// </summary>
internal sealed unsafe partial class EmulatedDriver : ICudaDriver, IDisposable
{
    private const nint Context = 0x1000;

    private readonly Lock gate = new();
    private readonly EmulatedDevice device;
    private readonly ThreadLocal<nint> current = new();
    private readonly Order order;
    private bool isInitialized;

    public EmulatedDriver(EmulatorOptions? options = null)
    {
        Options = options ?? new();
        device = new(Options);
        order = new(Options.Seed);
        streams[0] = new();
    }

    public EmulatorOptions Options { get; }

    public EmulatorCounters Counters => device.Counters;

    /// <summary>What the device has been lost for; null while it is well.</summary>
    public EmulatorFault? Fault { get; private set; }

    /// <summary>Bytes that are allocated.</summary>
    public ulong UsedMemory
    {
        get
        {
            lock (gate) return device.Memory.Used;
        }
    }

    /// <summary>Frees the memory of the emulated device; nothing may be called afterwards.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            device.Dispose();
            foreach (nint pointer in device.Pinned) System.Runtime.InteropServices.NativeMemory.AlignedFree((void*)pointer);
            current.Dispose();
        }
    }

    /// <summary>Loses the device, as if by a fault.</summary>
    public void Lose(CudaResult result, string message)
    {
        lock (gate) Fault ??= new(result, message, "device", 0, "", "");
    }

    /// <summary>Makes a range as if it had never been written, for allocators that hand out memory of their own anew.</summary>
    public void Undefine(ulong pointer, ulong bytes)
    {
        lock (gate)
        {
            Finish();
            device.Memory.Undefine(pointer, bytes);
        }
    }

    public CudaResult Initialize()
    {
        isInitialized = true;
        return CudaResult.Success;
    }

    public CudaResult GetVersion(out int version)
    {
        version = Options.DriverVersion;
        return CudaResult.Success;
    }

    public CudaResult GetDeviceCount(out int count)
    {
        count = 1;
        return isInitialized ? CudaResult.Success : CudaResult.NotInitialized;
    }

    public CudaResult GetDeviceName(int device, out string name)
    {
        name = Options.Name;
        return OfDevice(device);
    }

    public CudaResult GetTotalMemory(int device, out ulong bytes)
    {
        bytes = (ulong)Options.TotalMemory;
        return OfDevice(device);
    }

    public CudaResult GetAttribute(CudaAttribute attribute, int device, out int value)
    {
        value = attribute switch
        {
            CudaAttribute.MaxSharedMemoryPerBlock => 48 << 10,
            CudaAttribute.MaxSharedMemoryPerBlockOptin => MaxShared,
            CudaAttribute.MultiprocessorCount => Options.Multiprocessors,
            CudaAttribute.ComputeCapabilityMajor => Options.Capability / 10,
            CudaAttribute.ComputeCapabilityMinor => Options.Capability % 10,
            _ => 0,
        };
        return OfDevice(device);
    }

    /// <summary>What a block may have at most (CUDA C++ Programming Guide, Technical Specifications per Compute Capability).</summary>
    private int MaxShared => Options.Capability switch { >= 90 and < 120 => 227, 80 or 87 => 163, 70 => 96, 75 => 64, _ => 99 } * 1024;

    private CudaResult OfDevice(int number) =>
        !isInitialized ? CudaResult.NotInitialized : number == 0 ? CudaResult.Success : CudaResult.InvalidDevice;

    public CudaResult RetainContext(int device, out nint context)
    {
        context = Context;
        return OfDevice(device);
    }

    public CudaResult SetContext(nint context)
    {
        if (!isInitialized) return CudaResult.NotInitialized;
        if (context is not (0 or Context)) return CudaResult.InvalidContext;
        current.Value = context;
        return CudaResult.Success;
    }

    public CudaResult SynchronizeContext() => Do(() =>
    {
        if (capture is not null && capture.Thread == Environment.CurrentManagedThreadId) return Invalidate();
        Counters.Synchronizations++;
        Finish();
        return CudaResult.Success;
    });

    /// <summary>Does a call that needs a context that is well; a fault on the way loses it.</summary>
    private CudaResult Do(Func<CudaResult> call)
    {
        lock (gate)
        {
            if (!isInitialized) return CudaResult.NotInitialized;
            if (current.Value == 0) return CudaResult.InvalidContext;
            if (Fault is not null) return Fault.Result;
            try
            {
                return call();
            }
            catch (EmulatorFaultException fault)
            {
                Fault = fault.Fault;
                if (Options.Throws) throw;
                return Fault.Result;
            }
        }
    }

    public CudaResult Allocate(ulong bytes, out ulong pointer)
    {
        ulong got = 0;
        CudaResult result = Do(() =>
        {
            if (bytes == 0) return CudaResult.InvalidValue;
            if (capture is not null && capture.Thread == Environment.CurrentManagedThreadId) return Invalidate();
            got = device.Memory.Allocate(bytes);
            if (got == 0) return CudaResult.OutOfMemory;
            Counters.Allocations++;
            Counters.PeakMemory = Math.Max(Counters.PeakMemory, (long)device.Memory.Used);
            return CudaResult.Success;
        });
        pointer = got;
        return result;
    }

    /// <summary>Waits for all work first, as cuMemFree does.</summary>
    public CudaResult Free(ulong pointer) => Do(() =>
    {
        if (pointer == 0) return CudaResult.Success;
        if (capture is not null && capture.Thread == Environment.CurrentManagedThreadId) return Invalidate();
        Finish();
        Counters.Frees++;
        return device.Memory.Free(pointer) ? CudaResult.Success : CudaResult.InvalidValue;
    });

    public CudaResult GetMemory(out ulong free, out ulong total)
    {
        ulong left = 0;
        CudaResult result = Do(() =>
        {
            left = device.Memory.Total - device.Memory.Used;
            return CudaResult.Success;
        });
        (free, total) = (left, (ulong)Options.TotalMemory);
        return result;
    }

    public CudaResult AllocateHost(ulong bytes, out nint pointer)
    {
        nint got = 0;
        CudaResult result = Do(() =>
        {
            if (bytes == 0) return CudaResult.InvalidValue;
            got = (nint)System.Runtime.InteropServices.NativeMemory.AlignedAlloc((nuint)bytes, 4096);
            new Span<byte>((void*)got, (int)Math.Min(bytes, 1 << 20)).Fill(0xFF);
            device.Pin(got, bytes);
            return CudaResult.Success;
        });
        pointer = got;
        return result;
    }

    /// <summary>Does not wait: what is still to be copied then is a fault.</summary>
    public CudaResult FreeHost(nint pointer) => Do(() =>
    {
        if (!device.Unpin(pointer)) return CudaResult.InvalidValue;
        System.Runtime.InteropServices.NativeMemory.AlignedFree((void*)pointer);
        return CudaResult.Success;
    });
}
