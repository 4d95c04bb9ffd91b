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
    public override int Count { get; } = count >= 0 ? count
        : throw new ArgumentOutOfRangeException(nameof(count), count, "SequentialSampler: the number of indices is not negative.");

    /// <inheritdoc/>
    public override int[] NextEpoch() => [.. Enumerable.Range(0, Count)];
}

/// <summary>
/// Every index once in random order, and those over again in another one where more samples are asked for; or, with replacement, random indices.
/// torch.utils.data.RandomSampler.
/// </summary>
public sealed class RandomSampler : Sampler
{
    private readonly int _count;
    private readonly bool _replacement;
    private readonly Generator? _generator;

    /// <summary>A sampler of so many indices.</summary>
    /// <param name="count">How many indices there are to choose from.</param>
    /// <param name="replacement">Whether each is drawn from all, whatever was drawn before.</param>
    /// <param name="samples">How many an epoch has; as many as there are if left out.</param>
    /// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or there are samples to draw from nothing.</exception>
    public RandomSampler(int count, bool replacement = false, int? samples = null, Generator? generator = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (samples is < 0 || (samples is > 0 && count == 0))
            throw new ArgumentOutOfRangeException(nameof(samples), samples, $"RandomSampler: {samples} samples cannot be drawn from {count} indices.");
        (_count, _replacement, Count, _generator) = (count, replacement, samples ?? count, generator);
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override int[] NextEpoch()
    {
        if (_replacement) return Count == 0 ? [] : Tensor.RandInt(0, _count, [Count], DType.Int32, generator: _generator).ToArray<int>();
        var order = new int[Count];
        for (int start = 0; start < order.Length; start += _count)
        {
            int[] permutation = Tensor.RandPerm(_count, generator: _generator).ToArray<int>();
            permutation.AsSpan(0, Math.Min(_count, order.Length - start)).CopyTo(order.AsSpan(start));
        }
        return order;
    }
}

/// <summary>Some given indices in random order. torch.utils.data.SubsetRandomSampler.</summary>
public sealed class SubsetRandomSampler(IReadOnlyList<int> indices, Generator? generator = null) : Sampler
{
    private readonly IReadOnlyList<int> _indices = Check.NotNull(indices, operation: nameof(SubsetRandomSampler));

    /// <inheritdoc/>
    public override int Count => _indices.Count;

    /// <inheritdoc/>
    public override int[] NextEpoch() => Array.ConvertAll(Tensor.RandPerm(Count, generator: generator).ToArray<int>(), i => _indices[i]);
}

/// <summary>Indices drawn with probabilities proportional to their weights, with replacement. torch.utils.data.WeightedRandomSampler.</summary>
public sealed class WeightedRandomSampler(IReadOnlyList<double> weights, int samples, Generator? generator = null) : Sampler
{
    private readonly double[] _sums = RunningSums(weights);

    /// <inheritdoc/>
    public override int Count { get; } = samples >= 0 ? samples
        : throw new ArgumentOutOfRangeException(nameof(samples), samples, "WeightedRandomSampler: the number of samples is not negative.");

    /// <inheritdoc/>
    public override int[] NextEpoch() =>
        Array.ConvertAll(Tensor.Rand([Count], DType.Float64, generator: generator).ToArray<double>(), draw => IndexAt(_sums, draw * _sums[^1]));

    /// <summary>The index whose weight a place in the running sums falls to: the first whose sum is beyond it; at the very end, the last that weighs anything.</summary>
    internal static int IndexAt(double[] sums, double place)
    {
        // Equal sums are those of indices that weigh nothing, of which none may be chosen.
        int low = 0, high = sums.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sums[middle] > place || sums[middle] == sums[^1]) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    private static double[] RunningSums(IReadOnlyList<double> weights)
    {
        var sums = new double[Check.NotNull(weights, operation: nameof(WeightedRandomSampler)).Count];
        double sum = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            if (!(weights[i] >= 0)) throw new ArgumentException($"WeightedRandomSampler: weight {i} is {weights[i]}; weights are not negative.", nameof(weights));
            sums[i] = sum += weights[i];
        }
        return sum is > 0 and < double.PositiveInfinity ? sums
            : throw new ArgumentException($"WeightedRandomSampler: the weights add up to {sum}; that must be a positive number.", nameof(weights));
    }
}
