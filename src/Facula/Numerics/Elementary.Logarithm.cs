using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal partial interface INum<T>
{
    static abstract T Log(T a);
    static abstract T Log1p(T a);
}

internal partial interface IFloat<V, T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Log(V a) => Elementary.Log<V, T>(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Log1p(V a) => Elementary.Log1p<V, T>(a);
}

internal static partial class Elementary
{
    /// <summary>The natural logarithm.</summary>
    [MethodImpl(Inline)]
    public static V Log<V, T>(V x) where V : IFloat<V, T>
    {
        V y = LogNormal<V, T>(V.NearestExponent(x), V.NearestMantissa(x) - V.One);
        return V.All(V.IsPositiveNormal(x)) ? y : LogUnusual<V, T>(x, y);
    }

    /// <summary>ln(1 + x).</summary>
    [MethodImpl(Inline)]
    public static V Log1p<V, T>(V x) where V : IFloat<V, T>
    {
        // 1 + x = 2^n (1 + f), where only n comes from the rounded sum; f is x itself where n is 0.
        V u = x + V.One;
        V n = V.NearestExponent(u);
        V scale = V.PowerOfTwo(-n);
        V y = V.CopySign(LogNormal<V, T>(n, V.MultiplyAdd(x, scale, scale - V.One)), x);
        // Times 4, so that the scale was a normal number too.
        return V.All(V.IsPositiveNormal(u * V.Const(4))) ? y : Log1pUnusual<V, T>(x, y);
    }

    private static V Log1pUnusual<V, T>(V x, V y) where V : IFloat<V, T>
    {
        V huge = LogNormal<V, T>(V.NearestExponent(x), V.NearestMantissa(x) - V.One);
        y = V.Select(x > V.Const(typeof(T) == typeof(float) ? 1e30 : 1e300), huge, y);
        y = V.Select(V.Equal(x, V.Const(-1)), V.Const(double.NegativeInfinity), y);
        y = V.Select(x < V.Const(-1), V.Const(double.NaN), y);
        return V.Select(x < V.Const(double.PositiveInfinity), y, x);
    }

    // ln 2^n (1 + f), |f| <= 1/3.
    [MethodImpl(Inline)]
    private static V LogNormal<V, T>(V n, V f) where V : IFloat<V, T>
    {
        // f - f^2 / 2 + f^3 p(f) on [-1/3, 1/3]; relative errors 2^-30 and 2^-56.7.
        V p = typeof(T) == typeof(float)
            ? Polynomial<V, T>(f, 0.33333334, -0.2499982, 0.19999701, -0.16679603, 0.1430197, -0.12195453, 0.10778729, -0.1284642, 0.11922165)
            : Polynomial<V, T>(f, 0.3333333333333323, -0.25000000000013334, 0.2000000000005499, -0.16666666662931853, 0.14285714276504027, -0.1250000038886131,
                0.11111111841997266, -0.09999979302854207, 0.09090876544889175, -0.08333971922462147, 0.0769318984639818, -0.0713079674719534,
                0.0665159014620315,
                -0.06390852340960756, 0.060448398489134206, -0.04573786396930921, 0.04203949754930475, -0.08624279470300673, 0.08449561690694515);
        V tail = V.MultiplyAdd(f, p, -0.5) * (f * f);
        tail = V.MultiplyAdd(n, V.Const(typeof(T) == typeof(float) ? Ln2LowSingle : Ln2Low), tail);
        return V.MultiplyAdd(n, V.Const(typeof(T) == typeof(float) ? Ln2HighSingle : Ln2High), f + tail);
    }

    private static V LogUnusual<V, T>(V x, V y) where V : IFloat<V, T>
    {
        // Subnormal numbers, with 2^-24 or 2^-54 taken out.
        V up = x * V.Const(typeof(T) == typeof(float) ? 1 << 24 : 1L << 54);
        V small = LogNormal<V, T>(V.NearestExponent(up) - V.Const(typeof(T) == typeof(float) ? 24 : 54), V.NearestMantissa(up) - V.One);
        y = V.Select(x < V.Const(typeof(T) == typeof(float) ? 1.17549435e-38 : 2.2250738585072014e-308), small, y);
        y = V.Select(V.Equal(x, V.Zero), V.Const(double.NegativeInfinity), y);
        y = V.Select(x < V.Zero, V.Const(double.NaN), y);
        // Infinity and NaN are their own logarithms.
        return V.Select(x < V.Const(double.PositiveInfinity), y, x);
    }
}
