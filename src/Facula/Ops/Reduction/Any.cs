using Facula.Numerics;

namespace Facula;

/// <summary>Reductions of truth values, computed in Bool: whether all, or any, are not zero.</summary>
internal readonly struct AllOp : IReductionOp
{
    public static string Name => "all";
    public static DType ResultOf(DType x) => DType.Bool;
    public double Identity => 1;
    public bool IsSum => false;
    public T Prepare<T>(T x) where T : INum<T> => T.Select(T.Equal(x, T.Zero), T.Zero, T.One);
    public T Combine<T>(T a, T b) where T : INum<T> => T.Min(a, b);
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => throw new NotSupportedException();
}

internal readonly struct AnyOp : IReductionOp
{
    public static string Name => "any";
    public static DType ResultOf(DType x) => DType.Bool;
    public double Identity => 0;
    public bool IsSum => false;
    public T Prepare<T>(T x) where T : INum<T> => T.Select(T.Equal(x, T.Zero), T.Zero, T.One);
    public T Combine<T>(T a, T b) where T : INum<T> => T.Max(a, b);
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => throw new NotSupportedException();
}

public partial class Tensor
{
    /// <summary>Whether all elements are true (not zero); true of nothing. torch.all.</summary>
    public Tensor All() => Reduction(new AllOp(), To(DType.Bool), [], false);
    /// <summary>Whether all elements along a dimension are true. torch.all.</summary>
    public Tensor All(int dim, bool keepDim = false) => Reduction(new AllOp(), To(DType.Bool), [dim], keepDim);
    /// <summary>Whether any element is true (not zero); false of nothing. torch.any.</summary>
    public Tensor Any() => Reduction(new AnyOp(), To(DType.Bool), [], false);
    /// <summary>Whether any element along a dimension is true. torch.any.</summary>
    public Tensor Any(int dim, bool keepDim = false) => Reduction(new AnyOp(), To(DType.Bool), [dim], keepDim);
}
