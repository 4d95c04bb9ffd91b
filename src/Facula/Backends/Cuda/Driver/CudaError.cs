namespace Facula.Backends.Cuda;

/// <summary>What the driver's numbers mean.</summary>
internal static class CudaError
{
    /// <summary>Whether nothing more can be done with the context, so that all later calls fail as well.</summary>
    public static bool IsFinal(CudaResult result) => (int)result is 4 or 214 or 220 or 700 or 702 or 709 or 710 or (>= 714 and <= 719) or 999;

    /// <summary>In words, with the number.</summary>
    public static string Describe(CudaResult result) => $"{Words(result)} (CUDA error {(int)result})";

    private static string Words(CudaResult result) => result switch
    {
        CudaResult.InvalidValue => "an argument is none that it takes",
        CudaResult.OutOfMemory => "there is no room in the device's memory",
        CudaResult.NotInitialized => "the driver has not been started",
        CudaResult.Deinitialized => "the driver is shutting down",
        CudaResult.NoDevice => "there is no NVIDIA GPU, or none that this process may see",
        CudaResult.InvalidDevice => "there is no such device",
        CudaResult.InvalidContext => "the context of the device is gone",
        CudaResult.InvalidPtx => "the kernel does not compile",
        CudaResult.UnsupportedPtxVersion => "the driver is too old for the kernel",
        CudaResult.NotFound => "there is no such name",
        CudaResult.NotReady => "it is not done yet",
        CudaResult.IllegalAddress => "a kernel has touched an address outside of the device's memory",
        CudaResult.LaunchOutOfResources => "the kernel wants more registers or threads than the device has",
        CudaResult.LaunchTimeout => "a kernel has run for longer than the system allows",
        CudaResult.MisalignedAddress => "a kernel has touched an address that is not aligned",
        CudaResult.IllegalInstruction => "a kernel has met an instruction that the device does not have",
        CudaResult.LaunchFailed => "a kernel has failed",
        CudaResult.SystemNotReady => "the system's GPU services are not running yet",
        CudaResult.StreamCaptureUnsupported => "it cannot be captured",
        CudaResult.StreamCaptureInvalidated => "the capture has been broken off",
        _ => "it has failed",
    };
}
