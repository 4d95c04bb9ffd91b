using Facula.Backends;

namespace Facula.NN;

public static partial class Functional
{
    /// <summary>The average of each window of sequences. torch.nn.functional.avg_pool1d.</summary>
    /// <param name="input">[n, channels, length], or [channels, length].</param>
    /// <param name="kernelSize">The size of the window.</param>
    /// <param name="stride">Steps between windows; the window's size if left out.</param>
    /// <param name="padding">How far windows reach beyond both ends, at most half their size; there are zeros there.</param>
    /// <param name="ceilMode">Whether the size of the result is rounded up: a last window may reach beyond the end.</param>
    /// <param name="countIncludePad">Whether the zeros of the padding count as elements.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor AvgPool1d(Tensor input, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default, bool ceilMode = false,
        bool countIncludePad = true) =>
        AvgPool("AvgPool1d", 1, input, kernelSize, stride, padding, ceilMode, countIncludePad, null);

    /// <summary>The average of each window of images. torch.nn.functional.avg_pool2d.</summary>
    /// <param name="input">[n, channels, height, width], or [channels, height, width].</param>
    /// <param name="kernelSize">The size of the window.</param>
    /// <param name="stride">Steps between windows; the window's size if left out.</param>
    /// <param name="padding">How far windows reach beyond the edges, at most half their size; there are zeros there.</param>
    /// <param name="ceilMode">Whether the size of the result is rounded up: a last window may reach beyond the end.</param>
    /// <param name="countIncludePad">Whether the zeros of the padding count as elements.</param>
    /// <param name="divisorOverride">What sums are divided by, instead of the number of elements.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or the divisor is 0.</exception>
    public static Tensor AvgPool2d(Tensor input, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default, bool ceilMode = false,
        bool countIncludePad = true,
        int? divisorOverride = null) => AvgPool("AvgPool2d", 2, input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);

    /// <summary>The average of each window of volumes. torch.nn.functional.avg_pool3d.</summary>
    /// <param name="input">[n, channels, depth, height, width], or [channels, depth, height, width].</param>
    /// <param name="kernelSize">The size of the window.</param>
    /// <param name="stride">Steps between windows; the window's size if left out.</param>
    /// <param name="padding">How far windows reach beyond the edges, at most half their size; there are zeros there.</param>
    /// <param name="ceilMode">Whether the size of the result is rounded up: a last window may reach beyond the end.</param>
    /// <param name="countIncludePad">Whether the zeros of the padding count as elements.</param>
    /// <param name="divisorOverride">What sums are divided by, instead of the number of elements.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or the divisor is 0.</exception>
    public static Tensor AvgPool3d(Tensor input, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default, bool ceilMode = false,
        bool countIncludePad = true,
        int? divisorOverride = null) => AvgPool("AvgPool3d", 3, input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);

    /// <summary>The power mean, without the division, of each window of sequences: (sum of x^p)^(1/p). torch.nn.functional.lp_pool1d.</summary>
    /// <param name="input">[n, channels, length], or [channels, length].</param>
    /// <param name="normType">The power p; not 0.</param>
    /// <param name="kernelSize">The size of the window.</param>
    /// <param name="stride">Steps between windows; the window's size if left out.</param>
    /// <param name="ceilMode">Whether the size of the result is rounded up.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor LPPool1d(Tensor input, double normType, SpatialSize kernelSize, SpatialSize stride = default, bool ceilMode = false) =>
        LPPool("LPPool1d", 1, input, normType, kernelSize, stride, ceilMode);

    /// <summary>The power mean, without the division, of each window of images: (sum of x^p)^(1/p). torch.nn.functional.lp_pool2d.</summary>
    /// <param name="input">[n, channels, height, width], or [channels, height, width].</param>
    /// <param name="normType">The power p; not 0.</param>
    /// <param name="kernelSize">The size of the window.</param>
    /// <param name="stride">Steps between windows; the window's size if left out.</param>
    /// <param name="ceilMode">Whether the size of the result is rounded up.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor LPPool2d(Tensor input, double normType, SpatialSize kernelSize, SpatialSize stride = default, bool ceilMode = false) =>
        LPPool("LPPool2d", 2, input, normType, kernelSize, stride, ceilMode);

    internal static Tensor AvgPool(object caller, int rank, Tensor input, SpatialSize kernelSize, SpatialSize stride, SpatialSize padding, bool ceilMode,
        bool countIncludePad, int? divisorOverride)
    {
        if (divisorOverride == 0) throw new ArgumentOutOfRangeException(nameof(divisorOverride), 0, $"{caller}: the divisor must not be 0.");
        Tensor x = CheckPool(caller, rank, input);
        (PoolPlan plan, int[] space) = SlidingPlan(caller, rank, x, kernelSize, stride, padding, default, ceilMode, countIncludePad, divisorOverride);
        return Unbatch(Tensor.AveragePool(x, plan, space), x, input);
    }

    internal static Tensor LPPool(object caller, int rank, Tensor input, double normType, SpatialSize kernelSize, SpatialSize stride, bool ceilMode)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Floating(caller as string ?? caller.GetType().Name, input);
        if (normType == 0 || double.IsNaN(normType)) throw new ArgumentOutOfRangeException(nameof(normType), normType, $"{caller}: the power must not be 0.");
        int taps = 1;
        foreach (int size in kernelSize.Of(rank, caller as string ?? caller.GetType().Name, nameof(kernelSize), 1)) taps *= size;
        // A last window that reaches beyond the end has fewer elements and still counts as a whole one, as in PyTorch.
        Tensor means = AvgPool(caller, rank, input.Pow(normType), kernelSize, stride, default, ceilMode, true, null);
        // Sums that are 0 have no slope, as in PyTorch: what Relu leaves would otherwise make gradients that are not numbers.
        return (means.Sign() * means.Abs().Relu() * taps).Pow(1 / normType);
    }
}
