using Facula.Numerics;

namespace Facula;

internal readonly struct RoundOp : IUnaryOp
{
    public static string Name => "round";
    public static ResultKind Result => ResultKind.Same;
    public static bool TakesBool => false;
    public static SavedForBackward SavedForBackward => SavedForBackward.Nothing;
    public T Forward<T>(T x) where T : INum<T> => T.Round(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => T.Zero;
}

public partial class Tensor
{
    /// <summary>The nearest integer, halves to even. torch.round.</summary>
    public Tensor Round() => Unary(new RoundOp(), this);
}
