using Facula.Numerics;

namespace Facula;

internal readonly struct TanOp : IUnaryOp
{
    public static string Name => "tan";
    public static SavedForBackward SavedForBackward => SavedForBackward.Output;
    public T Forward<T>(T x) where T : INum<T> => T.Tan(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * (T.One + y * y);
}

public partial class Tensor
{
    /// <summary>The tangent of radians. torch.tan.</summary>
    public Tensor Tan() => Unary(new TanOp(), this);

    static Tensor INum<Tensor>.Tan(Tensor a) => a.Tan();
}
