using Facula.Numerics;

namespace Facula;

internal readonly struct ReluOp : IUnaryOp
{
    public static string Name => "relu";
    public static ResultKind Result => ResultKind.Same;
    public static bool TakesBool => false;
    public static SavedForBackward SavedForBackward => SavedForBackward.Output;
    public T Forward<T>(T x) where T : INum<T> => T.Select(x < T.Zero, T.Zero, x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => T.Select(y <= T.Zero, T.Zero, g);
}

public partial class Tensor
{
    /// <summary>max(x, 0), with gradient 0 at 0; NaN stays NaN, with gradient 1. torch.relu.</summary>
    public Tensor Relu() => Unary(new ReluOp(), this);

    /// <summary>max(x, 0) in place. torch.nn.functional.relu_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor ReluInPlace() => UnaryInPlace(new ReluOp(), this);
}
