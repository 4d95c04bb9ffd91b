using Facula.Numerics;

namespace Facula;

internal readonly struct FloorOp : IUnaryOp
{
    public static string Name => "floor";
    public static ResultKind Result => ResultKind.Same;
    public static bool TakesBool => false;
    public static SavedForBackward SavedForBackward => SavedForBackward.Nothing;
    public T Forward<T>(T x) where T : INum<T> => T.Floor(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => T.Zero;
}

public partial class Tensor
{
    /// <summary>The largest integer not above x. torch.floor.</summary>
    public Tensor Floor() => Unary(new FloorOp(), this);
}
