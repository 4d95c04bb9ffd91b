using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facula.Backends;

internal abstract partial class Backend
{
    /// <summary>Slices of x along a dimension, picked by a rank-1 index.</summary>
    public virtual void IndexSelect(in Operand x, in Operand index, in Operand y, int dim, [CallerMemberName] string operation = "")
    {
        LookUp(index, x.Layout.Shape[dim], dim, operation);
        Gather(x, ExpandIndex(index, y.Layout, dim), y, dim, operation);
    }

    /// <summary>
    /// Adds (or writes) slices of x to those of y that a rank-1 index names, in order of the index. Slices that are not named may overlap with others
    /// (several indexed dimensions seen as one leave gaps), so they must be neither read nor written; then y is of no 16-bit floats.
    /// </summary>
    public virtual void IndexPut(in Operand x, in Operand index, in Operand y, int dim, bool add, [CallerMemberName] string operation = "")
    {
        LookUp(index, y.Layout.Shape[dim], dim, operation);
        Scatter(x, ExpandIndex(index, x.Layout, dim), y, dim, add, operation);
    }

    /// <summary>Finds what is out of range in a rank-1 index, so that the error names its element: a 0 is picked for each, of as many as there are.</summary>
    private void LookUp(in Operand index, int size, int dim, string operation)
    {
        int[] ones = [.. Enumerable.Repeat(1, dim)], line = [.. ones, index.Layout.Shape[0]];
        using Scratch zero = new(this, [1], DType.Int64), picked = new(this, line, DType.Int64);
        Fill(zero.Operand, 0);
        Gather(zero.Operand.With(new([.. ones, size], new long[dim + 1], 0)), ExpandIndex(index, picked.Operand.Layout, dim), picked.Operand, dim, operation);
    }

    /// <summary>A rank-1 index for every line along a dimension.</summary>
    protected static Operand ExpandIndex(in Operand index, Layout over, int dim)
    {
        var strides = new long[over.Rank];
        strides[dim] = index.Layout.Strides[0];
        return index.With(new(over.Shape, strides, index.Layout.Offset));
    }

    /// <summary>
    /// y[i] = sum over k of indices[k][i] * strides[k], each index counted from the end where negative and then checked against sizes[k].
    /// y is Int64; the indices are Int64 and broadcast to it. dims name the indices in errors, which come as those of
    /// <see cref="Gather"/>.
    /// </summary>
    public virtual void LinearIndex(ReadOnlySpan<Operand> indices, ReadOnlySpan<int> sizes, ReadOnlySpan<long> strides, ReadOnlySpan<int> dims, in Operand y)
    {
        Fill(y, 0);
        using var places = new Scratch(this, y.Layout.Shape, DType.Int64);
        for (int k = 0; k < indices.Length; k++)
        {
            Map(new PlaceFromEndMap(sizes[k]), DType.Int64, places.Operand, indices[k]);
            LookUp(View(places.Operand, Check.Count(y.Layout.Count)), sizes[k], dims[k], "Index");
            Map2(new LinearIndexMap(strides[k]), DType.Int64, y, y, places.Operand);
        }
    }

    /// <summary>The number of elements that are not zero. Waits for the device.</summary>
    public virtual long CountNonZero(in Operand x)
    {
        using var count = new Scratch(this, [], DType.Int64);
        Reduce(new NonZeroReduce(), x.DType.IsFloatingPoint ? DType.Float64 : DType.Int64, count.Operand, x);
        long found = 0;
        Download(count.Operand.Buffer, 0, MemoryMarshal.AsBytes(new Span<long>(ref found)));
        return found;
    }

    /// <summary>The indices of the elements that are not zero, one row each, into an Int64 matrix.</summary>
    public virtual void NonZero(in Operand x, in Operand y)
    {
        int count = Check.Count(x.Layout.Count), rows = y.Layout.Shape[0];
        using Scratch sums = new(this, [count], DType.Int64), found = new(this, [count], DType.Int64), numbers = new(this, [count], DType.Int64);
        using var places = new Scratch(this, [rows + 1], DType.Int64);
        Map(new IsNonZeroMap(), x.DType.IsFloatingPoint ? DType.Float64 : DType.Int64, View(found.Operand, x.Layout.Shape), x);
        if (count > 0) CumSum(found.Operand, sums.Operand, 0);
        // What is zero, and what another thread has made not zero since they were counted, goes to a row of its own, which nobody wants.
        Map2(new RowMap(rows), DType.Int64, sums.Operand, found.Operand, sums.Operand);
        Iota(numbers.Operand, 0);
        Fill(places.Operand, 0);
        Scatter(numbers.Operand, sums.Operand, places.Operand, 0, add: false);
        Operand wanted = places.Operand.With(places.Operand.Layout.Slice(0, 0, rows));
        long inner = 1;
        for (int d = x.Layout.Rank - 1; d >= 0; d--)
        {
            Layout column = new([rows], [y.Layout.Strides[0]], y.Layout.Offset + d * y.Layout.Strides[1]);
            Map(new CoordinateMap(inner, x.Layout.Shape[d]), DType.Int64, y.With(column), wanted);
            inner *= Math.Max(1, x.Layout.Shape[d]);
        }
    }
}
