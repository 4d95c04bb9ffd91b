namespace Facula.NN;

/// <summary>The average of each window: what pools of every rank share.</summary>
public abstract class AvgPool : Module<Tensor, Tensor>
{
    private readonly int _rank;
    private readonly bool _ceilMode, _countIncludePad;
    private readonly int? _divisorOverride;

    private protected AvgPool(int rank, SpatialSize kernelSize, SpatialSize stride, SpatialSize padding, bool ceilMode, bool countIncludePad,
        int? divisorOverride = null)
    {
        (_rank, KernelSize, Stride, Padding) = (rank, kernelSize, stride.IsGiven ? stride : kernelSize, padding.IsGiven ? padding : 0);
        (_ceilMode, _countIncludePad, _divisorOverride) = (ceilMode, countIncludePad, divisorOverride);
        KernelSize.Of(rank, TypeName, nameof(kernelSize), 1);
        Stride.Of(rank, TypeName, nameof(stride), 1);
        Padding.Of(rank, TypeName, nameof(padding), 0);
    }

    /// <summary>The size of the window.</summary>
    public SpatialSize KernelSize { get; }

    /// <summary>Steps between windows.</summary>
    public SpatialSize Stride { get; }

    /// <summary>How far windows reach beyond the edges.</summary>
    public SpatialSize Padding { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.AvgPool(this, _rank, input, KernelSize, Stride, Padding, _ceilMode, _countIncludePad, _divisorOverride);

    /// <inheritdoc/>
    protected override string ExtraText => _rank == 1
        ? $"kernel_size=({KernelSize},), stride=({Stride},), padding=({Padding},)"
        : $"kernel_size={KernelSize}, stride={Stride}, padding={Padding}";
}

/// <summary>The average of each window of sequences, [n, channels, length]. torch.nn.AvgPool1d.</summary>
/// <param name="kernelSize">The size of the window.</param>
/// <param name="stride">Steps between windows; the window's size if left out.</param>
/// <param name="padding">How far windows reach beyond both ends, at most half their size.</param>
/// <param name="ceilMode">Whether the size of the result is rounded up.</param>
/// <param name="countIncludePad">Whether the zeros of the padding count as elements.</param>
public partial class AvgPool1d(SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default, bool ceilMode = false,
    bool countIncludePad = true)
    : AvgPool(1, kernelSize, stride, padding, ceilMode, countIncludePad);

/// <summary>The average of each window of images, [n, channels, height, width]. torch.nn.AvgPool2d.</summary>
/// <param name="kernelSize">The size of the window.</param>
/// <param name="stride">Steps between windows; the window's size if left out.</param>
/// <param name="padding">How far windows reach beyond the edges, at most half their size.</param>
/// <param name="ceilMode">Whether the size of the result is rounded up.</param>
/// <param name="countIncludePad">Whether the zeros of the padding count as elements.</param>
/// <param name="divisorOverride">What sums are divided by, instead of the number of elements.</param>
public partial class AvgPool2d(SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default, bool ceilMode = false,
    bool countIncludePad = true, int? divisorOverride = null)
    : AvgPool(2, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);

/// <summary>The average of each window of volumes, [n, channels, depth, height, width]. torch.nn.AvgPool3d.</summary>
/// <param name="kernelSize">The size of the window.</param>
/// <param name="stride">Steps between windows; the window's size if left out.</param>
/// <param name="padding">How far windows reach beyond the edges, at most half their size.</param>
/// <param name="ceilMode">Whether the size of the result is rounded up.</param>
/// <param name="countIncludePad">Whether the zeros of the padding count as elements.</param>
/// <param name="divisorOverride">What sums are divided by, instead of the number of elements.</param>
public partial class AvgPool3d(SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default, bool ceilMode = false,
    bool countIncludePad = true, int? divisorOverride = null)
    : AvgPool(3, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);

/// <summary>The power mean, without the division, of each window: what pools of every rank share.</summary>
public abstract class LPPool : Module<Tensor, Tensor>
{
    private readonly int _rank;
    private readonly double _normType;
    private readonly SpatialSize _kernelSize, _stride;
    private readonly bool _ceilMode;

    private protected LPPool(int rank, double normType, SpatialSize kernelSize, SpatialSize stride, bool ceilMode) =>
        (_rank, _normType, _kernelSize, _stride, _ceilMode) = (rank, normType, kernelSize, stride, ceilMode);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.LPPool(this, _rank, input, _normType, _kernelSize, _stride, _ceilMode);

    /// <inheritdoc/>
    protected override string ExtraText =>
        $"norm_type={(_normType == Math.Truncate(_normType) ? $"{_normType}" : PythonText.Of(_normType))}, kernel_size={_kernelSize}, " +
        $"stride={(_stride.IsGiven ? $"{_stride}" : "None")}, ceil_mode={PythonText.Of(_ceilMode)}";
}

/// <summary>(sum of x^p)^(1/p) over each window of sequences. torch.nn.LPPool1d.</summary>
/// <param name="normType">The power p.</param>
/// <param name="kernelSize">The size of the window.</param>
/// <param name="stride">Steps between windows; the window's size if left out.</param>
/// <param name="ceilMode">Whether the size of the result is rounded up.</param>
public partial class LPPool1d(double normType, SpatialSize kernelSize, SpatialSize stride = default, bool ceilMode = false)
    : LPPool(1, normType, kernelSize, stride, ceilMode);

/// <summary>(sum of x^p)^(1/p) over each window of images. torch.nn.LPPool2d.</summary>
/// <param name="normType">The power p.</param>
/// <param name="kernelSize">The size of the window.</param>
/// <param name="stride">Steps between windows; the window's size if left out.</param>
/// <param name="ceilMode">Whether the size of the result is rounded up.</param>
public partial class LPPool2d(double normType, SpatialSize kernelSize, SpatialSize stride = default, bool ceilMode = false)
    : LPPool(2, normType, kernelSize, stride, ceilMode);
