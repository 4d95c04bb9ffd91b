using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Facula;

/// <summary>
/// Where the elements of a tensor lie in its buffer: sizes, strides in elements, and the offset of the first one.
/// Immutable and shared; every view operation is a function from layout to layout.
/// </summary>
internal sealed class Layout
{
    public readonly int[] Shape;
    public readonly long[] Strides;
    public readonly long Offset;
    /// <summary>The number of elements.</summary>
    public readonly long Count;
    /// <summary>
    /// One past the last element that is reached; 0 if there is none. <see cref="Far"/> where it is at least that, or where negative strides,
    /// which only kernels see, lead back from the offset, so that it takes a closer look.
    /// </summary>
    public readonly long End;
    /// <summary>Row-major without gaps, from any offset.</summary>
    public readonly bool IsContiguous;

    /// <summary>
    /// Without gaps from offset 0, in the order sample, position, channel,
    /// where a backend's convolutions work in that (<see cref="Backends.Backend.ResultLayout"/>).
    /// Never seen
    /// from outside: results keep this order as long as operations follow each other,
    /// and whatever would show it asks for <see cref="Tensor.EnsureRowMajor"/> first.
    /// </summary>
    public readonly bool IsChannelsLast;

    /// <summary>The most dimensions a tensor has, as in PyTorch: loops keep an entry for each on the stack.</summary>
    public const int MaxRank = 64;

    /// <summary>More elements than any buffer has.</summary>
    public const long Far = 1L << 59;

    public Layout(int[] shape, long[] strides, long offset) : this(shape, strides, offset, false) { }

    private Layout(int[] shape, long[] strides, long offset, bool channelsLast)
    {
        IsChannelsLast = channelsLast;
        (Shape, Strides, Offset) = (shape, strides, offset);
        if (shape.Length > MaxRank) ThrowRank("Tensor", shape);
        long count = 1, last = offset;
        bool contiguous = true, straight = offset >= 0;
        try
        {
            for (int d = shape.Length - 1; d >= 0; d--)
            {
                if (shape[d] != 1 && strides[d] != count) contiguous = false;
                count = checked(count * shape[d]);
                if (strides[d] > 0) last = checked(last + (shape[d] - 1) * strides[d]);
                else if (strides[d] < 0) straight = false;
            }
        }
        catch (OverflowException)
        {
            ThrowCount("Tensor", shape);
        }
        Count = count;
        End = count == 0 ? 0 : straight ? Math.Min(last, Far - 1) + 1 : Far;
        IsContiguous = contiguous || count == 0;
    }

    [DoesNotReturn]
    private static void ThrowRank(string operation, int[] shape) => throw new ArgumentException(
        $"{operation}: a tensor has at most {MaxRank} dimensions, but {shape.Length} are asked for.");

    [DoesNotReturn]
    private static void ThrowCount(string operation, int[] shape) => throw new ArgumentException(
        $"{operation}: the sizes {new Shape(shape)} multiply to more than {long.MaxValue}, the most elements that can be counted.");

    public static readonly Layout Scalar = new([], [], 0);

    /// <summary>Row-major from offset 0.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="operation">Named in the error if there cannot be such a tensor.</param>
    public static Layout Contiguous(int[] shape, [CallerMemberName] string operation = "") =>
        shape.Length == 0 ? Scalar : new(shape, RowMajor(shape, operation), 0);

    /// <summary>Of samples, channels and one or more dimensions of space: from offset 0, the channels of a position side by side.</summary>
    public static Layout ChannelsLast(int[] shape, [CallerMemberName] string operation = "")
    {
        var strides = new long[shape.Length];
        strides[1] = 1;
        strides[0] = FillStrides(shape, strides, 2, Math.Max(1, shape[1]), operation);
        return new(shape, strides, 0, true);
    }

    /// <summary>Throws if no tensor can have these sizes; negative ones are left for others to see.</summary>
    public static void CheckShape(string operation, int[] shape) => RowMajor(shape, operation);

    private static long[] RowMajor(int[] shape, string operation)
    {
        if (shape.Length > MaxRank) ThrowRank(operation, shape);
        var strides = new long[shape.Length];
        FillStrides(shape, strides, 0, 1, operation);
        return strides;
    }

    /// <summary>Strides for the dimensions from the last to the first given one, the last of which is stepped through by this stride;
    /// what comes after them is returned.</summary>
    private static long FillStrides(int[] shape, long[] strides, int first, long stride, string operation)
    {
        try
        {
            for (int d = shape.Length - 1; d >= first; d--)
            {
                strides[d] = stride;
                stride = checked(stride * Math.Max(1, shape[d]));
            }
        }
        catch (OverflowException)
        {
            ThrowCount(operation, shape);
        }
        return stride;
    }

    public int Rank => Shape.Length;

    /// <summary>Whether several elements are one in memory: only expanding does that.</summary>
    public bool HasInternalOverlap
    {
        get
        {
            if (IsContiguous) return false;
            for (int d = 0; d < Shape.Length; d++)
            {
                if (Strides[d] == 0 && Shape[d] > 1) return true;
            }
            return false;
        }
    }

    /// <summary>What expanding repeats, once.</summary>
    public Layout WithoutOverlap
    {
        get
        {
            Layout once = this;
            for (int d = 0; d < Rank; d++)
            {
                if (Strides[d] == 0 && Shape[d] > 1) once = once.Slice(d, 0, 1);
            }
            return once;
        }
    }

    /// <summary>This layout if it has no gaps and starts at offset 0, else a fresh one of the same shape: what a result of this shape gets.</summary>
    public Layout Dense([CallerMemberName] string operation = "") => (IsContiguous && Offset == 0) || IsChannelsLast ? this : Contiguous(Shape, operation);

