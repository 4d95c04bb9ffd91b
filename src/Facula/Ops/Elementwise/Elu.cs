using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula;

/// <summary>scale x above 0, scale alpha (e^x - 1) elsewhere.</summary>
internal readonly struct EluOp(double alpha, double scale) : IUnaryOp
{
    public static string Name => "elu";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : INum<T> => T.Select(x > T.Zero, x * T.Parameter(scale), T.Parameter(alpha * scale) * T.Expm1(x));

    // The exponential of what is below 0 alone: elsewhere it may overflow, and the second derivative, 0 at 0 as in PyTorch, would multiply that by zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Grad<T>(T g, T x, T y) where T : INum<T> =>
        T.Select(x <= T.Zero, g * T.Parameter(alpha * scale) * T.Exp(T.Select(x < T.Zero, x, T.Zero)), g * T.Parameter(scale));
}

public partial class Tensor
{
    // Klambauer et al. 2017, arXiv:1706.02515, appendix A1: the fixed point at mean 0 and variance 1.
    private const double SeluAlpha = 1.6732632423543772848170429916717, SeluScale = 1.0507009873554804934193349852946;

    /// <summary>x above 0, alpha * (e^x - 1) elsewhere. Clevert et al. 2015, arXiv:1511.07289. torch.nn.functional.elu.</summary>
    public Tensor Elu(double alpha = 1) => Unary(new EluOp(Check.Finite("Elu", alpha), 1), this);

    /// <summary>The scaled ELU that keeps mean 0 and variance 1 from layer to layer. Klambauer et al. 2017, arXiv:1706.02515.
    /// torch.nn.functional.selu.</summary>
    public Tensor Selu() => Unary(new EluOp(SeluAlpha, SeluScale), this);
}
