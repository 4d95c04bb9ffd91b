using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>What does the work that streams are given: memory, launches, and what is counted.</summary>
internal sealed class EmulatedDevice : IDisposable
{
    private readonly Launcher launcher;
    private readonly SortedDictionary<nint, ulong> pinned = [];

    public EmulatedDevice(EmulatorOptions options)
    {
        Options = options;
        Memory = new(options.TotalMemory, options.FindsUninitialized);
        launcher = new(Memory, options);
    }

    public EmulatorOptions Options { get; }
    public DeviceMemory Memory { get; }
    public EmulatorCounters Counters { get; } = new();

    public void Dispose()
    {
        launcher.Dispose();
        Memory.Dispose();
    }

    public void Launch(Kernel kernel, CudaGrid grid, int sharedBytes, byte[] arguments)
    {
        Counters.Launches++;
        Counters.LaunchesByKernel[kernel.Name] = Counters.LaunchesByKernel.GetValueOrDefault(kernel.Name) + 1;
        if (kernel.IsUnloaded) throw Fault(CudaResult.LaunchFailed, kernel.Name, "its module was unloaded before it ran");
        Counters.ThreadInstructions += launcher.Run(kernel, grid, sharedBytes, arguments);
    }

    public static EmulatorFaultException Fault(CudaResult result, string call, string message) => new(new(result, message, call, 0, "", ""));

    /// <summary>A range that a copy touches must be allocated.</summary>
    public void Check(string call, ulong pointer, ulong bytes, bool writes)
    {
        if (!Memory.Contains(pointer, bytes))
        {
            (CudaResult result, string message) = Memory.Explain(pointer, (int)Math.Min(bytes, int.MaxValue), !writes);
            throw Fault(result == CudaResult.LaunchFailed ? CudaResult.IllegalAddress : result, call, message);
        }
    }

    public void Pin(nint pointer, ulong bytes) => pinned[pointer] = bytes;

    public bool Unpin(nint pointer) => pinned.Remove(pointer);

    public IEnumerable<nint> Pinned => pinned.Keys;

    /// <summary>Whether a range of the host lies in memory that the driver gave.</summary>
    public bool IsPinned(nint pointer, ulong bytes)
    {
        foreach (var (start, length) in pinned)
        {
            if (start > pointer) break;
            if ((ulong)(pointer - start) + bytes <= length) return true;
        }
        return false;
    }

    /// <summary>The host's memory must still be there when the device comes to it.</summary>
    public void CheckPinned(string call, nint pointer, ulong bytes)
    {
        if (!IsPinned(pointer, bytes)) throw Fault(CudaResult.IllegalAddress, call, "its pinned memory of the host has been freed meanwhile");
    }
}
