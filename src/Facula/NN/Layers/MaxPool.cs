namespace Facula.NN;

/// <summary>The largest element in each window: what pools of every rank share.</summary>
public abstract class MaxPool : Module<Tensor, Tensor>
{
    private readonly SpatialSize _dilation;
    private readonly int _rank;
    private readonly bool _ceilMode;

    private protected MaxPool(int rank, SpatialSize kernelSize, SpatialSize stride, SpatialSize padding, SpatialSize dilation, bool ceilMode)
    {
        (_rank, KernelSize, Stride, Padding, _dilation, _ceilMode) =
            (rank, kernelSize, stride.IsGiven ? stride : kernelSize, padding.IsGiven ? padding : 0, dilation.IsGiven ? dilation : 1, ceilMode);
        KernelSize.Of(rank, TypeName, nameof(kernelSize), 1);
        Stride.Of(rank, TypeName, nameof(stride), 1);
        Padding.Of(rank, TypeName, nameof(padding), 0);
        _dilation.Of(rank, TypeName, nameof(dilation), 1);
    }

    /// <summary>The size of the window.</summary>
    public SpatialSize KernelSize { get; }

    /// <summary>Steps between windows.</summary>
    public SpatialSize Stride { get; }

    /// <summary>How far windows reach beyond the edges.</summary>
    public SpatialSize Padding { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.MaxPool(this, _rank, input, KernelSize, Stride, Padding, _dilation, _ceilMode);

    /// <summary>The Relu of the result, which is also the result for the Relu of the input, at no further cost.</summary>
    internal Tensor ForwardRelu(Tensor input) => Functional.MaxPool(this, _rank, input, KernelSize, Stride, Padding, _dilation, _ceilMode, relu: true);

    /// <summary>The result, and where in its channel's plane each element stood, as the unpooling layers take it. PyTorch's return_indices=True.</summary>
    public (Tensor Output, Tensor Indices) ForwardWithIndices(Tensor input) =>
        Functional.MaxPoolWithIndices(this, _rank, input, KernelSize, Stride, Padding, _dilation, _ceilMode);

    /// <inheritdoc/>
    protected override string ExtraText =>
        $"kernel_size={KernelSize}, stride={Stride}, padding={Padding}, dilation={_dilation}, ceil_mode={PythonText.Of(_ceilMode)}";
}

/// <summary>The largest element in each window of sequences, [n, channels, length]. torch.nn.MaxPool1d.</summary>
/// <param name="kernelSize">The size of the window.</param>
/// <param name="stride">Steps between windows; the window's size if left out.</param>
/// <param name="padding">How far windows reach beyond both ends, at most half their size.</param>
/// <param name="dilation">Steps between elements of the window; 1 if left out.</param>
/// <param name="ceilMode">Whether the size of the result is rounded up.</param>
public partial class MaxPool1d(SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default, SpatialSize dilation = default,
    bool ceilMode = false)
    : MaxPool(1, kernelSize, stride, padding, dilation, ceilMode);

/// <summary>The largest element in each window of images, [n, channels, height, width]. torch.nn.MaxPool2d.</summary>
/// <param name="kernelSize">The size of the window.</param>
/// <param name="stride">Steps between windows; the window's size if left out.</param>
/// <param name="padding">How far windows reach beyond the edges, at most half their size.</param>
/// <param name="dilation">Steps between elements of the window; 1 if left out.</param>
/// <param name="ceilMode">Whether the size of the result is rounded up.</param>
public partial class MaxPool2d(SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default, SpatialSize dilation = default,
    bool ceilMode = false)
    : MaxPool(2, kernelSize, stride, padding, dilation, ceilMode);

/// <summary>The largest element in each window of volumes, [n, channels, depth, height, width]. torch.nn.MaxPool3d.</summary>
/// <param name="kernelSize">The size of the window.</param>
/// <param name="stride">Steps between windows; the window's size if left out.</param>
/// <param name="padding">How far windows reach beyond the edges, at most half their size.</param>
/// <param name="dilation">Steps between elements of the window; 1 if left out.</param>
/// <param name="ceilMode">Whether the size of the result is rounded up.</param>
public partial class MaxPool3d(SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default, SpatialSize dilation = default,
    bool ceilMode = false)
    : MaxPool(3, kernelSize, stride, padding, dilation, ceilMode);
