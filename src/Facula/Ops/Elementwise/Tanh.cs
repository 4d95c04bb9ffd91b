using Facula.Numerics;

namespace Facula;

internal readonly struct TanhOp : IUnaryOp
{
    public static string Name => "tanh";
    public static SavedForBackward SavedForBackward => SavedForBackward.Output;
    public T Forward<T>(T x) where T : INum<T> => T.Tanh(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * (T.One - y * y);
}

public partial class Tensor
{
    /// <summary>The hyperbolic tangent. torch.tanh.</summary>
    public Tensor Tanh() => Unary(new TanhOp(), this);

    static Tensor INum<Tensor>.Tanh(Tensor a) => a.Tanh();
}
