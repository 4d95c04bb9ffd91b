using System.Globalization;
using System.Runtime.InteropServices;
using Facula.Backends.Cuda;
using Facula.CudaEmulator;

namespace Facula.GpuCheck;

/// <summary>The machine, its driver and its GPUs.</summary>
internal static class Machine
{
    /// <summary>The device to check, or null where there is none, which is said.</summary>
    public static Device? Find(Options options, Report report)
    {
        report.Know("Facula", typeof(Tensor).Assembly.GetName().Version!.ToString(3));
        report.Know("system", $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores");
        report.Know("runtime", RuntimeInformation.FrameworkDescription);
        report.Know("seed", options.Seed.ToString(CultureInfo.InvariantCulture));
        if (options.Emulated)
        {
            // What is wrong is said by the operation that did it.
            Device emulated = Cuda.DeviceOf(new EmulatedDriver(new EmulatorOptions { Throws = true, Immediate = true }));
            report.Know("device", "emulated: no GPU has been used");
            return emulated;
        }
        if (Cuda.UnavailableReason is { } reason)
        {
            report.Know("no GPU", reason);
            return null;
        }
        ICudaDriver driver = CudaPlatform.Native.Devices[0].Driver;
        if (driver.GetVersion(out int version) == CudaResult.Success) report.Know("driver", $"CUDA {version / 1000}.{version % 1000 / 10}");
        for (int index = 0; index < Cuda.DeviceCount; index++) report.Know($"cuda:{index}", Describe(new(DeviceKind.Cuda, index)));
        Device device = Device.Parse(options.Device);
        if (!device.IsAvailable)
        {
            report.Know("no GPU", $"There is no {device}.");
            return null;
        }
        try
        {
            (long free, long total) = Cuda.GetMemoryInfo(device);
            report.Know("device", $"{device}, {free / 1e9:F1} of {total / 1e9:F1} GB free");
            return device;
        }
        catch (Exception e) when (e is CudaException or NotSupportedException or OutOfMemoryException)
        {
            report.Know("no GPU", $"{device} does not open: {e.Message}");
            return null;
        }
    }

    private static string Describe(Device device)
    {
        CudaDeviceProperties known = Cuda.GetProperties(device);
        return $"{known.Name}, compute capability {known.Capability}, {known.MultiprocessorCount} multiprocessors, {known.TotalMemory / 1e9:F1} GB";
    }
}
