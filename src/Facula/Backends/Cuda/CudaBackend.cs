namespace Facula.Backends.Cuda;

/// <summary>Kernels on NVIDIA's GPUs. One file a family.</summary>
/// <param name="device">Where they run.</param>
internal sealed partial class CudaBackend(CudaDevice device) : Backend
{
    public CudaDevice Device => device;

    /// <summary>Ten times the compute capability: 90 is 9.0.</summary>
    private int Capability => device.Properties.Capability;

    /// <summary>Of the device's processors, each of which runs several blocks at once.</summary>
    private int MultiprocessorCount => device.Properties.MultiprocessorCount;

    public override Buffer Allocate(long bytes) => device.Allocate(bytes);

    public override (long Allocated, long Reserved, long PeakAllocated) MemoryUse =>
        (device.Memory.Allocated, device.Memory.Reserved, device.Memory.PeakAllocated);

    public override void ResetPeakMemory() => device.Memory.ResetPeak();

    public override void TrimMemory() => device.Memory.Empty();

    public override void Upload(ReadOnlySpan<byte> from, Buffer to, long at) => device.Upload(from, Mine(device, to), at);

    public override void Download(Buffer from, long at, Span<byte> to) => device.Download(Mine(device, from), at, to);

    public override void Synchronize() => device.Synchronize();

    /// <summary>Begins a launch of a kernel, which is compiled if it is not yet.</summary>
    private CudaLaunch Start<TKey>(KernelCache<TKey> kernels, TKey key, string operation) where TKey : struct, IEquatable<TKey> =>
        new(device, kernels.Get(device, key), operation);

    /// <summary>y = x, byte by byte: both without gaps, in the same order, of one type.</summary>
    private void CopyBytes(in Operand x, in Operand y)
    {
        int size = x.DType.Size;
        device.Copy(Mine(device, x.Buffer), x.Layout.Offset * size, Mine(device, y.Buffer), y.Layout.Offset * size, x.Layout.Count * size, "copy");
        x.KeepAlive();
        y.KeepAlive();
    }

    /// <summary>Every byte of y, which has no gaps, becomes 0.</summary>
    private void Clear(in Operand y)
    {
        int size = y.DType.Size;
        device.Set(Mine(device, y.Buffer), y.Layout.Offset * size, 0, y.Layout.Count * size, "fill");
        y.KeepAlive();
    }

    /// <summary>Memory of this device, and of no other.</summary>
    public static CudaBuffer Mine(CudaDevice device, Buffer buffer) => buffer is CudaBuffer mine && ReferenceEquals(mine.Device, device) ? mine
        : throw new InvalidOperationException($"A kernel of {device} has been given " +
            $"{(buffer is CudaBuffer other ? $"memory of {other.Device}" : buffer is Number ? "a plain number in place of memory" : "memory of the host")}.");
}
