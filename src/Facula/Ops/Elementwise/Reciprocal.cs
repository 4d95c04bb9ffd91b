using Facula.Numerics;

namespace Facula;

internal readonly struct ReciprocalOp : IUnaryOp
{
    public static string Name => "reciprocal";
    public static bool AutocastsToFloat32 => true;
    public static SavedForBackward SavedForBackward => SavedForBackward.Output;
    public T Forward<T>(T x) where T : INum<T> => T.One / x;
    public T Grad<T>(T g, T x, T y) where T : INum<T> => -g * (y * y);
}

public partial class Tensor
{
    /// <summary>1 / x; integers give float32. torch.reciprocal.</summary>
    public Tensor Reciprocal() => Unary(new ReciprocalOp(), this);
}
