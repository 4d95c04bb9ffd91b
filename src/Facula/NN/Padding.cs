using System.Runtime.CompilerServices;
using Facula.Backends;

namespace Facula.NN;

/// <summary>What is put around the input of a convolution: so many elements on both sides of each dimension of space, or as many as keep its size.</summary>
[CollectionBuilder(typeof(Padding), nameof(Create))]
public readonly struct Padding
{
    private Padding(SpatialSize widths, bool isSame) => (Widths, IsSame) = (widths, isSame);

    /// <summary>As much as makes the output as large as the input; for stride 1. Where that is uneven, the end gets one more, as in PyTorch.</summary>
    public static Padding Same { get; } = new(0, true);

    /// <summary>None.</summary>
    public static Padding Valid { get; } = new(0, false);

    /// <summary>Whether this is <see cref="Same"/>.</summary>
    public bool IsSame { get; }

    internal SpatialSize Widths { get => field.IsGiven ? field : 0; }

    /// <summary>The same on all sides.</summary>
    public static implicit operator Padding(int all) => new(all, false);

    /// <summary>At top and bottom, and at left and right.</summary>
    public static implicit operator Padding((int Height, int Width) value) => new(value, false);

    /// <summary>At front and back, at top and bottom, and at left and right.</summary>
    public static implicit operator Padding((int Depth, int Height, int Width) value) => new(value, false);

    /// <summary>The same on all sides, or one number for each dimension of space; a collection expression comes here.</summary>
    /// <exception cref="ArgumentException">There are no numbers, or more than three.</exception>
    public static Padding Create(ReadOnlySpan<int> widths) => new(SpatialSize.Create(widths), false);

    /// <summary>The widths given; none of <see cref="Same"/>, which depend on the kernel.</summary>
    public IEnumerator<int> GetEnumerator() => (IsSame ? default : Widths).GetEnumerator();

    internal static Padding Of(SpatialSize widths) => new(widths, false);

    /// <summary>The widths before and after each dimension of space.</summary>
    internal (int[] Before, int[] After) Of(int rank, string operation, int[] kernel, int[] stride, int[] dilation)
    {
        if (!IsSame)
        {
            int[] widths = Widths.Of(rank, operation, "padding", 0);
            return (widths, widths);
        }
        if (stride.AsSpan().IndexOfAnyExcept(1) >= 0) throw new ArgumentException($"{operation}: padding that keeps the size is only defined for stride 1.");
        int[] before = new int[rank], after = new int[rank];
        for (int d = 0; d < rank; d++)
        {
            int total = Check.Size(operation, Window.SpanOf(kernel[d], dilation[d]) - 1, "the padding that keeps the size");
            before[d] = total / 2;
            after[d] = total - before[d];
        }
        return (before, after);
    }

    /// <inheritdoc/>
    public override string ToString() => IsSame ? "same" : Widths.ToString();
}

/// <summary>What stands where padding reaches beyond the input.</summary>
public enum PaddingMode
{
    /// <summary>One value, 0 unless another is given.</summary>
    Constant,
    /// <summary>The input mirrored at its edge, which is not repeated.</summary>
    Reflect,
    /// <summary>The element at the edge.</summary>
    Replicate,
    /// <summary>The input from its other end.</summary>
    Circular,
}
