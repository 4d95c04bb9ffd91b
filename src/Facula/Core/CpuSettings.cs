namespace Facula;

/// <summary>How convolutions of 3×3 and 5×5 kernels with stride 1 are computed.</summary>
public enum ConvolutionAlgorithm
{
    /// <summary>Whichever is fastest for the shape.</summary>
    Automatic,

    /// <summary>Sums of products as they are written.</summary>
    Direct,

    /// <summary>Winograd's F(2×2, 3×3): 2.25 times fewer multiplications. 5×5 kernels are computed directly.</summary>
    Winograd2,

    /// <summary>Winograd's F(4×4, 3×3): 4 times fewer multiplications; for 5×5 kernels F(2×2, 5×5): 2.8 times fewer.</summary>
    Winograd4,
}

/// <summary>Settings of the processor's kernels, for the whole process.</summary>
public static class CpuSettings
{
    private static int s_threadCount = Math.Max(1, Environment.ProcessorCount);
    private static volatile ConvolutionAlgorithm s_convolutionAlgorithm;

    /// <summary>
    /// Threads for kernels, the calling one included; at first the number of processors. Results are the same bits for any number. torch.set_num_threads.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public static int ThreadCount
    {
        get => s_threadCount;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            s_threadCount = value;
        }
    }

    /// <summary>
    /// Pins the algorithm of float32 convolutions with 3×3 and 5×5 kernels, stride 1, any dilation and one group, forward and backward.
    /// Others are always computed directly, as are float64 ones and those whose channels are no multiple of a vector's elements. What each costs in
    /// accuracy is in docs/notes/convolution.md.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such algorithm.</exception>
    public static ConvolutionAlgorithm ConvolutionAlgorithm
    {
        get => s_convolutionAlgorithm;
        set => s_convolutionAlgorithm = Enum.IsDefined(value) ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "CpuSettings.ConvolutionAlgorithm: there is no such algorithm.");
    }
}
