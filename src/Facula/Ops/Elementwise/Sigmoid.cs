using Facula.Numerics;

namespace Facula;

internal readonly struct SigmoidOp : IUnaryOp
{
    public static string Name => "sigmoid";
    public static SavedForBackward SavedForBackward => SavedForBackward.Output;
    public T Forward<T>(T x) where T : INum<T> => T.Sigmoid(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * y * (T.One - y);
}

public partial class Tensor
{
    /// <summary>1 / (1 + e^-x). torch.sigmoid.</summary>
    public Tensor Sigmoid() => Unary(new SigmoidOp(), this);

    static Tensor INum<Tensor>.Sigmoid(Tensor a) => a.Sigmoid();
}
