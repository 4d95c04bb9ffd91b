using Facula.Backends;

namespace Facula;

internal readonly struct CountNonZeroOp : IReductionOp
{
    public static string Name => "countNonZero";
    public static DType ResultOf(DType x) => DType.Int64;
    public static DType ComputeOf(DType x, DType result) => x;
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => throw new NotSupportedException();
}

public partial class Tensor
{
    /// <summary>The number of elements that are not zero, as Int64. torch.count_nonzero.</summary>
    public Tensor CountNonZero() => Reduction(new NonZeroReduce(), new CountNonZeroOp(), this, [], false);

    /// <summary>The numbers of elements along a dimension that are not zero. torch.count_nonzero.</summary>
    public Tensor CountNonZero(int dim, bool keepDim = false) => Reduction(new NonZeroReduce(), new CountNonZeroOp(), this, [dim], keepDim);

    /// <summary>The numbers of elements along several dimensions that are not zero; none given means all. torch.count_nonzero.</summary>
    public Tensor CountNonZero(ReadOnlySpan<int> dims, bool keepDim = false) => Reduction(new NonZeroReduce(), new CountNonZeroOp(), this, dims, keepDim);
}
