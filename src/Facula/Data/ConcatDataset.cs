namespace Facula.Data;

/// <summary>Datasets one after another. torch.utils.data.ConcatDataset.</summary>
public sealed class ConcatDataset<T> : Dataset<T>
{
    private readonly Dataset<T>[] _parts;
    private readonly int[] _ends;

    /// <summary>The parts, in order.</summary>
    public ConcatDataset(params IReadOnlyList<Dataset<T>> parts)
    {
        if (parts.Count == 0) throw new ArgumentException("ConcatDataset: give at least one dataset.", nameof(parts));
        _parts = [.. parts];
        _ends = new int[_parts.Length];
        int end = 0;
        for (int i = 0; i < _parts.Length; i++) _ends[i] = end = checked(end + _parts[i].Count);
    }

    /// <inheritdoc/>
    public override int Count => _ends[^1];

    /// <inheritdoc/>
    public override T this[int index]
    {
        get
        {
            CheckIndex(index);
            int part = 0;
            while (index >= _ends[part]) part++;
            return _parts[part][index - (part == 0 ? 0 : _ends[part - 1])];
        }
    }
}
