namespace Facula.Data;

/// <summary>Functions over datasets.</summary>
public static class DatasetExtensions
{
    /// <summary>
    /// Cuts a dataset at random into parts of the given sizes without overlap:
    /// <c>var (train, validation) = dataset.RandomSplit([50_000, 10_000]);</c> torch.utils.data.random_split.
    /// </summary>
    /// <exception cref="ArgumentException">The sizes do not add up to the number of samples.</exception>
    public static Subset<T>[] RandomSplit<T>(this Dataset<T> dataset, IReadOnlyList<int> sizes, Generator? generator = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(sizes);
        if (sizes.Any(size => size < 0) || sizes.Sum(size => (long)size) != dataset.Count)
            throw new ArgumentException($"RandomSplit: sizes {string.Join(" + ", sizes)} must add up to the {dataset.Count} samples of the dataset.",
                nameof(sizes));
        int[] order = Tensor.RandPerm(dataset.Count, device: Device.Cpu, generator: generator).ToArray<int>();
        var parts = new Subset<T>[sizes.Count];
        for (int i = 0, start = 0; i < parts.Length; start += sizes[i++]) parts[i] = new(dataset, order[start..(start + sizes[i])]);
        return parts;
    }

    /// <summary>
    /// Cuts a dataset at random into parts of the given shares without overlap: <c>var (train, validation) = dataset.RandomSplit([0.9, 0.1]);</c> Each part
    /// gets its share rounded down; the samples that are left go to the parts in turn. torch.utils.data.random_split.
    /// </summary>
    /// <exception cref="ArgumentException">A share is negative, or they do not add up to 1.</exception>
    public static Subset<T>[] RandomSplit<T>(this Dataset<T> dataset, IReadOnlyList<double> fractions, Generator? generator = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(fractions);
        if (fractions.Any(fraction => !(fraction >= 0)) || !(Math.Abs(fractions.Sum() - 1) <= 1e-9))
            throw new ArgumentException($"RandomSplit: fractions {string.Join(" + ", fractions)} must not be negative and must add up to 1.",
                nameof(fractions));
        int[] sizes = [.. fractions.Select(fraction => (int)Math.Floor(dataset.Count * fraction))];
        int left = dataset.Count - sizes.Sum();
        for (int i = 0; i < left; i++) sizes[i % sizes.Length]++;
        return dataset.RandomSplit(sizes, generator);
    }

    /// <summary>Takes two parts apart.</summary>
    public static void Deconstruct<T>(this Subset<T>[] parts, out Subset<T> first, out Subset<T> second) => (first, second) = (Of(parts, 2)[0], parts[1]);

    /// <summary>Takes three parts apart.</summary>
    public static void Deconstruct<T>(this Subset<T>[] parts, out Subset<T> first, out Subset<T> second, out Subset<T> third) =>
        (first, second, third) = (Of(parts, 3)[0], parts[1], parts[2]);

    private static Subset<T>[] Of<T>(Subset<T>[] parts, int count) => Check.NotNull(parts).Length >= count ? parts
        : throw new ArgumentException($"Deconstruct: {parts.Length} parts cannot be taken apart into {count}.", nameof(parts));
}
