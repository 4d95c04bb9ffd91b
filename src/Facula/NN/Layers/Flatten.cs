namespace Facula.NN;

/// <summary>Merges the dimensions from startDim to endDim into one; by default all but the batch. torch.nn.Flatten.</summary>
public partial class Flatten(int startDim = 1, int endDim = -1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Check.NotNull(input, operation: TypeName).Flatten(startDim, endDim);

    /// <inheritdoc/>
    protected override string ExtraText => $"start_dim={startDim}, end_dim={endDim}";
}

/// <summary>Splits a dimension into several. torch.nn.Unflatten.</summary>
/// <param name="dim">The dimension, negative ones counted from the end.</param>
/// <param name="sizes">What it becomes; one size may be -1 and is worked out.</param>
public partial class Unflatten(int dim, Shape sizes) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Check.NotNull(input, operation: TypeName).Unflatten(dim, sizes);

    /// <inheritdoc/>
    protected override string ExtraText => $"dim={dim}, unflattened_size=({string.Join(", ", sizes)}{(sizes.Count == 1 ? "," : "")})";
}
