namespace Facula.Data;

/// <summary>Datasets one after another. torch.utils.data.ConcatDataset.</summary>
public sealed class ConcatDataset<T> : Dataset<T>, IBatchSource<(Tensor Inputs, Tensor Targets)>
{
    private readonly Dataset<T>[] _parts;
    private readonly int[] _ends;

    /// <summary>The parts, in order.</summary>
    /// <exception cref="ArgumentException">There are none, or together they have more samples than an int counts.</exception>
    public ConcatDataset(params IReadOnlyList<Dataset<T>> parts)
    {
        _parts = Check.NoneNull(parts, operation: "ConcatDataset");
        if (_parts.Length == 0) throw new ArgumentException("ConcatDataset: give at least one dataset.", nameof(parts));
        _ends = new int[_parts.Length];
        int end = 0;
        for (int i = 0; i < _parts.Length; i++) _ends[i] = end = Check.Size("ConcatDataset", (long)end + _parts[i].Count, "the number of samples");
    }

    /// <inheritdoc/>
    public override int Count => _ends[^1];

    /// <inheritdoc/>
    public override T this[int index]
    {
        get
        {
            (int part, int within) = Place(index);
            return _parts[part][within];
        }
    }

    bool IBatchSource<(Tensor Inputs, Tensor Targets)>.HasBatches => Parts.All(part => part is IBatchSource<(Tensor, Tensor)> { HasBatches: true });

    bool IBatchSource<(Tensor Inputs, Tensor Targets)>.IsRandom => Parts.Any(part => part is IBatchSource<(Tensor, Tensor)> { IsRandom: true });

    private Dataset<T>[] Parts
    {
        get
        {
            Check.Depth("Datasets");
            return _parts;
        }
    }

    /// <summary>The samples at the indices, as one batch; each part fetches its own in one go.</summary>
    /// <param name="indices">Which, in order.</param>
    /// <param name="generator">Where random numbers come from; the default generator if left out.</param>
    /// <exception cref="InvalidOperationException">A part makes no batches of tensors.</exception>
    public (Tensor Inputs, Tensor Targets) GetBatch(ReadOnlySpan<int> indices, Generator? generator = null)
    {
        var within = new List<int>[_parts.Length];
        var places = new List<int>[_parts.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            (int part, int at) = Place(indices[i]);
            (within[part] ??= []).Add(at);
            (places[part] ??= []).Add(i);
        }
        var batches = new List<(Tensor Inputs, Tensor Targets)>();
        for (int part = 0; part < _parts.Length; part++)
        {
            if (within[part] is null && (batches.Count > 0 || part < _parts.Length - 1)) continue;
            if (_parts[part] is not IBatchSource<(Tensor, Tensor)> { HasBatches: true } source)
                throw new InvalidOperationException($"ConcatDataset: part {part}, {_parts[part].GetType().Name}, makes no batches of tensors; " +
                    "fetch its samples one by one.");
            batches.Add(source.GetBatch([.. within[part] ?? []], generator));
        }
        if (batches.Count == 1) return batches[0];

        // Row r of the joined parts is the sample at order[r]; the batch wants them in order.
        int[] order = [.. places.Where(list => list is not null).SelectMany(list => list)], rows = new int[order.Length];
        for (int row = 0; row < order.Length; row++) rows[order[row]] = row;
        return (Ordered(Tensor.Cat([.. batches.Select(batch => batch.Inputs)])), Ordered(Tensor.Cat([.. batches.Select(batch => batch.Targets)])));

        Tensor Ordered(Tensor joined) => joined.IndexSelect(0, Tensor.From(rows, device: joined.Device));
    }

    /// <summary>Which part has the sample, and where.</summary>
    private (int Part, int Within) Place(int index)
    {
        CheckIndex(index);
        int part = 0;
        while (index >= _ends[part]) part++;
        return (part, index - (part == 0 ? 0 : _ends[part - 1]));
    }
}
