using Facula.Backends;
using Facula.Numerics;

namespace Facula;

internal readonly struct Norm2Op : IReduce, IReductionOp
{
    public static string Name => "norm";
    public static SavedForBackward SavedForBackward => SavedForBackward.Input | SavedForBackward.Output;
    public static DType ResultOf(DType x) => x;
    public double Identity => 0;
    public bool IsSum => true;
    public T Prepare<T>(T x) where T : INum<T> => x * x;
    public T Combine<T>(T a, T b) where T : INum<T> => a + b;
    public T Finish<T>(T y) where T : INum<T> => T.Sqrt(y);
    public double Least => 1e-15;

    // The norm has no slope at 0; PyTorch takes 0.
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => x * Tensor.Where(y == 0, 0.0, g / y);
}

internal readonly struct Norm1Op : IReduce, IReductionOp
{
    public static string Name => "norm";
    public static SavedForBackward SavedForBackward => SavedForBackward.Input;
    public static DType ResultOf(DType x) => x;
    public double Identity => 0;
    public bool IsSum => true;
    public T Prepare<T>(T x) where T : INum<T> => T.Abs(x);
    public T Combine<T>(T a, T b) where T : INum<T> => a + b;
    public T Finish<T>(T y) where T : INum<T> => y;
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => NormP.Signed(x, g);
}

/// <summary>The number of elements that are not zero.</summary>
internal readonly struct Norm0Op : IReductionOp
{
    public static string Name => "norm";
    public static SavedForBackward SavedForBackward => SavedForBackward.Input;
    public static DType ResultOf(DType x) => x;
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => g * 0.0;
}

internal readonly struct NormMaxOp : IReduce, IReductionOp
{
    public static string Name => "norm";
    public static SavedForBackward SavedForBackward => SavedForBackward.Input | SavedForBackward.Output;
    public static bool HasIdentity => false;
    public static DType ResultOf(DType x) => x;
    public double Identity => 0;
    public bool IsSum => false;
    public T Prepare<T>(T x) where T : INum<T> => T.Abs(x);
    public T Combine<T>(T a, T b) where T : INum<T> => T.Max(a, b);
    public T Finish<T>(T y) where T : INum<T> => y;
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => NormP.Signed(x, Extreme.DistributeEvenly(g, x.Abs(), y));
}

internal readonly struct NormMinOp : IReduce, IReductionOp
{
    public static string Name => "norm";
    public static SavedForBackward SavedForBackward => SavedForBackward.Input | SavedForBackward.Output;
    public static bool HasIdentity => false;
    public static DType ResultOf(DType x) => x;
    public double Identity => double.PositiveInfinity;
    public bool IsSum => false;
    public T Prepare<T>(T x) where T : INum<T> => T.Abs(x);
    public T Combine<T>(T a, T b) where T : INum<T> => T.Min(a, b);
    public T Finish<T>(T y) where T : INum<T> => y;
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => NormP.Signed(x, Extreme.DistributeEvenly(g, x.Abs(), y));
}

internal readonly struct NormP(double p) : IReduce, IReductionOp
{
    public static string Name => "norm";
    public static SavedForBackward SavedForBackward => SavedForBackward.Input | SavedForBackward.Output;
    public static DType ResultOf(DType x) => x;
    public double Identity => 0;
    public bool IsSum => true;
    public T Prepare<T>(T x) where T : INum<T> => T.Pow(T.Abs(x), T.Parameter(p));
    public T Combine<T>(T a, T b) where T : INum<T> => a + b;
    public T Finish<T>(T y) where T : INum<T> => T.Pow(y, T.Parameter(1 / p));
    public double Least => p > 0 ? Math.Pow(1e-30, 1 / p) : 0;

    public Tensor Grad(Tensor g, Tensor x, Tensor y) =>
        Signed(x, x.Abs().Pow(p - 1)) * Tensor.Where(y == 0, 0.0, g / y.Pow(p - 1));

    /// <summary>The values with the signs of x; 0 where x is 0.</summary>
    public static Tensor Signed(Tensor x, Tensor values) => Tensor.Where(x > 0, values, Tensor.Where(x < 0, -values, 0.0));
}

public partial class Tensor
{
    /// <summary>
    /// The p-norm of all elements: (sum of |x|^p)^(1/p). 2 is Euclid's, 1 the sum of magnitudes, 0 the number of elements that are not zero, positive and
    /// negative infinity the largest and the smallest magnitude. torch.norm.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type, or empty where p is infinite.</exception>
    public Tensor Norm(double p = 2) => NormOf(p, [], false);

    /// <summary>p-norms along a dimension. torch.norm.</summary>
    public Tensor Norm(double p, int dim, bool keepDim = false) => NormOf(p, [dim], keepDim);

    /// <summary>p-norms along several dimensions taken together; none given means all. torch.norm.</summary>
    public Tensor Norm(double p, ReadOnlySpan<int> dims, bool keepDim = false) => NormOf(p, dims, keepDim);

    private Tensor NormOf(double p, ReadOnlySpan<int> dims, bool keepDim)
    {
        Check.Floating("norm", this);
        Check.Number("norm", p);
        if (AutocastMode.Widens(this)) return To(DType.Float32).NormOf(p, dims, keepDim);
        return p switch
        {
            2 => Reduction(new Norm2Op(), this, dims, keepDim),
            1 => Reduction(new Norm1Op(), this, dims, keepDim),
            0 => Reduction(new NonZeroReduce(), new Norm0Op(), this, dims, keepDim),
            double.PositiveInfinity => Reduction(new NormMaxOp(), this, dims, keepDim),
            double.NegativeInfinity => Reduction(new NormMinOp(), this, dims, keepDim),
            _ => Reduction(new NormP(p), this, dims, keepDim),
        };
    }
}
