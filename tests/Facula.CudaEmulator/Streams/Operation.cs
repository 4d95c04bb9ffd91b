using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>What a stream has been given: it is done later, when something waits for it.</summary>
internal abstract class Operation
{
    /// <summary>Whether it may be done now; a wait for an event may not, until that has happened.</summary>
    public virtual bool IsReady => true;

    /// <summary>Whether it does something that counts as work of the device.</summary>
    public virtual bool IsWork => true;

    public abstract void Execute(EmulatedDevice device);
}

internal sealed class LaunchOperation(Kernel kernel, CudaGrid grid, int sharedBytes, byte[] arguments) : Operation
{
    public override void Execute(EmulatedDevice device) => device.Launch(kernel, grid, sharedBytes, arguments);
}

/// <summary>From memory of the host that is pinned, and read only now, or from a copy that was made of memory that is not.</summary>
internal sealed unsafe class UploadOperation(ulong to, nint from, byte[]? staged, ulong bytes) : Operation
{
    public override void Execute(EmulatedDevice device)
    {
        device.Counters.CopiesToDevice++;
        device.Check("cuMemcpyHtoDAsync", to, bytes, true);
        if (staged is null) device.CheckPinned("cuMemcpyHtoDAsync", from, bytes);
        fixed (byte* copy = staged) device.Memory.Upload(to, staged is null ? (byte*)from : copy, bytes);
        device.Counters.BytesCopied += (long)bytes;
    }
}

internal sealed unsafe class DownloadOperation(nint to, ulong from, ulong bytes, bool isPinned) : Operation
{
    public override void Execute(EmulatedDevice device)
    {
        device.Counters.CopiesToHost++;
        device.Check("cuMemcpyDtoHAsync", from, bytes, false);
        if (isPinned) device.CheckPinned("cuMemcpyDtoHAsync", to, bytes);
        long undefined = device.Memory.Download((byte*)to, from, bytes);
        if (undefined >= 0 && device.Options.FindsUninitialized)
            throw EmulatedDevice.Fault(CudaResult.LaunchFailed, "cuMemcpyDtoHAsync",
                $"reads {bytes} bytes at 0x{from:X}, of which byte {undefined} was never written");
        device.Counters.BytesCopied += (long)bytes;
    }
}

internal sealed class CopyOperation(ulong to, ulong from, ulong bytes) : Operation
{
    public override void Execute(EmulatedDevice device)
    {
        device.Counters.CopiesOnDevice++;
        device.Check("cuMemcpyDtoDAsync", from, bytes, false);
        device.Check("cuMemcpyDtoDAsync", to, bytes, true);
        device.Memory.Copy(to, from, bytes);
        device.Counters.BytesCopied += (long)bytes;
    }
}

internal sealed class FillOperation(ulong pointer, byte value, ulong bytes) : Operation
{
    public override void Execute(EmulatedDevice device)
    {
        device.Counters.Fills++;
        device.Check("cuMemsetD8Async", pointer, bytes, true);
        device.Memory.Set(pointer, value, bytes);
    }
}

/// <summary>One time that an event has been recorded.</summary>
internal sealed class Recording : Operation
{
    public bool HasHappened { get; private set; }
    public long Ticks { get; private set; }

    public override bool IsWork => false;

    public override void Execute(EmulatedDevice device) => (HasHappened, Ticks) = (true, System.Diagnostics.Stopwatch.GetTimestamp());
}

internal sealed class WaitOperation(Recording recording) : Operation
{
    public override bool IsReady => recording.HasHappened;

    public override bool IsWork => false;

    public override void Execute(EmulatedDevice device)
    {
    }
}

/// <summary>A replay: what was captured, in the order of the capture, which all of its dependencies allow.</summary>
internal sealed class GraphOperation(Operation[] operations) : Operation
{
    public override void Execute(EmulatedDevice device)
    {
        device.Counters.GraphLaunches++;
        foreach (Operation operation in operations) operation.Execute(device);
    }
}
