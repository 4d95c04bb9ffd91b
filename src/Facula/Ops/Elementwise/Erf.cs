using Facula.Numerics;

namespace Facula;

internal readonly struct ErfOp : IUnaryOp
{
    public static string Name => "erf";
    public T Forward<T>(T x) where T : INum<T> => T.Erf(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * T.Const(2 / Math.Sqrt(Math.PI)) * T.Exp(-(x * x));
}

public partial class Tensor
{
    /// <summary>The error function, 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x. torch.erf.</summary>
    public Tensor Erf() => Unary(new ErfOp(), this);

    static Tensor INum<Tensor>.Erf(Tensor a) => a.Erf();
}
