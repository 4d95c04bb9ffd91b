using System.Runtime.CompilerServices;

namespace Facula.Numerics;

/// <summary>
/// The probability that a standard normal number is greater than t >= 0, which is e^(-t²/2) erfcx(t/√2) / 2 and cancels nowhere, and what GELU makes of it.
/// </summary>
internal static class NormalTail
{
    /// <summary>x times the probability that a standard normal number is below x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Gelu<T>(T x) where T : INum<T>
    {
        T up = x > T.Zero, t = Magnitude(x, up), tail = Of(t, Bell(t));
        return x * T.Select(up, T.One - tail, tail);
    }

    /// <summary>|x|, at most 40: farther out nothing changes, and squares cannot overflow. Not by Abs and Min, whose derivatives at 0 are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Magnitude<T>(T x, T up) where T : INum<T> => T.Min(T.Select(up, x, -x), T.Const(40));

    /// <summary>e^(-t²/2). What rounding took from the square the exponential would multiply.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Bell<T>(T t) where T : INum<T>
    {
        T square = t * t, e = T.Exp(square * T.Const(-0.5));
        return T.MultiplyAdd(e * T.Const(-0.5), T.ProductError(t, t, square), e);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T t, T bell) where T : INum<T> => bell * T.Const(0.5) * T.Erfcx(t * T.Const(Math.Sqrt(0.5)));
}
