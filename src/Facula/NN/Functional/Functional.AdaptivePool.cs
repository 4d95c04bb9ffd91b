using Facula.Backends;

namespace Facula.NN;

public static partial class Functional
{
    /// <summary>Averages over windows that cut sequences into so many almost equal parts. torch.nn.functional.adaptive_avg_pool1d.</summary>
    /// <param name="input">[n, channels, length], or [channels, length].</param>
    /// <param name="outputSize">The size of the result; -1 for that of the input.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor AdaptiveAvgPool1d(Tensor input, SpatialSize outputSize) => AdaptiveAvgPool("AdaptiveAvgPool1d", 1, input, outputSize);

    /// <summary>Averages over windows that cut images into so many almost equal parts. torch.nn.functional.adaptive_avg_pool2d.</summary>
    /// <param name="input">[n, channels, height, width], or [channels, height, width].</param>
    /// <param name="outputSize">The size of the result; -1 for that of the input.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor AdaptiveAvgPool2d(Tensor input, SpatialSize outputSize) => AdaptiveAvgPool("AdaptiveAvgPool2d", 2, input, outputSize);

    /// <summary>Averages over windows that cut volumes into so many almost equal parts. torch.nn.functional.adaptive_avg_pool3d.</summary>
    /// <param name="input">[n, channels, depth, height, width], or [channels, depth, height, width].</param>
    /// <param name="outputSize">The size of the result; -1 for that of the input.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor AdaptiveAvgPool3d(Tensor input, SpatialSize outputSize) => AdaptiveAvgPool("AdaptiveAvgPool3d", 3, input, outputSize);

    /// <summary>The largest elements of windows that cut sequences into so many almost equal parts. torch.nn.functional.adaptive_max_pool1d.</summary>
    /// <param name="input">[n, channels, length], or [channels, length].</param>
    /// <param name="outputSize">The size of the result; -1 for that of the input.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor AdaptiveMaxPool1d(Tensor input, SpatialSize outputSize) => AdaptiveMaxPool("AdaptiveMaxPool1d", 1, input, outputSize, false).Output;

    /// <summary>The largest elements of windows that cut images into so many almost equal parts. torch.nn.functional.adaptive_max_pool2d.</summary>
    /// <param name="input">[n, channels, height, width], or [channels, height, width].</param>
    /// <param name="outputSize">The size of the result; -1 for that of the input.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor AdaptiveMaxPool2d(Tensor input, SpatialSize outputSize) => AdaptiveMaxPool("AdaptiveMaxPool2d", 2, input, outputSize, false).Output;

    /// <summary>The largest elements of windows that cut volumes into so many almost equal parts. torch.nn.functional.adaptive_max_pool3d.</summary>
    /// <param name="input">[n, channels, depth, height, width], or [channels, depth, height, width].</param>
    /// <param name="outputSize">The size of the result; -1 for that of the input.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor AdaptiveMaxPool3d(Tensor input, SpatialSize outputSize) => AdaptiveMaxPool("AdaptiveMaxPool3d", 3, input, outputSize, false).Output;

    /// <summary><see cref="AdaptiveMaxPool1d"/>, and where in its sequence each element stood. torch.nn.functional.adaptive_max_pool1d_with_indices.</summary>
    public static (Tensor Output, Tensor Indices) AdaptiveMaxPool1dWithIndices(Tensor input, SpatialSize outputSize) =>
        WithIndices("AdaptiveMaxPool1d", 1, input, outputSize);

    /// <summary><see cref="AdaptiveMaxPool2d"/>, and where in its channel's plane each element stood.
    /// torch.nn.functional.adaptive_max_pool2d_with_indices.</summary>
    public static (Tensor Output, Tensor Indices) AdaptiveMaxPool2dWithIndices(Tensor input, SpatialSize outputSize) =>
        WithIndices("AdaptiveMaxPool2d", 2, input, outputSize);

    /// <summary><see cref="AdaptiveMaxPool3d"/>, and where in its channel's volume each element stood.
    /// torch.nn.functional.adaptive_max_pool3d_with_indices.</summary>
    public static (Tensor Output, Tensor Indices) AdaptiveMaxPool3dWithIndices(Tensor input, SpatialSize outputSize) =>
        WithIndices("AdaptiveMaxPool3d", 3, input, outputSize);

    internal static Tensor AdaptiveAvgPool(object caller, int rank, Tensor input, SpatialSize outputSize)
    {
        Tensor x = CheckPool(caller, rank, input);
        (PoolPlan plan, int[] space) = AdaptivePlan(caller, rank, x, outputSize);
        return Unbatch(Tensor.AveragePool(x, plan, space), x, input);
    }

    internal static (Tensor Output, Tensor? Indices) AdaptiveMaxPool(object caller, int rank, Tensor input, SpatialSize outputSize, bool wantsIndices)
    {
        Tensor x = CheckPool(caller, rank, input);
        (PoolPlan plan, int[] space) = AdaptivePlan(caller, rank, x, outputSize);
        (Tensor y, Tensor? taps) = Tensor.MaxPool(x, plan, space, wantsIndices);
        return (Unbatch(y, x, input), wantsIndices ? Unbatch(Tensor.PoolIndices(taps!, plan), x, input) : null);
    }

    private static (Tensor Output, Tensor Indices) WithIndices(object caller, int rank, Tensor input, SpatialSize outputSize)
    {
        (Tensor y, Tensor? indices) = AdaptiveMaxPool(caller, rank, input, outputSize, true);
        return (y, indices!);
    }
}
