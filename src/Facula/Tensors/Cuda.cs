using Facula.Backends;
using Facula.Backends.Cuda;

namespace Facula;

/// <summary>
/// NVIDIA's GPUs, of compute capability 7.0 and later. Nothing has to be installed but NVIDIA's driver, for CUDA 11.8 or later; it is looked for when somebody
/// first asks for a GPU. torch.cuda.
/// </summary>
public static class Cuda
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, CudaBackend> Opened = [];

    /// <summary>Whether there is a GPU that Facula can use. torch.cuda.is_available.</summary>
    public static bool IsAvailable => UnavailableReason is null;

    /// <summary>Why there is no GPU that Facula can use: no driver, too old a one, no device, too old a one; null where there is one.</summary>
    public static string? UnavailableReason => CudaPlatform.Native.Reason;

    /// <summary>The GPUs that Facula can use: cuda:0 and so on. torch.cuda.device_count.</summary>
    public static int DeviceCount => CudaPlatform.Native.Devices.Count;

    /// <summary>
    /// Whether each operation is waited for, so that an error of a GPU is thrown by the operation that has failed, and names it with its shapes. Slow; at
    /// first true where CUDA_LAUNCH_BLOCKING=1 stands in the environment.
    /// </summary>
    public static bool WaitAfterLaunch { get => CudaDevice.WaitsAfterLaunch; set => CudaDevice.WaitsAfterLaunch = value; }

    /// <summary>
    /// Whether products and convolutions of Float32 may be computed by tensor cores, which round their operands to TF32, with 10 bits of fraction instead of
    /// 23, and add up in Float32: several times as fast, and good enough for most networks. At first false. torch.backends.cuda.matmul.allow_tf32.
    /// </summary>
    public static bool AllowTf32 { get => CudaDevice.AllowsTf32; set => CudaDevice.AllowsTf32 = value; }

    /// <summary>What a GPU is. torch.cuda.get_device_properties.</summary>
    /// <param name="device">Which; by default cuda:0.</param>
    /// <exception cref="NotSupportedException">The device is not there, or no GPU.</exception>
    public static CudaDeviceProperties GetProperties(Device? device = null)
    {
        CudaProperties known = device is null or { Kind: DeviceKind.Cuda, IsAvailable: true } && CudaPlatform.Native.Devices is { Count: > 0 } devices
            ? devices[device?.Index ?? 0] : Of(device).Properties;
        return new()
        {
            Name = known.Name,
            Capability = new(known.Capability / 10, known.Capability % 10),
            TotalMemory = known.TotalMemory,
            MultiprocessorCount = known.MultiprocessorCount,
        };
    }

    /// <summary>
    /// Bytes of a GPU that nobody uses, this process or another, and all of them. What this process's tensors take is <see cref="Device.Memory"/>.
    /// torch.cuda.mem_get_info.
    /// </summary>
    /// <param name="device">Which; by default cuda:0.</param>
    /// <exception cref="NotSupportedException">The device is not there, or no GPU.</exception>
    public static (long Free, long Total) GetMemoryInfo(Device? device = null) => Of(device).ReadMemory();

    /// <summary>
    /// Measures what a GPU does until the result is disposed of: <c>using (CudaProfile profile = Cuda.Profile()) { .. }</c>, and then
    /// <c>Console.WriteLine(profile)</c>. Each launch costs a little more meanwhile. torch.profiler.profile.
    /// </summary>
    /// <param name="device">Which; by default cuda:0.</param>
    /// <exception cref="NotSupportedException">The device is not there, or no GPU.</exception>
    /// <exception cref="InvalidOperationException">It is being profiled already.</exception>
    public static CudaProfile Profile(Device? device = null) => new(Of(device).Record());

    /// <summary>The backend of a GPU that is there.</summary>
    internal static Backend Open(int index)
    {
        lock (Gate)
        {
            if (!Opened.TryGetValue(index, out CudaBackend? backend))
                Opened[index] = backend = new(new(CudaPlatform.Native.Devices[index], $"cuda:{index}"));
            return backend;
        }
    }

    /// <summary>A device of a driver that is not the machine's.</summary>
    /// <exception cref="NotSupportedException">It has no device that can be used.</exception>
    internal static Device DeviceOf(ICudaDriver driver, string name = "cuda-emulated", int index = 0)
    {
        var platform = new CudaPlatform(driver);
        if (platform.Reason is { } reason) throw new NotSupportedException(reason);
        return new(name, new CudaBackend(new(platform.Devices[index], name)));
    }

    private static CudaDevice Of(Device? device)
    {
        device ??= new(DeviceKind.Cuda);
        return device.Backend is CudaBackend cuda ? cuda.Device : throw new NotSupportedException($"Device {device} is no GPU of NVIDIA's.");
    }
}

/// <summary>What a GPU is.</summary>
public sealed record CudaDeviceProperties
{
    /// <summary>What NVIDIA calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The compute capability, as 9.0.</summary>
    public required Version Capability { get; init; }

    /// <summary>Bytes.</summary>
    public required long TotalMemory { get; init; }

    /// <summary>Streaming multiprocessors.</summary>
    public required int MultiprocessorCount { get; init; }
}
