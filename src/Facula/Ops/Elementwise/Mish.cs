using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula;

/// <summary>
/// x tanh(log(1 + e^x)). With e = e^x the hyperbolic tangent is (e² + 2e) / (e² + 2e + 2), which overflows for large x; there numerator
/// and denominator are multiplied by e^-2x. So e is always the exponential of -|x|.
/// </summary>
internal readonly struct MishOp : IUnaryOp
{
    public static string Name => "mish";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : INum<T>
    {
        T up = x > T.Zero, e = T.Exp(T.Select(up, -x, x)), e2 = e * e, twice = e + e;
        return x * (T.Select(up, T.One, e2) + twice) / (T.Select(up, T.One + (e2 + e2), e2 + (T.One + T.One)) + twice);
    }

    // tanh' · sigmoid is 4 e (1 + e) / (e² + 2e + 2)², in e^-x the same with one more e above and the other denominator.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Grad<T>(T g, T x, T y) where T : INum<T>
    {
        T up = x > T.Zero, e = T.Exp(T.Select(up, -x, x)), e2 = e * e, twice = e + e;
        T below = T.One / (T.Select(up, T.One + (e2 + e2), e2 + (T.One + T.One)) + twice);
        T tanh = (T.Select(up, T.One, e2) + twice) * below;
        T slope = T.Const(4) * T.Select(up, e2, e) * (T.One + e) * (below * below);
        return g * (tanh + x * slope);
    }
}

public partial class Tensor
{
    /// <summary>x * tanh(softplus(x)). Misra 2019, arXiv:1908.08681. torch.nn.functional.mish.</summary>
    public Tensor Mish() => Unary(new MishOp(), this);
}
