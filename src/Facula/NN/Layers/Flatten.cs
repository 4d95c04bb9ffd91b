namespace Facula.NN;

/// <summary>Merges the dimensions from startDim to endDim into one; by default all but the batch. torch.nn.Flatten.</summary>
public sealed partial class Flatten(int startDim = 1, int endDim = -1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Flatten(startDim, endDim);

    /// <inheritdoc/>
    protected override string ExtraText => $"start_dim={startDim}, end_dim={endDim}";
}

/// <summary>Splits a dimension into several. torch.nn.Unflatten.</summary>
/// <param name="dim">The dimension, negative ones counted from the end.</param>
/// <param name="sizes">What it becomes; one size may be -1 and is worked out.</param>
public sealed partial class Unflatten(int dim, Shape sizes) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        int d = Check.Dim("Unflatten", dim, input.Rank);
        int known = 1, open = -1;
        int[] split = sizes.ToArray();
        for (int i = 0; i < split.Length; i++)
        {
            if (split[i] == -1 && open < 0) open = i;
            else known *= split[i];
        }
        int size = input.Size(d);
        if (open >= 0 && known > 0 && size % known == 0) split[open] = size / known;
        else if (open >= 0 || known != size)
            throw new ArgumentException($"Unflatten: dimension {dim} of a tensor of shape {input.Shape} cannot become {sizes}: their product must be {size}.");
        return input.Reshape([.. input.Shape.AsSpan()[..d], .. split, .. input.Shape.AsSpan()[(d + 1)..]]);
    }

    /// <inheritdoc/>
    protected override string ExtraText => $"dim={dim}, unflattened_size=({string.Join(", ", sizes)}{(sizes.Count == 1 ? "," : "")})";
}
