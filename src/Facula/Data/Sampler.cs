namespace Facula.Data;

/// <summary>The order in which a loader visits a dataset; a new one each epoch. torch.utils.data.Sampler.</summary>
public abstract class Sampler
{
    /// <summary>How many indices an epoch has.</summary>
    public abstract long Count { get; }

    /// <summary>
    /// The indices of one epoch, which may be made one by one as they are asked for; an override may return an array.
    /// The samplers here take what they need of their generator in this call, so that it stands where it will stand after the epoch.
    /// </summary>
    public abstract IEnumerable<int> NextEpoch();
}

/// <summary>0, 1, 2, ... torch.utils.data.SequentialSampler.</summary>
public sealed class SequentialSampler(int count) : Sampler
{
    private readonly int _count = count >= 0 ? count
        : throw new ArgumentOutOfRangeException(nameof(count), count, "SequentialSampler: a number of indices is not negative.");

    /// <inheritdoc/>
    public override long Count => _count;

    /// <inheritdoc/>
    public override IEnumerable<int> NextEpoch() => Enumerable.Range(0, _count);
}

/// <summary>
/// Every index once in random order, and those over again in another one where more samples are asked for; or, with replacement, random indices.
/// torch.utils.data.RandomSampler.
/// </summary>
public sealed class RandomSampler : Sampler
{
    private readonly int _count;
    private readonly bool _replacement;
    private readonly Generator _generator;

    /// <summary>A sampler of so many indices.</summary>
    /// <param name="count">How many indices there are to choose from.</param>
    /// <param name="replacement">Whether each is drawn from all, whatever was drawn before.</param>
    /// <param name="samples">How many an epoch has; as many as there are if left out. They are drawn as they are asked for.</param>
    /// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or there are samples to draw from nothing.</exception>
    public RandomSampler(int count, bool replacement = false, long? samples = null, Generator? generator = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (samples is < 0 || (samples is > 0 && count == 0))
            throw new ArgumentOutOfRangeException(nameof(samples), samples, $"RandomSampler: {samples} samples cannot be drawn from {count} indices.");
        (_count, _replacement, Count, _generator) = (count, replacement, samples ?? count, generator ?? Generator.Default);
    }

    /// <inheritdoc/>
    public override long Count { get; }

    /// <inheritdoc/>
    public override IEnumerable<int> NextEpoch()
    {
        if (Count == 0) return [];
        if (_replacement) return Draw(_generator.Take(RandomSequence.Blocks(Count)));
        long rounds = (Count - 1) / _count + 1;
        return Permute(_generator.Take((long)Int128.Min(long.MaxValue, (Int128)rounds * RandomSequence.Blocks(_count))));
    }

    private IEnumerable<int> Draw((ulong Key, ulong Counter) place)
    {
        var random = new RandomSequence(place);
        for (long i = 0; i < Count; i++) yield return (int)random.Below(_count);
    }

    private IEnumerable<int> Permute((ulong Key, ulong Counter) place)
    {
        var order = new int[_count];
        for (long start = 0; start < Count; start += _count)
        {
            for (int i = 0; i < order.Length; i++) order[i] = i;
            new RandomSequence(place).Shuffle<int>(order);
            place.Counter += (ulong)RandomSequence.Blocks(_count);
            for (int i = 0; i < order.Length && i < Count - start; i++) yield return order[i];
        }
    }
}

/// <summary>Some given indices in random order. torch.utils.data.SubsetRandomSampler.</summary>
public sealed class SubsetRandomSampler(IReadOnlyList<int> indices, Generator? generator = null) : Sampler
{
    private readonly int[] _indices = [.. indices ?? throw new ArgumentNullException(nameof(indices))];

    /// <inheritdoc/>
    public override long Count => _indices.Length;

    /// <inheritdoc/>
    public override IEnumerable<int> NextEpoch()
    {
        int[] order = [.. _indices];
        new RandomSequence(generator, order.Length).Shuffle<int>(order);
        return order;
    }
}

/// <summary>Indices drawn with probabilities proportional to their weights, with replacement, as they are asked for.
/// torch.utils.data.WeightedRandomSampler.</summary>
public sealed class WeightedRandomSampler(IReadOnlyList<double> weights, long samples, Generator? generator = null) : Sampler
{
    private readonly double[] _sums = RunningSums(weights);

    /// <inheritdoc/>
    public override long Count { get; } = samples >= 0 ? samples
        : throw new ArgumentOutOfRangeException(nameof(samples), samples, "WeightedRandomSampler: the number of samples is not negative.");

    /// <inheritdoc/>
    public override IEnumerable<int> NextEpoch() => Draw((generator ?? Generator.Default).Take(RandomSequence.Blocks(Count)));

    private IEnumerable<int> Draw((ulong Key, ulong Counter) place)
    {
        var random = new RandomSequence(place);
        for (long i = 0; i < Count; i++) yield return IndexAt(_sums, random.Unit() * _sums[^1]);
    }

    /// <summary>The index whose weight a place in the running sums falls to: the first whose sum is beyond it;
    /// at the very end, the last that weighs anything.</summary>
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
        ArgumentNullException.ThrowIfNull(weights);
        var sums = new double[weights.Count];
        double sum = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            if (!(weights[i] >= 0))
                throw new ArgumentException($"WeightedRandomSampler: weight {i} is {weights[i]}; weights are not negative.", nameof(weights));
            sums[i] = sum += weights[i];
        }
        return sum is > 0 and < double.PositiveInfinity ? sums
            : throw new ArgumentException($"WeightedRandomSampler: the weights add up to {sum}; that must be a positive number.", nameof(weights));
    }
}
