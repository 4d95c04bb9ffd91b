using Facula.Numerics;

namespace Facula;

internal readonly struct CeilOp : IUnaryOp
{
    public static string Name => "ceil";
    public static ResultKind Result => ResultKind.Same;
    public static bool TakesBool => false;
    public static SavedForBackward SavedForBackward => SavedForBackward.Nothing;
    public T Forward<T>(T x) where T : INum<T> => T.Ceiling(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => T.Zero;
}

public partial class Tensor
{
    /// <summary>The smallest integer not below x. torch.ceil.</summary>
    public Tensor Ceil() => Unary(new CeilOp(), this);
}
