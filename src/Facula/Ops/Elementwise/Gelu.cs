using Facula.Numerics;

namespace Facula;

/// <summary>How GELU is computed.</summary>
public enum GeluApproximation
{
    /// <summary>Exactly, by the error function.</summary>
    None,
    /// <summary>By a hyperbolic tangent, off by up to 0.0005; what many language models were trained with.</summary>
    Tanh,
}

internal readonly struct GeluOp : IUnaryOp
{
    public static string Name => "gelu";
    public T Forward<T>(T x) where T : INum<T> => x * Cdf(x);

    public T Grad<T>(T g, T x, T y) where T : INum<T> =>
        g * (Cdf(x) + x * T.Const(1 / Math.Sqrt(2 * Math.PI)) * T.Exp(x * x * T.Const(-0.5)));

    /// <summary>The normal distribution's cumulative probability.</summary>
    private static T Cdf<T>(T x) where T : INum<T> => T.Const(0.5) + T.Const(0.5) * T.Erf(x * T.Const(Math.Sqrt(0.5)));
}

/// <summary>x (1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³), written as x sigmoid(2u), which loses nothing where the tangent is near -1.</summary>
internal readonly struct GeluTanhOp : IUnaryOp
{
    private const double Scale = 1.5957691216057308, Cubic = 0.044715;

    public static string Name => "geluTanh";
    public T Forward<T>(T x) where T : INum<T> => x * T.Sigmoid(Twice(x));

    public T Grad<T>(T g, T x, T y) where T : INum<T>
    {
        T s = T.Sigmoid(Twice(x)), slope = T.Const(Scale) + T.Const(3 * Scale * Cubic) * (x * x);
        // Where the sigmoid is 0 or 1 its slope is 0, times what may have overflowed.
        T flat = s * (T.One - s);
        return g * (s + T.Select(T.Equal(flat, T.Zero), T.Zero, x * slope * flat));
    }

    private static T Twice<T>(T x) where T : INum<T> => x * T.MultiplyAdd(T.Const(Scale * Cubic), x * x, T.Const(Scale));
}

public partial class Tensor
{
    /// <summary>x times the probability that a standard normal number is below x. Hendrycks and Gimpel 2016, arXiv:1606.08415. torch.nn.functional.gelu.</summary>
    public Tensor Gelu(GeluApproximation approximate = GeluApproximation.None) =>
        approximate == GeluApproximation.Tanh ? Unary(new GeluTanhOp(), this) : Unary(new GeluOp(), this);
}
