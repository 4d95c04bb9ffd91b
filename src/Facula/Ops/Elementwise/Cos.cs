using Facula.Numerics;

namespace Facula;

internal readonly struct CosOp : IUnaryOp
{
    public static string Name => "cos";
    public T Forward<T>(T x) where T : INum<T> => T.Cos(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => -(g * T.Sin(x));
}

public partial class Tensor
{
    /// <summary>The cosine of radians. torch.cos.</summary>
    public Tensor Cos() => Unary(new CosOp(), this);

    static Tensor INum<Tensor>.Cos(Tensor a) => a.Cos();
}
