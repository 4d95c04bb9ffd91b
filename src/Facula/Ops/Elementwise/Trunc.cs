using Facula.Numerics;

namespace Facula;

internal readonly struct TruncOp : IUnaryOp
{
    public static string Name => "trunc";
    public static ResultKind Result => ResultKind.Same;
    public static bool TakesBool => false;
    public static SavedForBackward SavedForBackward => SavedForBackward.Nothing;
    public T Forward<T>(T x) where T : INum<T> => T.Truncate(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => T.Zero;
}

public partial class Tensor
{
    /// <summary>x without its fraction. torch.trunc.</summary>
    public Tensor Trunc() => Unary(new TruncOp(), this);
}
