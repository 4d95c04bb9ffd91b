using Facula.Numerics;

namespace Facula;

internal readonly struct RsqrtOp : IUnaryOp
{
    public static string Name => "rsqrt";
    public static bool AutocastsToFloat32 => true;
    public static SavedForBackward SavedForBackward => SavedForBackward.Output;
    public T Forward<T>(T x) where T : INum<T> => T.One / T.Sqrt(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * T.Const(-0.5) * (y * y * y);
}

public partial class Tensor
{
    /// <summary>1 / sqrt(x): infinite at 0, NaN below. torch.rsqrt.</summary>
    public Tensor Rsqrt() => Unary(new RsqrtOp(), this);
}
