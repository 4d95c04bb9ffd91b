using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula;

internal readonly struct SoftplusOp(double beta, double threshold) : IUnaryOp
{
    public static string Name => "softplus";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : INum<T>
    {
        // Whatever the threshold: log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), which cannot overflow.
        T z = x * T.Const(beta);
        T soft = (T.Max(z, T.Zero) + T.Log1p(T.Exp(-T.Abs(z)))) * T.Const(1 / beta);
        return T.Select(z > T.Const(threshold), x, soft);
    }

    public T Grad<T>(T g, T x, T y) where T : INum<T>
    {
        T z = x * T.Const(beta);
        return T.Select(z > T.Const(threshold), g, g * T.Sigmoid(z));
    }
}

public partial class Tensor
{
    /// <summary>
    /// log(1 + e^(beta x)) / beta, a smooth ReLU; x itself where beta * x exceeds the threshold. torch.nn.functional.softplus.
    /// </summary>
    public Tensor Softplus(double beta = 1, double threshold = 20) => Unary(new SoftplusOp(beta, threshold), this);
}
