namespace Facula;

public partial class Tensor
{
    /// <summary>The tensor set beside itself so many times in each dimension; more numbers than dimensions add dimensions in front.
    /// torch.Tensor.repeat.</summary>
    /// <exception cref="ArgumentException">Fewer numbers than dimensions, or a negative one.</exception>
    public Tensor Repeat(params ReadOnlySpan<int> times)
    {
        int extra = times.Length - Rank;
        if (extra < 0) throw new ArgumentException($"Repeat: {times.Length} numbers for a tensor of shape {Shape}; give one for each dimension.");
        // [2, 3] twice and 4 times: [1, 2, 1, 3] expanded to [2, 2, 4, 3] and merged to [4, 12].
        var split = new int[2 * times.Length];
        var expanded = new int[split.Length];
        var shape = new int[times.Length];
        for (int d = 0; d < times.Length; d++)
        {
            if (times[d] < 0) throw new ArgumentException($"Repeat: nothing can be repeated {times[d]} times.", nameof(times));
            int size = d < extra ? 1 : Layout.Shape[d - extra];
            (split[2 * d], split[2 * d + 1]) = (1, size);
            (expanded[2 * d], expanded[2 * d + 1]) = (times[d], size);
            shape[d] = Check.Size("Repeat", (long)times[d] * size);
        }
        Tensor y = Reshape(split).Expand(expanded).Reshape(shape);
        return ReferenceEquals(y.Buffer, Buffer) ? y.CloneFor("Repeat") : y;
    }

    /// <summary>Like <see cref="Repeat"/>, but missing numbers count as 1 in front. torch.tile.</summary>
    public Tensor Tile(params ReadOnlySpan<int> times)
    {
        if (times.Length >= Rank) return Repeat(times);
        var all = new int[Rank];
        Array.Fill(all, 1);
        times.CopyTo(all.AsSpan(Rank - times.Length));
        return Repeat(all);
    }

    /// <summary>Each element along a dimension repeated in place: [1, 2] twice is [1, 1, 2, 2]. torch.repeat_interleave.</summary>
    public Tensor RepeatInterleave(int times, int dim)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(times);
        int d = Check.Dim("RepeatInterleave", dim, Rank);
        if (Rank == 0) return Reshape(1).RepeatInterleave(times, 0);
        int[] expanded = [.. Layout.Shape[..(d + 1)], times, .. Layout.Shape[(d + 1)..]];
        Tensor y = Unsqueeze(d + 1).Expand(expanded).Reshape([.. Layout.Shape[..d], Check.Size("RepeatInterleave", (long)Layout.Shape[d] * times),
            .. Layout.Shape[(d + 1)..]]);
        return ReferenceEquals(y.Buffer, Buffer) ? y.CloneFor("RepeatInterleave") : y;
    }

    /// <summary>Each element of the tensor as one line repeated in place. torch.repeat_interleave.</summary>
    public Tensor RepeatInterleave(int times) => Flatten().RepeatInterleave(times, 0);
}
