namespace Facula;

internal sealed class LogSumExpNode : Node
{
    private readonly ReducedDims _reduced;

    public LogSumExpNode(Tensor x, Tensor y, ReducedDims reduced)
    {
        _reduced = reduced;
        Save(x, y);
    }

    public override string Name => "logSumExp";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        Tensor x = A;
        into[0] = _reduced.Restore(gradient, x.Layout) * (x - _reduced.Restore(B, x.Layout)).Exp();
    }
}

public partial class Tensor
{
    /// <summary>The logarithm of the sum of the exponentials along a dimension, without overflow. torch.logsumexp.</summary>
    public Tensor LogSumExp(int dim, bool keepDim = false) => LogSumExp([dim], keepDim);

    /// <summary>The logarithm of the sum of the exponentials along several dimensions taken together; none given means all. torch.logsumexp.</summary>
    public Tensor LogSumExp(ReadOnlySpan<int> dims, bool keepDim = false)
    {
        ReducedDims reduced = ReducedDims.Of("logSumExp", dims, Rank);
        if (!DType.IsFloatingPoint) return To(DType.Float32).LogSumExp(dims, keepDim);
        Tensor y;
        using (Autograd.NoGrad())
        {
            // Infinite maxima would give inf - inf; there the plain formula is right. Of nothing there is no maximum.
            Tensor zero = 0.0;
            Tensor max = Count == 0 ? zero : AMax(dims, keepDim: true);
            if (Count > 0) max = Where(max.Abs() == double.PositiveInfinity, zero, max);
            y = (this - max).Exp().Sum(dims, keepDim: true).Log() + max;
            y = y.Reshape(reduced.Layouts(Layout, keepDim).Final.Shape);
        }
        return GradMode.Records(this) ? new LogSumExpNode(this, y, reduced).Record(y, this) : y;
    }
}
