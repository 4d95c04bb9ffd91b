using Facula.Tests.Gpu;

namespace Facula.Tests.Devices;

/// <summary>The devices besides the processor that everything must work on, by name.</summary>
internal static class TestDevices
{
    public static readonly string[] Names = ["reference", "remote", "cuda-emulated"];

    public static Device Find(string name) => name switch
    {
        "reference" => Device.Reference,
        "remote" => Remote.Device,
        _ => Emulated.Device,
    };
}
