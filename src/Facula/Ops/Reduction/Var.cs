using Facula.Numerics;

namespace Facula;

/// <summary>The sum of squared differences from a centre, divided by what is left of the count; or the root of that.</summary>
internal readonly struct SpreadOp(double centre, double divisor, bool root) : Backends.IReduce
{
    public double Identity => 0;
    public bool IsSum => true;

    public T Prepare<T>(T x) where T : INum<T>
    {
        T d = x - T.Const(centre);
        return d * d;
    }

    public T Combine<T>(T a, T b) where T : INum<T> => a + b;
    public T Finish<T>(T y) where T : INum<T> => root ? T.Sqrt(y / T.Const(divisor)) : y / T.Const(divisor);
}

internal sealed class VarNode : Node
{
    private readonly bool _root;
    private readonly double _divisor;
    private readonly ReducedDims _reduced;
    private readonly int[] _dims;

    public VarNode(Tensor x, Tensor y, bool root, double divisor, ReducedDims reduced)
    {
        (_root, _divisor, _reduced) = (root, divisor, reduced);
        _dims = [.. Enumerable.Range(0, x.Rank).Where(reduced.Contains)];
        Save(x, root ? y : null);
    }

    public override string Name => _root ? "std" : "var";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        Tensor x = A, g = _reduced.Restore(gradient, x.Layout);
        // A deviation of 0 has no slope; PyTorch takes 0.
        if (_root)
        {
            Tensor y = _reduced.Restore(B, x.Layout);
            g = Tensor.Where(y == 0, 0.0, g / (y * 2.0));
        }
        into[0] = (x - x.Mean(_dims, keepDim: true)) * (g * (2 / _divisor));
    }
}

public partial class Tensor
{
    /// <summary>
    /// The variance of all elements: the sum of squared differences from their mean, divided by their number less the correction. With Bessel's correction 1 the
    /// variance of one element is NaN. torch.var.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type.</exception>
    public Tensor Var() => Spread("var", [], false, 1, false);

    /// <summary>Variances along a dimension. torch.var.</summary>
    public Tensor Var(int dim, bool keepDim = false, int correction = 1) => Spread("var", [dim], keepDim, correction, false);

    /// <summary>Variances along several dimensions taken together; none given means all. torch.var.</summary>
    public Tensor Var(ReadOnlySpan<int> dims, bool keepDim = false, int correction = 1) => Spread("var", dims, keepDim, correction, false);

    /// <summary>The standard deviation of all elements, the root of <see cref="Var()"/>. torch.std.</summary>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type.</exception>
    public Tensor Std() => Spread("std", [], false, 1, true);

    /// <summary>Standard deviations along a dimension. torch.std.</summary>
    public Tensor Std(int dim, bool keepDim = false, int correction = 1) => Spread("std", [dim], keepDim, correction, true);

    /// <summary>Standard deviations along several dimensions taken together; none given means all. torch.std.</summary>
    public Tensor Std(ReadOnlySpan<int> dims, bool keepDim = false, int correction = 1) => Spread("std", dims, keepDim, correction, true);

    // Two passes, so that a large mean costs no digits.
    private Tensor Spread(string name, ReadOnlySpan<int> dims, bool keepDim, int correction, bool root)
    {
        Check.Floating(name, this);
        ReducedDims reduced = ReducedDims.Of(name, dims, Rank);
        (Layout kept, Layout final) = reduced.Layouts(Layout, keepDim);
        double divisor = Math.Max(0, reduced.CountIn(Layout) - correction);
        Tensor y = Allocate(final, DType, Device);
        Run(DType.Compute);
        // Squares may be too large for float32, and so may be what rounding has left of large numbers that are equal.
        if (DType.Compute == DType.Float32 && divisor > 0 && y.HasOutside(0)) Run(DType.Float64);
        return GradMode.Records(this) ? new VarNode(this, y, root, divisor, reduced).Record(y, this) : y;

        void Run(DType wide)
        {
            using Tensor mean = Allocate(kept, wide, Device);
            Device.Backend.Reduce(new MeanOp(reduced.CountIn(Layout)), wide, mean.Operand, Operand);
            if (kept.Count == 1)
            {
                Device.Backend.Reduce(new SpreadOp(mean.Item<double>(), divisor, root), wide, y.Operand.With(kept), Operand);
                return;
            }
            using Tensor difference = Allocate(Layout, wide, Device);
            Device.Backend.Map2(new BinaryForward<SubtractOp>(default), wide, difference.Operand, Operand, mean.Operand);
            Device.Backend.Reduce(new SpreadOp(0, divisor, root), wide, y.Operand.With(kept), difference.Operand);
        }
    }
}
