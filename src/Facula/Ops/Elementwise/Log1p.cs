using Facula.Numerics;

namespace Facula;

internal readonly struct Log1pOp : IUnaryOp
{
    public static string Name => "log1p";
    public T Forward<T>(T x) where T : INum<T> => T.Log1p(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g / (x + T.One);
}

public partial class Tensor
{
    /// <summary>log(1 + x), exact for small x. torch.log1p.</summary>
    public Tensor Log1p() => Unary(new Log1pOp(), this);

    static Tensor INum<Tensor>.Log1p(Tensor a) => a.Log1p();
}
