namespace Facula;

/// <summary>Running sums, from either end.</summary>
internal sealed class CumSumNode(int dim, bool backwards) : Node
{
    public override string Name => "cumSum";

    protected override void Backward(Tensor gradient, Gradients into) => into[0] = Tensor.RunningSum(gradient, dim, gradient.DType, !backwards);
}

public partial class Tensor
{
    /// <summary>Running sums along a dimension: y[i] = x[0] + ... + x[i]; integers and bool give Int64. torch.cumsum.</summary>
    /// <param name="dim">The dimension.</param>
    /// <param name="dtype">The type to add in and of the result.</param>
    public Tensor CumSum(int dim, DType? dtype = null)
    {
        if (AutocastMode.Widens(this)) return To(DType.Float32).CumSum(dim, dtype);
        int d = Check.Dim("cumSum", dim, Rank);
        DType type = dtype ?? (DType.IsFloatingPoint ? DType : DType.Int64);
        return Rank == 0 ? Reshape(1).CumSum(0, dtype).Reshape([]) : RunningSum(To(type), d, type, false);
    }

    internal static Tensor RunningSum(Tensor x, int dim, DType type, bool backwards)
    {
        Tensor y = Allocate(x.Layout, type, x.Device);
        if (y.Count > 0)
        {
            Backends.Operand from = x.Operand, to = y.Operand;
            if (backwards) (from, to) = (from.With(Flipped(x.Layout, dim)), to.With(Flipped(y.Layout, dim)));
            x.Device.Backend.CumSum(from, to, dim);
        }
        return GradMode.Records(x) && type.IsFloatingPoint ? new CumSumNode(dim, backwards).Record(y, x) : y;
    }

    private static Layout Flipped(Layout x, int dim) => x.Slice(dim, x.Shape[dim] - 1, x.Shape[dim], -1);
}
