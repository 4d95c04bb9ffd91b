namespace Facula;

/// <summary>
/// Where the elements of a tensor lie in its storage: sizes, strides in elements, and the offset of the first one.
/// Immutable and shared; every view operation is a function from layout to layout.
/// </summary>
internal sealed class Layout
{
    public readonly int[] Shape;
    public readonly long[] Strides;
    public readonly long Offset;
    /// <summary>The number of elements.</summary>
    public readonly long Count;
    /// <summary>Row-major without gaps, from any offset.</summary>
    public readonly bool IsContiguous;

    /// <summary>
    /// Without gaps from offset 0, in the order in which convolutions work: sample, position, channel. Never seen from outside: results keep this order as long as
    /// operations follow each other, and whatever would show it asks for <see cref="Tensor.BecomePlain"/> first.
    /// </summary>
    public readonly bool IsChannelsLast;

    /// <summary>How many elements a storage has at least, for layouts without gaps; for others <see cref="Far"/>, and it takes a closer look.</summary>
    public readonly long End;

    /// <summary>More elements than any storage has.</summary>
    public const long Far = 1L << 59;

    public Layout(int[] shape, long[] strides, long offset) : this(shape, strides, offset, false) { }

    private Layout(int[] shape, long[] strides, long offset, bool channelsLast)
    {
        IsChannelsLast = channelsLast;
        (Shape, Strides, Offset) = (shape, strides, offset);
        long count = 1;
        bool contiguous = true;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            if (shape[d] != 1 && strides[d] != count) contiguous = false;
            count = checked(count * shape[d]);
        }
        Count = count;
        IsContiguous = contiguous || count == 0;
        if (count > 0) End = offset >= 0 && (contiguous || channelsLast) ? (long)Math.Min((ulong)offset + (ulong)count, Far) : Far;
    }

    public static readonly Layout Scalar = new([], [], 0);

    /// <summary>Row-major from offset 0.</summary>
    public static Layout Contiguous(int[] shape) => shape.Length == 0 ? Scalar : new(shape, RowMajor(shape), 0);

    /// <summary>Of samples, channels and one or more dimensions of space: from offset 0, the channels of a position side by side.</summary>
    public static Layout ChannelsLast(int[] shape)
    {
        var strides = new long[shape.Length];
        strides[1] = 1;
        long stride = Math.Max(1, shape[1]);
        for (int d = shape.Length - 1; d >= 2; d--)
        {
            strides[d] = stride;
            stride = checked(stride * Math.Max(1, shape[d]));
        }
        strides[0] = stride;
        return new(shape, strides, 0, true);
    }

    public static long[] RowMajor(int[] shape)
    {
        var strides = new long[shape.Length];
        long stride = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride = checked(stride * Math.Max(1, shape[d]));
        }
        return strides;
    }

    public int Rank => Shape.Length;

    /// <summary>Whether several elements are one in memory: only expanding does that.</summary>
    public bool Repeats
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

    /// <summary>This layout if it has no gaps and starts at offset 0, else a fresh one of the same shape: what a result of this shape gets.</summary>
    public Layout Dense => (IsContiguous && Offset == 0) || IsChannelsLast ? this : Contiguous(Shape);

    /// <summary>Whether both lie without gaps and in the same order, so that they can be walked through as one row.</summary>
    public bool IsAligned(Layout other) => ((IsContiguous && other.IsContiguous) || (IsChannelsLast && other.IsChannelsLast)) && SameShape(other);

    public bool SameShape(Layout other) => ReferenceEquals(this, other) || Shape.AsSpan().SequenceEqual(other.Shape);

    /// <summary>Whether the elements lie in the same order and as closely as in another layout of this shape, from any offset.</summary>
    public bool LiesAs(Layout other)
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
        if (IsContiguous) return new(shape, RowMajor(shape), Offset);
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

    public override string ToString() => $"[{string.Join(", ", Shape)}]";
}
