namespace Facula.Data;

/// <summary>
/// Makes a batch of samples: tensors are stacked, numbers become a tensor, tuples and arrays are taken apart. torch.utils.data.default_collate.
/// </summary>
public static class Collate
{
    /// <summary>The tensors along a new first dimension.</summary>
    /// <exception cref="ArgumentException">There are none, or their shapes differ.</exception>
    public static Tensor Default(IReadOnlyList<Tensor> samples) => Tensor.Stack(samples);

    /// <summary>Inputs and targets, each stacked.</summary>
    /// <inheritdoc cref="Default(IReadOnlyList{Tensor})"/>
    public static (Tensor Inputs, Tensor Targets) Default(IReadOnlyList<(Tensor, Tensor)> samples) =>
        (Part(samples, s => s.Item1), Part(samples, s => s.Item2));

    /// <summary>Inputs, stacked, and their class labels as Int64.</summary>
    /// <inheritdoc cref="Default(IReadOnlyList{Tensor})"/>
    public static (Tensor Inputs, Tensor Targets) Default(IReadOnlyList<(Tensor, int)> samples) =>
        (Part(samples, s => s.Item1), Default([.. samples.Select(s => s.Item2)]));

    /// <summary>Three tensors, each stacked.</summary>
    /// <inheritdoc cref="Default(IReadOnlyList{Tensor})"/>
    public static (Tensor, Tensor, Tensor) Default(IReadOnlyList<(Tensor, Tensor, Tensor)> samples) =>
        (Part(samples, s => s.Item1), Part(samples, s => s.Item2), Part(samples, s => s.Item3));

    /// <summary>Four tensors, each stacked.</summary>
    /// <inheritdoc cref="Default(IReadOnlyList{Tensor})"/>
    public static (Tensor, Tensor, Tensor, Tensor) Default(IReadOnlyList<(Tensor, Tensor, Tensor, Tensor)> samples) =>
        (Part(samples, s => s.Item1), Part(samples, s => s.Item2), Part(samples, s => s.Item3), Part(samples, s => s.Item4));

    /// <summary>Any number of tensors, each stacked; all samples must have equally many.</summary>
    /// <inheritdoc cref="Default(IReadOnlyList{Tensor})"/>
    public static Tensor[] Default(IReadOnlyList<Tensor[]> samples)
    {
        Tensor[][] rows = Check.NoneNull(samples, operation: nameof(Collate));
        if (rows.Length == 0) throw new ArgumentException("Collate: there are no samples.", nameof(samples));
        int count = rows[0].Length;
        if (rows.Any(row => row.Length != count))
            throw new ArgumentException($"Collate: the first sample has {count} tensors, but not all others have as many.", nameof(samples));
        return [.. Enumerable.Range(0, count).Select(i => Part(rows, row => row[i]))];
    }

    /// <summary>Whole numbers as Int64, as labels are.</summary>
    public static Tensor Default(IReadOnlyList<int> samples) =>
        Tensor.From<long>([.. Check.NotNull(samples, operation: nameof(Collate)).Select(value => (long)value)]);

    /// <summary>Numbers as Float32.</summary>
    public static Tensor Default(IReadOnlyList<float> samples) => Tensor.From<float>([.. Check.NotNull(samples, operation: nameof(Collate))]);

    private static Tensor Part<T>(IReadOnlyList<T> samples, Func<T, Tensor> part) =>
        Tensor.Stack([.. Check.NotNull(samples, operation: nameof(Collate)).Select(part)]);
}
