using Facula.Numerics;

namespace Facula;

internal readonly struct LogSigmoidOp : IUnaryOp
{
    public static string Name => "logSigmoid";
    public T Forward<T>(T x) where T : INum<T> => T.Min(x, T.Zero) - T.Log1p(T.Exp(-T.Abs(x)));
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * T.Sigmoid(-x);
}

public partial class Tensor
{
    /// <summary>log(sigmoid(x)), finite for every finite x. torch.nn.functional.logsigmoid.</summary>
    public Tensor LogSigmoid() => Unary(new LogSigmoidOp(), this);
}
