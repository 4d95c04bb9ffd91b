using Facula.Numerics;

namespace Facula;

internal readonly struct SinOp : IUnaryOp
{
    public static string Name => "sin";
    public T Forward<T>(T x) where T : INum<T> => T.Sin(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * T.Cos(x);
}

public partial class Tensor
{
    /// <summary>The sine of radians. torch.sin.</summary>
    public Tensor Sin() => Unary(new SinOp(), this);

    static Tensor INum<Tensor>.Sin(Tensor a) => a.Sin();
}
