using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula;

internal readonly struct SoftplusOp(double beta, double threshold) : IUnaryOp
{
    private readonly double _inverse = 1 / beta;

    public static string Name => "softplus";
    public static bool AutocastsToFloat32 => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : INum<T>
    {
        // Whatever the threshold: log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), which cannot overflow.
        T z = x * T.Parameter(beta);
        T soft = (T.Max(z, T.Zero) + T.Log1p(T.Exp(-T.Abs(z)))) * T.Parameter(_inverse);
        return T.Select(z > T.Parameter(threshold), x, soft);
    }

    public T Grad<T>(T g, T x, T y) where T : INum<T>
    {
        T z = x * T.Parameter(beta);
        return T.Select(z > T.Parameter(threshold), g, g * T.Sigmoid(z));
    }
}

public partial class Tensor
{
    /// <summary>
    /// log(1 + e^(beta x)) / beta, a smooth ReLU; x itself where beta * x exceeds the threshold. torch.nn.functional.softplus.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">beta is 0 or not finite, or the threshold is NaN.</exception>
    public Tensor Softplus(double beta = 1, double threshold = 20)
    {
        if (beta == 0) throw new ArgumentOutOfRangeException(nameof(beta), beta, "Softplus: beta must not be 0, for it is divided by.");
        return Unary(new SoftplusOp(Check.Finite("Softplus", beta), Check.Number("Softplus", threshold)), this);
    }
}
