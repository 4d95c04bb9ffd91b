using Facula.Numerics;

namespace Facula;

internal readonly struct Expm1Op : IUnaryOp
{
    public static string Name => "expm1";
    public static SavedForBackward SavedForBackward => SavedForBackward.Output;
    public T Forward<T>(T x) where T : INum<T> => T.Expm1(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * (y + T.One);
}

public partial class Tensor
{
    /// <summary>e^x - 1, exact for small x. torch.expm1.</summary>
    public Tensor Expm1() => Unary(new Expm1Op(), this);

    static Tensor INum<Tensor>.Expm1(Tensor a) => a.Expm1();
}
