namespace Facula.Data;

/// <summary>Some samples of another dataset. torch.utils.data.Subset.</summary>
/// <param name="source">The dataset the samples come from.</param>
/// <param name="indices">Which, in order.</param>
public sealed class Subset<T>(Dataset<T> source, IReadOnlyList<int> indices) : Dataset<T>, IBatchSource<(Tensor Inputs, Tensor Targets)>
{
    private readonly int[] _indices = [.. Check.NotNull(indices, operation: "Subset")];

    /// <summary>The dataset the samples come from.</summary>
    public Dataset<T> Source { get; } = Check.NotNull(source, operation: "Subset");

    /// <summary>Which samples of the source these are.</summary>
    public IReadOnlyList<int> Indices => _indices;

    /// <inheritdoc/>
    public override int Count => _indices.Length;

    /// <inheritdoc/>
    public override T this[int index]
    {
        get
        {
            CheckIndex(index);
            return Source[_indices[index]];
        }
    }

    bool IBatchSource<(Tensor Inputs, Tensor Targets)>.HasBatches => Within is { HasBatches: true };

    bool IBatchSource<(Tensor Inputs, Tensor Targets)>.IsRandom => Within is { IsRandom: true };

    private IBatchSource<(Tensor, Tensor)>? Within
    {
        get
        {
            Check.Depth("Datasets");
            return Source as IBatchSource<(Tensor, Tensor)>;
        }
    }

    /// <inheritdoc/>
    public (Tensor Inputs, Tensor Targets) GetBatch(ReadOnlySpan<int> indices, Generator? generator = null)
    {
        var mapped = new int[indices.Length];
        for (int i = 0; i < mapped.Length; i++)
        {
            CheckIndex(indices[i]);
            mapped[i] = _indices[indices[i]];
        }
        if (Within is not { HasBatches: true } batches)
            throw new InvalidOperationException($"Subset: {Source.GetType().Name} makes no batches of tensors; fetch its samples one by one.");
        return batches.GetBatch(mapped, generator);
    }
}
