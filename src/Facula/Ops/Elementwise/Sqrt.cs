using Facula.Numerics;

namespace Facula;

internal readonly struct SqrtOp : IUnaryOp
{
    public static string Name => "sqrt";
    public static SavedForBackward SavedForBackward => SavedForBackward.Output;
    public T Forward<T>(T x) where T : INum<T> => T.Sqrt(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g / (y + y);
}

public partial class Tensor
{
    /// <summary>The square root; NaN below 0. torch.sqrt.</summary>
    public Tensor Sqrt() => Unary(new SqrtOp(), this);
}
