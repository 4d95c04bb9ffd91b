namespace Facula;

/// <summary>How convolutions of 3×3 kernels with stride 1 are computed.</summary>
public enum ConvolutionAlgorithm
{
    /// <summary>Whichever is fastest for the shape.</summary>
    Automatic,

    /// <summary>Sums of products as they are written.</summary>
    Direct,

    /// <summary>Winograd's F(2×2, 3×3): 2.25 times fewer multiplications.</summary>
    Winograd2,

    /// <summary>Winograd's F(4×4, 3×3): 4 times fewer multiplications.</summary>
    Winograd4,
}

/// <summary>Settings of convolutions.</summary>
public static class Convolution
{
    private static volatile ConvolutionAlgorithm s_algorithm;

    /// <summary>
    /// Pins the algorithm of float32 convolutions with 3×3 kernels, stride 1 and one group, forward and backward. Others are always computed directly, as are float64
    /// ones and those whose channels are no multiple of a vector's elements. What each costs in accuracy is in docs/performance.md.
    /// </summary>
    public static ConvolutionAlgorithm Algorithm
    {
        get => s_algorithm;
        set => s_algorithm = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Convolution.Algorithm: there is no such algorithm.");
    }
}
