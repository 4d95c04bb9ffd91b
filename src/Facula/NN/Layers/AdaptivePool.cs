namespace Facula.NN;

/// <summary>Pooling to a result of a given size, whatever that of the input: what such pools share.</summary>
public abstract class AdaptivePool : Module<Tensor, Tensor>
{
    private protected AdaptivePool(int rank, SpatialSize outputSize)
    {
        (SpaceRank, OutputSize) = (rank, outputSize);
        outputSize.Of(rank, TypeName, nameof(outputSize), -1);
    }

    private protected int SpaceRank { get; }

    /// <summary>The size of the result; -1 for that of the input.</summary>
    public SpatialSize OutputSize { get; }

    /// <inheritdoc/>
    protected override string ExtraText => $"output_size={OutputSize.ToString().Replace("-1", "None", StringComparison.Ordinal)}";
}

/// <summary>Averages over windows of almost equal size: what such pools share.</summary>
public abstract class AdaptiveAvgPool : AdaptivePool
{
    private protected AdaptiveAvgPool(int rank, SpatialSize outputSize) : base(rank, outputSize) { }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.AdaptiveAvgPool(this, SpaceRank, input, OutputSize);
}

/// <summary>The largest elements of windows of almost equal size: what such pools share.</summary>
public abstract class AdaptiveMaxPool : AdaptivePool
{
    private protected AdaptiveMaxPool(int rank, SpatialSize outputSize) : base(rank, outputSize) { }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.AdaptiveMaxPool(this, SpaceRank, input, OutputSize, false).Output;

    /// <summary>The result, and where in its channel's plane each element stood. PyTorch's return_indices=True.</summary>
    public (Tensor Output, Tensor Indices) ForwardWithIndices(Tensor input)
    {
        (Tensor y, Tensor? indices) = Functional.AdaptiveMaxPool(this, SpaceRank, input, OutputSize, true);
        return (y, indices!);
    }
}

/// <summary>Averages over windows that cut sequences into so many parts. torch.nn.AdaptiveAvgPool1d.</summary>
/// <param name="outputSize">The size of the result; -1 for that of the input.</param>
public partial class AdaptiveAvgPool1d(SpatialSize outputSize) : AdaptiveAvgPool(1, outputSize);

/// <summary>Averages over windows that cut images into so many parts. torch.nn.AdaptiveAvgPool2d.</summary>
/// <param name="outputSize">The size of the result; -1 for that of the input.</param>
public partial class AdaptiveAvgPool2d(SpatialSize outputSize) : AdaptiveAvgPool(2, outputSize);

/// <summary>Averages over windows that cut volumes into so many parts. torch.nn.AdaptiveAvgPool3d.</summary>
/// <param name="outputSize">The size of the result; -1 for that of the input.</param>
public partial class AdaptiveAvgPool3d(SpatialSize outputSize) : AdaptiveAvgPool(3, outputSize);

/// <summary>The largest elements of windows that cut sequences into so many parts. torch.nn.AdaptiveMaxPool1d.</summary>
/// <param name="outputSize">The size of the result; -1 for that of the input.</param>
public partial class AdaptiveMaxPool1d(SpatialSize outputSize) : AdaptiveMaxPool(1, outputSize);

/// <summary>The largest elements of windows that cut images into so many parts. torch.nn.AdaptiveMaxPool2d.</summary>
/// <param name="outputSize">The size of the result; -1 for that of the input.</param>
public partial class AdaptiveMaxPool2d(SpatialSize outputSize) : AdaptiveMaxPool(2, outputSize);

/// <summary>The largest elements of windows that cut volumes into so many parts. torch.nn.AdaptiveMaxPool3d.</summary>
/// <param name="outputSize">The size of the result; -1 for that of the input.</param>
public partial class AdaptiveMaxPool3d(SpatialSize outputSize) : AdaptiveMaxPool(3, outputSize);
