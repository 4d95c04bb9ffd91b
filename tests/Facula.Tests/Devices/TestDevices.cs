namespace Facula.Tests.Devices;

/// <summary>The devices besides the processor that everything must work on, by name.</summary>
internal static class TestDevices
{
    public static readonly string[] Names = ["reference", "remote"];

    public static Device Find(string name) => name == "reference" ? Device.Reference : Remote.Device;
}
