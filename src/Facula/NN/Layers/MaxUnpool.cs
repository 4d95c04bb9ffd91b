namespace Facula.NN;

/// <summary>Puts what a max-pooling gave back to where it came from, among zeros: what such layers of every rank share.</summary>
public abstract class MaxUnpool : Module<Tensor, Tensor, Tensor>
{
    private readonly int _rank;
    private readonly SpatialSize _kernelSize, _stride, _padding;

    private protected MaxUnpool(int rank, SpatialSize kernelSize, SpatialSize stride, SpatialSize padding)
    {
        (_rank, _kernelSize, _stride, _padding) = (rank, kernelSize, stride.IsGiven ? stride : kernelSize, padding.IsGiven ? padding : 0);
        _kernelSize.Of(rank, TypeName, nameof(kernelSize), 1);
        _stride.Of(rank, TypeName, nameof(stride), 1);
        _padding.Of(rank, TypeName, nameof(padding), 0);
    }

    /// <summary>The elements at the places given by the indices, in a result of the size found from the pooling's settings.</summary>
    public override Tensor Forward(Tensor input, Tensor indices) => Functional.MaxUnpool(this, _rank, input, indices, _kernelSize, _stride, _padding, default);

    /// <summary>The elements at the places given by the indices, in a result of the given size.</summary>
    public Tensor Forward(Tensor input, Tensor indices, SpatialSize outputSize) =>
        Functional.MaxUnpool(this, _rank, input, indices, _kernelSize, _stride, _padding, outputSize);

    /// <inheritdoc/>
    protected override string ExtraText => $"kernel_size={Text(_kernelSize)}, stride={Text(_stride)}, padding={Text(_padding)}";

    private string Text(SpatialSize value) => PythonText.Tuple(new Shape(value.Of(_rank, TypeName, "value", 0)));
}

/// <summary>Undoes <see cref="MaxPool1d"/> as far as its indices tell. torch.nn.MaxUnpool1d.</summary>
/// <param name="kernelSize">The pooling's window.</param>
/// <param name="stride">The pooling's steps between windows; the window's size if left out.</param>
/// <param name="padding">The pooling's padding.</param>
public partial class MaxUnpool1d(SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default)
    : MaxUnpool(1, kernelSize, stride, padding);

/// <summary>Undoes <see cref="MaxPool2d"/> as far as its indices tell. torch.nn.MaxUnpool2d.</summary>
/// <param name="kernelSize">The pooling's window.</param>
/// <param name="stride">The pooling's steps between windows; the window's size if left out.</param>
/// <param name="padding">The pooling's padding.</param>
public partial class MaxUnpool2d(SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default)
    : MaxUnpool(2, kernelSize, stride, padding);

/// <summary>Undoes <see cref="MaxPool3d"/> as far as its indices tell. torch.nn.MaxUnpool3d.</summary>
/// <param name="kernelSize">The pooling's window.</param>
/// <param name="stride">The pooling's steps between windows; the window's size if left out.</param>
/// <param name="padding">The pooling's padding.</param>
public partial class MaxUnpool3d(SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default)
    : MaxUnpool(3, kernelSize, stride, padding);
