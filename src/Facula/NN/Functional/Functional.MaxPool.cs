using Facula.Backends;

namespace Facula.NN;

public static partial class Functional
{
    /// <summary>The largest element in each window of sequences; NaN counts as the largest. torch.nn.functional.max_pool1d.</summary>
    /// <param name="input">[n, channels, length], or [channels, length].</param>
    /// <param name="kernelSize">The size of the window.</param>
    /// <param name="stride">Steps between windows; the window's size if left out.</param>
    /// <param name="padding">How far windows reach beyond both ends, at most half their size; what is there is never the largest.</param>
    /// <param name="dilation">Steps between elements of the window; 1 if left out.</param>
    /// <param name="ceilMode">Whether the size of the result is rounded up: a last window may reach beyond the end.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor MaxPool1d(Tensor input, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default,
        SpatialSize dilation = default, bool ceilMode = false) =>
        MaxPool("MaxPool1d", 1, input, kernelSize, stride, padding, dilation, ceilMode);

    /// <summary>The largest element in each window of images; NaN counts as the largest. torch.nn.functional.max_pool2d.</summary>
    /// <param name="input">[n, channels, height, width], or [channels, height, width].</param>
    /// <param name="kernelSize">The size of the window.</param>
    /// <param name="stride">Steps between windows; the window's size if left out.</param>
    /// <param name="padding">How far windows reach beyond the edges, at most half their size; what is there is never the largest.</param>
    /// <param name="dilation">Steps between elements of the window; 1 if left out.</param>
    /// <param name="ceilMode">Whether the size of the result is rounded up: a last window may reach beyond the end.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor MaxPool2d(Tensor input, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default,
        SpatialSize dilation = default, bool ceilMode = false) =>
        MaxPool("MaxPool2d", 2, input, kernelSize, stride, padding, dilation, ceilMode);

    /// <summary>The largest element in each window of volumes; NaN counts as the largest. torch.nn.functional.max_pool3d.</summary>
    /// <param name="input">[n, channels, depth, height, width], or [channels, depth, height, width].</param>
    /// <param name="kernelSize">The size of the window.</param>
    /// <param name="stride">Steps between windows; the window's size if left out.</param>
    /// <param name="padding">How far windows reach beyond the edges, at most half their size; what is there is never the largest.</param>
    /// <param name="dilation">Steps between elements of the window; 1 if left out.</param>
    /// <param name="ceilMode">Whether the size of the result is rounded up: a last window may reach beyond the end.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor MaxPool3d(Tensor input, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default,
        SpatialSize dilation = default, bool ceilMode = false) =>
        MaxPool("MaxPool3d", 3, input, kernelSize, stride, padding, dilation, ceilMode);

    /// <summary><see cref="MaxPool1d"/>, and where in its sequence each of the elements stood, as <see cref="MaxUnpool1d"/> takes it.
    /// torch.nn.functional.max_pool1d_with_indices.</summary>
    public static (Tensor Output, Tensor Indices) MaxPool1dWithIndices(Tensor input, SpatialSize kernelSize, SpatialSize stride = default,
        SpatialSize padding = default, SpatialSize dilation = default,
        bool ceilMode = false) => MaxPoolWithIndices("MaxPool1d", 1, input, kernelSize, stride, padding, dilation, ceilMode);

    /// <summary>
    /// <see cref="MaxPool2d"/>, and where each of the elements stood: its place in its channel's plane, counted in row-major order.
    /// torch.nn.functional.max_pool2d_with_indices.
    /// </summary>
    public static (Tensor Output, Tensor Indices) MaxPool2dWithIndices(Tensor input, SpatialSize kernelSize, SpatialSize stride = default,
        SpatialSize padding = default, SpatialSize dilation = default,
        bool ceilMode = false) => MaxPoolWithIndices("MaxPool2d", 2, input, kernelSize, stride, padding, dilation, ceilMode);

    /// <summary><see cref="MaxPool3d"/>, and where in its channel's volume each of the elements stood. torch.nn.functional.max_pool3d_with_indices.</summary>
    public static (Tensor Output, Tensor Indices) MaxPool3dWithIndices(Tensor input, SpatialSize kernelSize, SpatialSize stride = default,
        SpatialSize padding = default, SpatialSize dilation = default,
        bool ceilMode = false) => MaxPoolWithIndices("MaxPool3d", 3, input, kernelSize, stride, padding, dilation, ceilMode);

    /// <summary>The life of a max-pooling of any rank; caller is the function's name or the layer. With relu, the Relu of the result at no further cost,
    /// which is also the pooled Relu.</summary>
    internal static Tensor MaxPool(object caller, int rank, Tensor input, SpatialSize kernelSize, SpatialSize stride, SpatialSize padding, SpatialSize dilation,
        bool ceilMode, bool relu = false)
    {
        Tensor x = CheckPool(caller, rank, input);
        (PoolPlan plan, int[] space) = SlidingPlan(caller, rank, x, kernelSize, stride, padding, dilation, ceilMode);
        return Unbatch(Tensor.MaxPool(x, plan, space, false, relu).Y, x, input);
    }

    internal static (Tensor Output, Tensor Indices) MaxPoolWithIndices(object caller, int rank, Tensor input, SpatialSize kernelSize, SpatialSize stride,
        SpatialSize padding, SpatialSize dilation, bool ceilMode)
    {
        Tensor x = CheckPool(caller, rank, input);
        (PoolPlan plan, int[] space) = SlidingPlan(caller, rank, x, kernelSize, stride, padding, dilation, ceilMode);
        (Tensor y, Tensor? taps) = Tensor.MaxPool(x, plan, space, true);
        return (Unbatch(y, x, input), Unbatch(Tensor.PoolIndices(taps!, plan), x, input));
    }
}
