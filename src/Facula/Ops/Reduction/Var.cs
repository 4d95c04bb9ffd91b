namespace Facula;

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
    /// The variance of all elements: the sum of squared differences from their mean, divided by their number less the correction.
    /// With Bessel's correction 1 the variance of one element is NaN. torch.var.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type.</exception>
    public Tensor Var() => VarianceOrDeviation("var", [], false, 1, false);

    /// <summary>Variances along a dimension. torch.var.</summary>
    public Tensor Var(int dim, bool keepDim = false, int correction = 1) => VarianceOrDeviation("var", [dim], keepDim, correction, false);

    /// <summary>Variances along several dimensions taken together; none given means all. torch.var.</summary>
    public Tensor Var(ReadOnlySpan<int> dims, bool keepDim = false, int correction = 1) => VarianceOrDeviation("var", dims, keepDim, correction, false);

    /// <summary>The standard deviation of all elements, the root of <see cref="Var()"/>. torch.std.</summary>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type.</exception>
    public Tensor Std() => VarianceOrDeviation("std", [], false, 1, true);

    /// <summary>Standard deviations along a dimension. torch.std.</summary>
    public Tensor Std(int dim, bool keepDim = false, int correction = 1) => VarianceOrDeviation("std", [dim], keepDim, correction, true);

    /// <summary>Standard deviations along several dimensions taken together; none given means all. torch.std.</summary>
    public Tensor Std(ReadOnlySpan<int> dims, bool keepDim = false, int correction = 1) => VarianceOrDeviation("std", dims, keepDim, correction, true);

    private Tensor VarianceOrDeviation(string name, ReadOnlySpan<int> dims, bool keepDim, int correction, bool root)
    {
        Check.Floating(name, this);
        ReducedDims reduced = ReducedDims.Of(name, dims, Rank);
        (Layout kept, Layout final) = reduced.Layouts(Layout, keepDim);
        long count = reduced.CountIn(Layout);
        double divisor = Math.Max(0, count - correction);
        Tensor y = Allocate(final, DType, Device);
        Device.Backend.Variance(Operand, y.Operand.With(kept), count, divisor, root);
        return GradMode.Records(this) ? new VarNode(this, y, root, divisor, reduced).Record(y, this) : y;
    }
}
