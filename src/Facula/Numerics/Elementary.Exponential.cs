using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal partial interface INum<T>
{
    static abstract T Exp(T a);
    static abstract T Expm1(T a);
    static virtual T Sigmoid(T a) => T.One / (T.One + T.Exp(-a));
}

internal partial interface IFloat<V, T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Exp(V a) => Elementary.Exp<V, T>(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Expm1(V a) => Elementary.Expm1<V, T>(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Sigmoid(V a) => Elementary.Sigmoid<V, T>(a);
}

internal static partial class Elementary
{
    /// <summary>e^x.</summary>
    [MethodImpl(Inline)]
    public static V Exp<V, T>(V x) where V : IFloat<V, T>
    {
        // Beyond the bounds the result is 0 or infinite anyway, and the exponent stays within what Scale takes.
        x = V.AtLeast(x, V.Const(typeof(T) == typeof(float) ? -104 : -746));
        return ExpClamped<V, T>(V.AtMost(x, V.Const(typeof(T) == typeof(float) ? 89 : 710)));
    }

    // x = n ln 2 + r, |r| <= ln 2 / 2; e^x = 2^n e^r.
    [MethodImpl(Inline)]
    private static V ExpClamped<V, T>(V x) where V : IFloat<V, T>
    {
        V n = V.Round(x * V.Const(Log2E));
        V r = V.MultiplyAdd(n, V.Const(typeof(T) == typeof(float) ? -Ln2HighSingle : -Ln2High), x);
        r = V.MultiplyAdd(n, V.Const(typeof(T) == typeof(float) ? -Ln2LowSingle : -Ln2Low), r);
        V q = ExpSecond<V, T>(r);
        return V.Scale(V.MultiplyAdd(V.MultiplyAdd(q, r, V.One), r, V.One), n);
    }

    // e^r = 1 + r + r^2 q(r) on [-0.3475, 0.3475]; relative errors 2^-28.2 and 2^-57.9.
    [MethodImpl(Inline)]
    private static V ExpSecond<V, T>(V r) where V : IFloat<V, T> => typeof(T) == typeof(float)
        ? Polynomial<V, T>(r, 0.4999999, 0.1666652, 0.041668955, 0.008368852, 0.0013783586)
        : Polynomial<V, T>(r, 0.5000000000000011, 0.1666666666666641, 0.04166666666652603, 0.00833333333349497, 0.0013888888944764775,
            0.00019841269507474223, 2.4801491869987023e-05, 2.7557583730157087e-06, 2.763070549442533e-07, 2.500149145619175e-08);

    /// <summary>e^x - 1.</summary>
    [MethodImpl(Inline)]
    public static V Expm1<V, T>(V x) where V : IFloat<V, T>
    {
        V y = V.AtLeast(x, V.Const(typeof(T) == typeof(float) ? -20 : -40));
        y = V.AtMost(y, V.Const(typeof(T) == typeof(float) ? 89 : 710));
        V n = V.Round(y * V.Const(Log2E));
        V high = V.MultiplyAdd(n, V.Const(typeof(T) == typeof(float) ? -Ln2HighSingle : -Ln2High), y);
        V low = n * V.Const(typeof(T) == typeof(float) ? Ln2LowSingle : Ln2Low);
        V r = high - low;
        // What rounding took from r would be doubled by the subtraction of 1 next to it.
        V lost = (high - r) - low;
        // r + r^2 q(r) on [-0.3475, 0.3475]; relative errors 2^-26.1 and 2^-61.5.
        V q = typeof(T) == typeof(float)
            ? Polynomial<V, T>(r, 0.49999997, 0.16666542, 0.041667495, 0.008366725, 0.0013865485)
            : Polynomial<V, T>(r, 0.5, 0.16666666666666677, 0.04166666666666661, 0.008333333333321397, 0.0013888888888923844, 0.00019841269886778027,
                2.4801587237555063e-05, 2.755724349429464e-06, 2.7557352676624173e-07, 2.510930601194931e-08, 2.088964813403019e-09);
        V tail = V.MultiplyAdd(r * r, q, lost);
        // Half of 2^n (r + tail) + (2^n - 1), as 2^n itself may be too large.
        V scale = V.PowerOfTwo(n - V.One);
        V half = V.MultiplyAdd(tail, scale, V.MultiplyAdd(r, scale, scale - V.Const(0.5)));
        // Where half of x has lost bits, or x its sign.
        V tiny = V.Abs(x) < V.Const(typeof(T) == typeof(float) ? 1.0 / (1 << 26) : 1.0 / (1L << 55));
        return V.Select(tiny, x, half + half);
    }

    /// <summary>1 / (1 + e^-x), as y = e^-|x| / (1 + e^-|x|) or 1 - y.</summary>
    [MethodImpl(Inline)]
    public static V Sigmoid<V, T>(V x) where V : IFloat<V, T>
    {
        // With e^-x it would be 0 where e^-x is infinite, long before e^x is 0.
        V e = ExpClamped<V, T>(V.AtLeast(-V.Abs(x), V.Const(typeof(T) == typeof(float) ? -104 : -746)));
        V d = e + V.One;
        V y = e / d;
        // What rounding added to d is known exactly, and 1 / d is 1 - y.
        y = V.MultiplyAdd(V.MultiplyAdd(-y, y, y), (d - V.One) - e, y);
        return V.Select(x < V.Zero, y, V.One - y);
    }
}