    /// <summary>Whether both lie without gaps and in the same order, so that they can be walked through as one row.</summary>
    public bool IsAligned(Layout other) => ((IsContiguous && other.IsContiguous) || (IsChannelsLast && other.IsChannelsLast)) && SameShape(other);

    public bool SameShape(Layout other) => ReferenceEquals(this, other) || Shape.AsSpan().SequenceEqual(other.Shape);

    /// <summary>Whether the elements lie in the same order and as closely as in another layout of this shape, from any offset.</summary>
    public bool HasStridesOf(Layout other)
    {
        for (int d = 0; d < Shape.Length; d++)
        {
            if (Shape[d] != 1 && Strides[d] != other.Strides[d] && Count > 0) return false;
        }
        return true;
    }

    /// <summary>The layout of the same elements in another shape, or null where that needs a copy. The counts must agree.</summary>
    public Layout? Reshape(int[] shape)
    {
        if (IsContiguous) return new(shape, RowMajor(shape, nameof(Reshape)), Offset);
        // Each run of old dimensions that lies evenly must be cut by the new shape exactly at its ends.
        var strides = new long[shape.Length];
        int newDim = shape.Length - 1;
        long run = 1, left = 1;
        int end = Rank - 1;
        while (end >= 0 && Shape[end] == 1) end--;
        long baseStride = end < 0 ? 1 : Strides[end];
        for (int d = end; d >= 0; d--)
        {
            run *= Shape[d];
            bool last = d == 0 || (Shape[d - 1] != 1 && Strides[d - 1] != run * baseStride);
            if (!last) continue;
            while (newDim >= 0 && (left < run || shape[newDim] == 1))
            {
                strides[newDim] = left * baseStride;
                left *= shape[newDim--];
            }
            if (left != run) return null;
            if (d > 0)
            {
                baseStride = Strides[d - 1];
                run = left = 1;
            }
        }
        while (newDim >= 0) strides[newDim--] = left * baseStride;
        return new(shape, strides, Offset);
    }

    public Layout Permute(ReadOnlySpan<int> dims)
    {
        var shape = new int[Rank];
        var strides = new long[Rank];
        for (int i = 0; i < dims.Length; i++) (shape[i], strides[i]) = (Shape[dims[i]], Strides[dims[i]]);
        return new(shape, strides, Offset);
    }

    public Layout Transpose(int a, int b)
    {
        var shape = (int[])Shape.Clone();
        var strides = (long[])Strides.Clone();
        (shape[a], shape[b]) = (shape[b], shape[a]);
        (strides[a], strides[b]) = (strides[b], strides[a]);
        return new(shape, strides, Offset);
    }

    /// <summary>To a larger shape by repeating dimensions of size 1 (stride 0) and adding dimensions in front; null if that cannot be.</summary>
    public Layout? Expand(int[] shape)
    {
        if (shape.AsSpan().SequenceEqual(Shape)) return this;
        int extra = shape.Length - Rank;
        if (extra < 0) return null;
        var strides = new long[shape.Length];
        for (int d = 0; d < Rank; d++)
        {
            if (Shape[d] == shape[d + extra]) strides[d + extra] = Strides[d];
            else if (Shape[d] != 1) return null;
        }
        return new(shape, strides, Offset);
    }

    /// <summary>Every step-th of the elements start .. start+length*step along a dimension.</summary>
    public Layout Slice(int dim, int start, int length, int step = 1)
    {
        var shape = (int[])Shape.Clone();
        var strides = (long[])Strides.Clone();
        shape[dim] = length;
        strides[dim] *= step;
        return new(shape, strides, length == 0 ? Offset : Offset + start * Strides[dim]);
    }

    public Layout Select(int dim, int index) => Remove(dim, Offset + index * Strides[dim]);

    public Layout Squeeze(int dim) => Remove(dim, Offset);

    private Layout Remove(int dim, long offset)
    {
        var shape = new int[Rank - 1];
        var strides = new long[Rank - 1];
        for (int d = 0, i = 0; d < Rank; d++)
        {
            if (d != dim) (shape[i], strides[i++]) = (Shape[d], Strides[d]);
        }
        return new(shape, strides, offset);
    }

    public Layout Unsqueeze(int dim)
    {
        var shape = new int[Rank + 1];
        var strides = new long[Rank + 1];
        for (int d = 0; d <= Rank; d++)
        {
            if (d == dim) (shape[d], strides[d]) = (1, d < Rank ? Strides[d] * Shape[d] : 1);
            else (shape[d], strides[d]) = (Shape[d < dim ? d : d - 1], Strides[d < dim ? d : d - 1]);
        }
        return new(shape, strides, Offset);
    }

    /// <summary>The shape both broadcast to, or null.</summary>
    public static int[]? Broadcast(int[] a, int[] b)
    {
        if (a.AsSpan().SequenceEqual(b)) return a;
        if (a.Length < b.Length) (a, b) = (b, a);
        var shape = (int[])a.Clone();
        int extra = a.Length - b.Length;
        for (int d = 0; d < b.Length; d++)
        {
            if (a[d + extra] == b[d] || b[d] == 1) continue;
            if (a[d + extra] != 1) return null;
            shape[d + extra] = b[d];
        }
        return shape;
    }

    /// <summary>Where the i-th element in row-major order lies, from the beginning of the memory.</summary>
    public long OffsetOf(long i)
    {
        long offset = Offset;
        for (int d = Rank - 1; d >= 0; d--)
        {
            offset += i % Shape[d] * Strides[d];
            i /= Shape[d];
        }
        return offset;
    }

    public override string ToString() => $"[{string.Join(", ", Shape)}]";
}
