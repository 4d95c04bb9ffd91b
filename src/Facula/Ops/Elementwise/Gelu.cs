using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula;

/// <summary>How GELU is computed.</summary>
public enum GeluApproximation
{
    /// <summary>Exactly.</summary>
    None,
    /// <summary>By a hyperbolic tangent, off by up to 0.0005; what many language models were trained with.</summary>
    Tanh,
}

/// <summary>x times the probability that a normal number is below x; below 0 that is e^(-x²/2) erfcx(|x|/√2) / 2, which cancels nowhere.</summary>
internal readonly struct GeluOp : IUnaryOp
{
    public static string Name => "gelu";

    public T Forward<T>(T x) where T : INum<T> => T.Gelu(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Grad<T>(T g, T x, T y) where T : INum<T>
    {
        T up = x > T.Zero, t = NormalTail.Magnitude(x, up), bell = NormalTail.Bell(t), tail = NormalTail.Of(t, bell),
            slope = t * bell * T.Const(1 / Math.Sqrt(2 * Math.PI));
        return g * T.Select(up, T.One - tail + slope, tail - slope);
    }
}

/// <summary>
/// x (1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³): x sigmoid(2u), which cancels nowhere. The exponential of 2u would multiply the
/// rounding errors in 2u, so they are carried along.
/// </summary>
internal readonly struct GeluTanhOp : IUnaryOp
{
    // 2 √(2/π) and 0.044715 in two parts, the first a float.
    private const double Scale = 1.5957691669464111, ScaleRest = 1.5957691216057308 - Scale, Cubic = 0.044714998453855515, CubicRest = 0.044715 - Cubic;

    public static string Name => "geluTanh";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : INum<T>
    {
        T up = x > T.Zero, e = Exponential(NormalTail.Magnitude(x, up));
        return x * T.Select(up, T.One, e) / (T.One + e);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Grad<T>(T g, T x, T y) where T : INum<T>
    {
        T up = x > T.Zero, t = NormalTail.Magnitude(x, up), e = Exponential(t), below = T.One / (T.One + e);
        T slope = t * T.MultiplyAdd(T.Const(3 * 0.044715 * (Scale + ScaleRest)), t * t, T.Const(Scale + ScaleRest)) * e * below * below;
        return g * T.Select(up, below + slope, e * below - slope);
    }

    /// <summary>e^(-2u) for t >= 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Exponential<T>(T t) where T : INum<T>
    {
        T square = t * t, squareRest = T.ProductError(t, t, square);
        T cubic = T.Const(Cubic) * square, cubicRest = T.ProductError(T.Const(Cubic), square, cubic);
        cubicRest += T.MultiplyAdd(T.Const(Cubic), squareRest, T.Const(CubicRest) * square);
        T factor = T.One + cubic, factorRest = cubicRest + (cubic - (factor - T.One));
        T product = t * factor, productRest = T.MultiplyAdd(t, factorRest, T.ProductError(t, factor, product));
        T twice = T.Const(Scale) * product;
        T rest = T.ProductError(T.Const(Scale), product, twice) + T.MultiplyAdd(T.Const(Scale), productRest, T.Const(ScaleRest) * product);
        T e = T.Exp(-twice);
        return T.MultiplyAdd(-e, rest, e);
    }
}

public partial class Tensor
{
    /// <summary>
    /// x times the probability that a standard normal number is below x. Hendrycks and Gimpel 2016, arXiv:1606.08415. torch.nn.functional.gelu.
    /// </summary>
    public Tensor Gelu(GeluApproximation approximate = GeluApproximation.None) =>
        approximate == GeluApproximation.Tanh ? Unary(new GeluTanhOp(), this) : Unary(new GeluOp(), this);
}
