using System.Collections;

namespace Facula.Data;

/// <summary>Samples of some type, of which there is a number; derive from <see cref="Dataset{T}"/>.</summary>
public abstract class Dataset
{
    private protected Dataset() { }

    /// <summary>The number of samples.</summary>
    public abstract int Count { get; }
}

/// <summary>Samples by index. torch.utils.data.Dataset.</summary>
/// <typeparam name="T">A sample, e.g. <c>(Tensor Image, int Label)</c>.</typeparam>
public abstract class Dataset<T> : Dataset, IReadOnlyList<T>
{
    /// <summary>The sample at an index. Called from several threads at once where a loader has workers.</summary>
    public abstract T this[int index] { get; }

    /// <summary>Enumerates all samples in order.</summary>
    public IEnumerator<T> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Throws unless the index names a sample.</summary>
    protected void CheckIndex(int index)
    {
        Check.Depth("Datasets");
        if ((uint)index >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"{GetType().Name}: there are {Count} samples, at indices 0 to {Count - 1}.");
    }
}

/// <summary>
/// A dataset that fetches whole batches faster than sample by sample; loaders use it where it is there. PyTorch's <c>__getitems__</c>.
/// </summary>
/// <typeparam name="TBatch">A batch, e.g. <c>(Tensor, Tensor)</c>.</typeparam>
public interface IBatchSource<TBatch>
{
    /// <summary>Whether batches come from here; a wrapper of another dataset says whether that one can.</summary>
    bool HasBatches { get; }

    /// <summary>Whether a batch may come out differently each time, as that of images which are flipped at random; loaders then seed every epoch.</summary>
    bool IsRandom => false;

    /// <summary>The samples at the indices, as one batch.</summary>
    /// <param name="indices">Which, in order.</param>
    /// <param name="generator">Where random numbers come from; the default generator if left out.</param>
    TBatch GetBatch(ReadOnlySpan<int> indices, Generator? generator = null);
}
