namespace Facula.Backends;

internal abstract partial class Backend
{
    /// <summary>Values and first indices of the largest (or smallest) elements along a dimension, of size 1 in both results;
    /// NaN counts as the most extreme.</summary>
    public virtual void ArgReduce(in Operand x, in Operand values, in Operand indices, int dim, bool largest)
    {
        if (largest) Reduce(new MaxReduce(), x.DType, values, x);
        else Reduce(new MinReduce(), x.DType, values, x);
        // In a type that holds both the elements and their positions.
        DType wide = x.DType.IsFloatingPoint ? DType.Float64 : DType.Int64;
        using var positions = new Scratch(this, Along(x.Layout.Rank, dim, x.Layout.Shape[dim]), DType.Int64);
        using var places = new Scratch(this, x.Layout.Shape, wide);
        Iota(positions.Operand, dim);
        Map3(new PlaceMap(), wide, places.Operand, x, values, positions.Operand);
        Reduce(new MinReduce(), wide, indices, places.Operand);
    }

    /// <summary>Running sums along a dimension. Strides may be negative: then they run backwards.</summary>
    public virtual void CumSum(in Operand x, in Operand y, int dim)
    {
        // By doubling how many terms each has (Hillis and Steele 1986), in a type in which no digits are lost.
        DType wide = y.DType.IsFloatingPoint ? DType.Float64 : DType.Int64;
        int n = y.Layout.Shape[dim];
        using Scratch first = new(this, y.Layout.Shape, wide), second = new(this, y.Layout.Shape, wide);
        Operand sums = first.Operand, next = second.Operand;
        Layout all = sums.Layout;
        Copy(x, sums);
        for (int step = 1; step < n; step = checked(step * 2))
        {
            Operand head = sums.With(all.Slice(dim, 0, step));
            Map2(new AddMap(), wide, next.With(all.Slice(dim, step, n - step)), sums.With(all.Slice(dim, step, n - step)),
                sums.With(all.Slice(dim, 0, n - step)));
            Copy(head, next.With(head.Layout));
            (sums, next) = (next, sums);
            if (step > int.MaxValue / 2) break;
        }
        Copy(sums, y);
    }

    /// <summary>y = softmax of x along a dimension, or its logarithm.</summary>
    public virtual void Softmax(in Operand x, in Operand y, int dim, bool log)
    {
        DType compute = y.DType.Compute;
        int[] line = WithSize(y.Layout.Shape, dim, 1);
        using Scratch max = new(this, line, compute), sum = new(this, line, compute), exponentials = new(this, y.Layout.Shape, compute);
        Reduce(new MaxReduce(), compute, max.Operand, x);
        Map2(new ExpDifferenceMap(), compute, exponentials.Operand, x, max.Operand);
        Reduce(new SumReduce(), compute, sum.Operand, exponentials.Operand);
        if (log) Map3(new LogShareMap(), compute, y, x, max.Operand, sum.Operand);
        else Map2(new DivideMap(), compute, y, exponentials.Operand, sum.Operand);
    }

    /// <summary>The gradient of x from that of y: y (g - sum(g y)), or g - exp(y) sum(g) for the logarithm.</summary>
    public virtual void SoftmaxGrad(in Operand gradient, in Operand y, in Operand result, int dim, bool log)
    {
        DType compute = result.DType.Compute;
        int[] shape = result.Layout.Shape;
        Operand g = gradient.With(gradient.Layout.Expand(shape)!);
        using var sum = new Scratch(this, WithSize(shape, dim, 1), compute);
        if (log)
        {
            Reduce(new SumReduce(), compute, sum.Operand, g);
            Map3(new LogSoftmaxGradMap(), compute, result, g, y, sum.Operand);
            return;
        }
        using var products = new Scratch(this, shape, compute);
        Map2(new MultiplyMap(), compute, products.Operand, g, y);
        Reduce(new SumReduce(), compute, sum.Operand, products.Operand);
        Map3(new SoftmaxGradMap(), compute, result, g, y, sum.Operand);
    }

    /// <summary>A shape with another size along one dimension.</summary>
    private static int[] WithSize(int[] shape, int dim, int size)
    {
        var changed = (int[])shape.Clone();
        changed[dim] = size;
        return changed;
    }

    /// <summary>A line along one of so many dimensions.</summary>
    private static int[] Along(int rank, int dim, int size)
    {
        var shape = new int[rank];
        Array.Fill(shape, 1);
        shape[dim] = size;
        return shape;
    }

    /// <summary>The operand in another shape of as many elements; only for layouts that allow it.</summary>
    private static Operand View(in Operand x, params int[] shape) => x.With(x.Layout.Reshape(shape) ?? throw new InvalidOperationException(
        $"A default body cannot see elements of shape {x.Layout} as {new Shape(shape)} where they lie."));

    private static Operand? View(in Operand? x, params int[] shape) => x is { } operand ? View(operand, shape) : null;
}
