using System.Globalization;

namespace Facula.Backends.Cuda;

/// <summary>The devices of a driver that Facula can use, or why there are none. To ask costs no context.</summary>
internal sealed class CudaPlatform
{
    /// <summary>The oldest driver that compiles PTX 7.8.</summary>
    public const int LeastVersion = 11080;

    /// <summary>Volta.</summary>
    public const int LeastCapability = 70;

    // Nothing looks for a driver before somebody asks for a GPU.
    private static readonly Lazy<CudaPlatform> s_native = new(static () =>
        NativeDriver.Load(out string? reason) is { } driver ? new(driver) : new CudaPlatform(reason!));

    private CudaPlatform(string reason) => (Devices, Reason) = ([], reason);

    public CudaPlatform(ICudaDriver driver)
    {
        (Devices, Reason) = ([], Start(driver));
        if (Reason is not null) return;
        CudaResult result = driver.GetDeviceCount(out int count);
        if (result != CudaResult.Success) count = 0;
        var usable = new List<CudaProperties>();
        var refused = new List<string>();
        for (int device = 0; device < count; device++)
        {
            if (CudaProperties.Read(driver, device, out CudaProperties properties) is { } failed)
                refused.Add($"device {device} says nothing of itself: {CudaError.Describe(failed)}");
            else if (properties.Capability < LeastCapability)
                refused.Add($"{properties.Name} has compute capability {Dotted(properties.Capability, 10)}, and {Dotted(LeastCapability, 10)} is the least");
            else usable.Add(properties);
        }
        Devices = usable;
        if (usable.Count == 0) Reason = refused.Count > 0 ? $"No NVIDIA GPU here can be used: {string.Join("; ", refused)}."
            : $"There is no NVIDIA GPU: {CudaError.Describe(result == CudaResult.Success ? CudaResult.NoDevice : result)}.";
    }

    /// <summary>That of the driver which is installed on this machine.</summary>
    public static CudaPlatform Native => s_native.Value;

    /// <summary>The devices that can be used, in the order of their numbers.</summary>
    public IReadOnlyList<CudaProperties> Devices { get; }

    /// <summary>Why there are none.</summary>
    public string? Reason { get; }

    private static string? Start(ICudaDriver driver)
    {
        if (driver.Initialize() is not CudaResult.Success and var started) return $"NVIDIA's driver does not start: {CudaError.Describe(started)}.";
        if (driver.GetVersion(out int version) is not CudaResult.Success and var asked)
            return $"NVIDIA's driver does not say its version: {CudaError.Describe(asked)}.";
        return version >= LeastVersion ? null
            : $"NVIDIA's driver is too old: it knows CUDA {Dotted(version / 10, 100)}, and {Dotted(LeastVersion / 10, 100)} is the least; install a newer one.";
    }

    private static string Dotted(int number, int parts) => string.Create(CultureInfo.InvariantCulture, $"{number / parts}.{number % parts}");
}

/// <summary>What is known of a device before it is used.</summary>
/// <param name="Driver">Whose it is.</param>
/// <param name="Ordinal">Its number there.</param>
/// <param name="Name">What NVIDIA calls it.</param>
/// <param name="Capability">Ten times the compute capability: 90 is 9.0.</param>
/// <param name="TotalMemory">Bytes.</param>
/// <param name="MultiprocessorCount">Its processors.</param>
/// <param name="MaxSharedBytes">Of shared memory that a block may ask for.</param>
internal sealed record CudaProperties(ICudaDriver Driver, int Ordinal, string Name, int Capability, long TotalMemory, int MultiprocessorCount,
    int MaxSharedBytes)
{
    /// <summary>None if all is well, else what the driver has said.</summary>
    public static CudaResult? Read(ICudaDriver driver, int ordinal, out CudaProperties properties)
    {
        properties = null!;
        Span<int> values = stackalloc int[4];
        ReadOnlySpan<CudaAttribute> attributes = [CudaAttribute.ComputeCapabilityMajor, CudaAttribute.ComputeCapabilityMinor,
            CudaAttribute.MultiprocessorCount, CudaAttribute.MaxSharedMemoryPerBlockOptin];
        CudaResult result = driver.GetDeviceName(ordinal, out string name);
        if (result != CudaResult.Success) return result;
        result = driver.GetTotalMemory(ordinal, out ulong bytes);
        for (int i = 0; i < values.Length && result == CudaResult.Success; i++) result = driver.GetAttribute(attributes[i], ordinal, out values[i]);
        if (result != CudaResult.Success) return result;
        properties = new(driver, ordinal, name, 10 * values[0] + values[1], (long)bytes, values[2], values[3]);
        return null;
    }
}
