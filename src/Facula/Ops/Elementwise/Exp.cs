using Facula.Numerics;

namespace Facula;

internal readonly struct ExpOp : IUnaryOp
{
    public static string Name => "exp";
    public static SavedForBackward SavedForBackward => SavedForBackward.Output;
    public T Forward<T>(T x) where T : INum<T> => T.Exp(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * y;
}

public partial class Tensor
{
    /// <summary>e to the power of each element. Integers give float32. torch.exp.</summary>
    public Tensor Exp() => Unary(new ExpOp(), this);

    static Tensor INum<Tensor>.Exp(Tensor a) => a.Exp();
}
