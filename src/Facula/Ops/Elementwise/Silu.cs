using Facula.Numerics;

namespace Facula;

internal readonly struct SiluOp : IUnaryOp
{
    public static string Name => "silu";
    public T Forward<T>(T x) where T : INum<T> => x / (T.One + T.Exp(-x));

    public T Grad<T>(T g, T x, T y) where T : INum<T>
    {
        T s = T.Sigmoid(x);
        return g * s * (T.One + x * (T.One - s));
    }
}

public partial class Tensor
{
    /// <summary>x * sigmoid(x), also called swish. Elfwing et al. 2017, arXiv:1702.03118. torch.nn.functional.silu.</summary>
    public Tensor Silu() => Unary(new SiluOp(), this);
}
