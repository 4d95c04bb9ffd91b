using Facula.Backends;
using Facula.Numerics;

namespace Facula;

/// <summary>Whether all elements are not zero.</summary>
internal readonly struct AllOp : IReduce, IReductionOp
{
    public static string Name => "all";
    public static DType ResultOf(DType x) => TruthOf(x);
    public static DType ComputeOf(DType x, DType result) => x;
    public double Identity => 1;
    public bool IsSum => false;
    public T Prepare<T>(T x) where T : INum<T> => T.Select(T.Equal(x, T.Zero), T.Zero, T.One);
    public T Combine<T>(T a, T b) where T : INum<T> => T.Min(a, b);
    public T Finish<T>(T y) where T : INum<T> => y;
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => throw new NotSupportedException();

    /// <summary>PyTorch had truth values of bytes before it had bool, and still gives bytes for bytes.</summary>
    public static DType TruthOf(DType x) => x == DType.UInt8 ? x : DType.Bool;
}

/// <summary>Whether any element is not zero.</summary>
internal readonly struct AnyOp : IReduce, IReductionOp
{
    public static string Name => "any";
    public static DType ResultOf(DType x) => AllOp.TruthOf(x);
    public static DType ComputeOf(DType x, DType result) => x;
    public double Identity => 0;
    public bool IsSum => false;
    public T Prepare<T>(T x) where T : INum<T> => T.Select(T.Equal(x, T.Zero), T.Zero, T.One);
    public T Combine<T>(T a, T b) where T : INum<T> => T.Max(a, b);
    public T Finish<T>(T y) where T : INum<T> => y;
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => throw new NotSupportedException();
}

public partial class Tensor
{
    /// <summary>Whether all elements are true (not zero), as a Bool tensor (UInt8, 1 or 0, for UInt8 as in PyTorch); true of nothing. torch.all.</summary>
    public Tensor All() => Reduction(new AllOp(), this, [], false);
    /// <summary>Whether all elements along a dimension are true. torch.all.</summary>
    public Tensor All(int dim, bool keepDim = false) => Reduction(new AllOp(), this, [dim], keepDim);
    /// <summary>Whether all elements along several dimensions are true; none given means all. torch.all.</summary>
    public Tensor All(ReadOnlySpan<int> dims, bool keepDim = false) => Reduction(new AllOp(), this, dims, keepDim);
    /// <summary>Whether any element is true (not zero), as a Bool tensor (UInt8, 1 or 0, for UInt8 as in PyTorch); false of nothing. torch.any.</summary>
    public Tensor Any() => Reduction(new AnyOp(), this, [], false);
    /// <summary>Whether any element along a dimension is true. torch.any.</summary>
    public Tensor Any(int dim, bool keepDim = false) => Reduction(new AnyOp(), this, [dim], keepDim);
    /// <summary>Whether any element along several dimensions is true; none given means all. torch.any.</summary>
    public Tensor Any(ReadOnlySpan<int> dims, bool keepDim = false) => Reduction(new AnyOp(), this, dims, keepDim);
}
