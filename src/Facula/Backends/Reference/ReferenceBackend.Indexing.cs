using System.Runtime.CompilerServices;

namespace Facula.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    public override void Gather(in Operand x, in Operand index, in Operand y, int dim, [CallerMemberName] string operation = "")
    {
        Elements from = new(x), at = new(index), to = new(y);
        for (long i = 0; i < y.Layout.Count; i++)
        {
            long source = Position(y.Layout.Shape, i, dim, Checked(at.Integer(i), x.Layout.Shape[dim], dim, i, operation), x.Layout.Shape);
            Move(from, source, to, i, y.DType);
        }
    }

    public override void IndexSelect(in Operand x, in Operand index, in Operand y, int dim, [CallerMemberName] string operation = "")
    {
        Elements from = new(x), at = new(index), to = new(y);
        for (long i = 0; i < y.Layout.Count; i++)
        {
            long k = Coordinate(y.Layout.Shape, i, dim);
            Move(from, Position(y.Layout.Shape, i, dim, Checked(at.Integer(k), x.Layout.Shape[dim], dim, k, operation), x.Layout.Shape), to, i, y.DType);
        }
    }

    public override void Scatter(in Operand x, in Operand index, in Operand y, int dim, bool add, [CallerMemberName] string operation = "")
    {
        var at = new Elements(index);
        var targets = new long[index.Layout.Count];
        for (long i = 0; i < targets.Length; i++)
            targets[i] = Position(index.Layout.Shape, i, dim, Checked(at.Integer(i), y.Layout.Shape[dim], dim, i, operation), y.Layout.Shape);
        Put(x, targets, y, add);
    }

    public override void IndexPut(in Operand x, in Operand index, in Operand y, int dim, bool add, [CallerMemberName] string operation = "")
    {
        var at = new Elements(index);
        var targets = new long[x.Layout.Count];
        for (long i = 0; i < targets.Length; i++)
        {
            long k = Coordinate(x.Layout.Shape, i, dim);
            targets[i] = Position(x.Layout.Shape, i, dim, Checked(at.Integer(k), y.Layout.Shape[dim], dim, k, operation), y.Layout.Shape);
        }
        Put(x, targets, y, add);
    }

    public override void LinearIndex(ReadOnlySpan<Operand> indices, ReadOnlySpan<int> sizes, ReadOnlySpan<long> strides, ReadOnlySpan<int> dims, in Operand y)
    {
        var to = new Elements(y);
        for (long i = 0; i < y.Layout.Count; i++)
        {
            long sum = 0;
            for (int k = 0; k < indices.Length; k++)
            {
                long index = new Elements(indices[k], y.Layout).Integer(i);
                Checked(index < 0 ? index + sizes[k] : index, sizes[k], dims[k], i, "Index", index);
                sum += (index < 0 ? index + sizes[k] : index) * strides[k];
            }
            to.Set(i, sum);
        }
    }

    public override long CountNonZero(in Operand x)
    {
        var from = new Elements(x);
        long count = 0;
        for (long i = 0; i < x.Layout.Count; i++)
        {
            if (IsNonZero(from, i, x.DType)) count++;
        }
        return count;
    }

    public override void NonZero(in Operand x, in Operand y)
    {
        Elements from = new(x), to = new(y);
        long row = 0, rows = y.Layout.Shape[0];
        for (long i = 0; i < x.Layout.Count && row < rows; i++)
        {
            if (!IsNonZero(from, i, x.DType)) continue;
            for (int d = 0; d < x.Layout.Rank; d++) to.Set(row * x.Layout.Rank + d, Coordinate(x.Layout.Shape, i, d));
            row++;
        }
        // Where another thread has changed elements since they were counted.
        for (long i = row * x.Layout.Rank; i < y.Layout.Count; i++) to.Set(i, 0);
    }

    private static bool IsNonZero(in Elements x, long i, DType type) => type.IsFloatingPoint ? x.Float(i) != 0 : x.Integer(i) != 0;

    /// <summary>Writes or adds element i of x at targets[i] of y, in order; sums are rounded once.</summary>
    private static void Put(in Operand x, long[] targets, in Operand y, bool add)
    {
        Elements from = new(x), to = new(y);
        var sums = new double[y.Layout.Count];
        var wholes = new long[y.Layout.Count];
        bool real = y.DType.IsFloatingPoint;
        for (long i = 0; i < sums.Length; i++)
        {
            if (real) sums[i] = to.Float(i);
            else wholes[i] = to.Integer(i);
        }
        for (long i = 0; i < targets.Length; i++)
        {
            if (real) sums[targets[i]] = (add ? sums[targets[i]] : 0) + from.Float(i);
            else wholes[targets[i]] = (add ? wholes[targets[i]] : 0) + from.Integer(i);
        }
        foreach (long target in targets)
        {
            if (real) to.Set(target, sums[target]);
            else to.Set(target, wholes[target]);
        }
    }

    private static void Move(in Elements from, long source, in Elements to, long target, DType type)
    {
        if (type.IsFloatingPoint) to.Set(target, from.Float(source));
        else to.Set(target, from.Integer(source));
    }

    private static long Checked(long index, long size, int dim, long position, string operation, long? given = null)
    {
        if (index < 0 || index >= size) IndexError.Throw(operation, given ?? index, size, dim, position);
        return index;
    }

    /// <summary>The coordinate along a dimension of the i-th element in row-major order.</summary>
    private static long Coordinate(int[] shape, long i, int dim)
    {
        for (int d = shape.Length - 1; d > dim; d--) i /= shape[d];
        return i % shape[dim];
    }

    /// <summary>The place, in row-major order of another shape, of the i-th element of a shape with one coordinate replaced.</summary>
    private static long Position(int[] shape, long i, int dim, long replaced, int[] other)
    {
        long position = 0, stride = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            position += (d == dim ? replaced : i % shape[d]) * stride;
            stride *= other[d];
            i /= shape[d];
        }
        return position;
    }
}
