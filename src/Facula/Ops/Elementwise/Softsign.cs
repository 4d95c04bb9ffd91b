using Facula.Numerics;

namespace Facula;

internal readonly struct SoftsignOp : IUnaryOp
{
    public static string Name => "softsign";
    public T Forward<T>(T x) where T : INum<T> => x / (T.One + T.Abs(x));

    public T Grad<T>(T g, T x, T y) where T : INum<T>
    {
        T scale = T.One / (T.One + T.Abs(x));
        return g * scale * scale;
    }
}

public partial class Tensor
{
    /// <summary>x / (1 + |x|). torch.nn.functional.softsign.</summary>
    public Tensor Softsign() => Unary(new SoftsignOp(), this);
}
