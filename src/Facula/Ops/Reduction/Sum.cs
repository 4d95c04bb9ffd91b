using System.Diagnostics.CodeAnalysis;
using Facula.Backends;

namespace Facula;

internal readonly struct SumOp : IReductionOp
{
    public static string Name => "sum";
    public static DType ResultOf(DType x) => x.IsFloatingPoint ? x : DType.Int64;
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => g;
}

public partial class Tensor
{
    /// <summary>The sum of all elements; integers and bool give Int64. Right to 1e-6 for any count. torch.sum.</summary>
    /// <param name="dtype">The type to add in and of the result.</param>
    public Tensor Sum(DType? dtype = null) => Reduction(new SumReduce(), new SumOp(), this, [], false, dtype);

    /// <summary>Sums along a dimension. torch.sum.</summary>
    public Tensor Sum(int dim, bool keepDim = false, DType? dtype = null) => Reduction(new SumReduce(), new SumOp(), this, [dim], keepDim, dtype);

    /// <summary>Sums along several dimensions; none means all. torch.sum.</summary>
    public Tensor Sum(ReadOnlySpan<int> dims, bool keepDim = false, DType? dtype = null) => Reduction(new SumReduce(), new SumOp(), this, dims, keepDim, dtype);

    /// <summary>Summed down (or expanded) to a shape that broadcasts to this one's, the reverse of broadcasting. Other shapes are an error.</summary>
    internal Tensor SumTo(int[] shape)
    {
        if (Layout.Expand(shape) is not null) return View(new ExpandOp(shape), this);
        int extra = Rank - shape.Length, count = 0;
        Span<int> dims = stackalloc int[Rank];
        bool onlyExtra = true;
        if (extra < 0) ThrowSumTo(shape);
        for (int d = 0; d < Rank; d++)
        {
            if (d >= extra && Layout.Shape[d] == shape[d - extra]) continue;
            if (d >= extra && shape[d - extra] != 1) ThrowSumTo(shape);
            dims[count++] = d;
            onlyExtra &= d < extra;
        }
        Tensor sum = Sum(dims[..count], keepDim: !onlyExtra);
        return sum.Rank == shape.Length ? sum : View(new ReshapeOp(shape), sum);
    }

    [DoesNotReturn]
    private void ThrowSumTo(int[] shape) =>
        throw new InvalidOperationException($"Backward: a gradient of shape {Shape} is no gradient of a tensor of shape {new Shape(shape)}, " +
        "which does not broadcast to it.");
}
