namespace Facula.Data;

/// <summary>The order in which a loader visits a dataset; a new one each epoch. torch.utils.data.Sampler.</summary>
public abstract class Sampler
{
    /// <summary>How many indices an epoch has.</summary>
    public abstract int Count { get; }

    /// <summary>The indices of one epoch.</summary>
    public abstract int[] NextEpoch();
}

/// <summary>0, 1, 2, ... torch.utils.data.SequentialSampler.</summary>
public sealed class SequentialSampler(int count) : Sampler
{
    /// <inheritdoc/>
    public override int Count => count;

    /// <inheritdoc/>
    public override int[] NextEpoch() => [.. Enumerable.Range(0, count)];
}

/// <summary>Every index once in random order, or with replacement any number of random ones. torch.utils.data.RandomSampler.</summary>
public sealed class RandomSampler(int count, bool replacement = false, int? samples = null, Generator? generator = null) : Sampler
{
    /// <inheritdoc/>
    public override int Count => samples ?? count;

    /// <inheritdoc/>
    public override int[] NextEpoch()
    {
        if (replacement) return Tensor.RandInt(0, count, [Count], DType.Int32, generator: generator).ToArray<int>();
        int[] order = Tensor.RandPerm(count, generator: generator).ToArray<int>();
        return Count == count ? order : order[..Math.Min(Count, count)];
    }
}

/// <summary>Some given indices in random order. torch.utils.data.SubsetRandomSampler.</summary>
public sealed class SubsetRandomSampler(IReadOnlyList<int> indices, Generator? generator = null) : Sampler
{
    /// <inheritdoc/>
    public override int Count => indices.Count;

    /// <inheritdoc/>
    public override int[] NextEpoch() => Array.ConvertAll(Tensor.RandPerm(indices.Count, generator: generator).ToArray<int>(), i => indices[i]);
}

/// <summary>Indices drawn with probabilities proportional to their weights, with replacement. torch.utils.data.WeightedRandomSampler.</summary>
public sealed class WeightedRandomSampler(IReadOnlyList<double> weights, int samples, Generator? generator = null) : Sampler
{
    private readonly double[] _sums = RunningSums(weights);

    /// <inheritdoc/>
    public override int Count => samples;

    /// <inheritdoc/>
    public override int[] NextEpoch()
    {
        double[] draws = Tensor.Rand([samples], DType.Float64, generator: generator).ToArray<double>();
        return Array.ConvertAll(draws, draw =>
        {
            int at = Array.BinarySearch(_sums, draw * _sums[^1]);
            // Found exactly means the draw lies on an upper end, which belongs to the next index.
            return Math.Min(at >= 0 ? at + 1 : ~at, _sums.Length - 1);
        });
    }

    private static double[] RunningSums(IReadOnlyList<double> weights)
    {
        var sums = new double[weights.Count];
        double sum = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            if (!(weights[i] >= 0)) throw new ArgumentException($"WeightedRandomSampler: weight {i} is {weights[i]}; weights are not negative.", nameof(weights));
            sums[i] = sum += weights[i];
        }
        return sum > 0 ? sums : throw new ArgumentException("WeightedRandomSampler: the weights add up to 0.", nameof(weights));
    }
}
