using Facula.CudaEmulator;

namespace Facula.Tests.Gpu;

/// <summary>A GPU that is emulated: it runs the kernels that a real one would, and finds what they do wrong.</summary>
internal static class Emulated
{
    private static readonly Lazy<Device> s_device = new(() => Create());

    /// <summary>One for whoever does not ask for anything special.</summary>
    public static Device Device => s_device.Value;

    private static readonly EmulatorOptions s_usual = new() { Throws = true, Immediate = true };

    public static Device Create(EmulatorOptions? options = null) => Cuda.DeviceOf(new EmulatedDriver(options ?? s_usual));
}
