using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal partial interface INum<T>
{
    static abstract T Pow(T a, T b);
}

internal partial interface IFloat<V, T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Pow(V a, V b) => Elementary.Pow<V, T>(a, b);
}

internal static partial class Elementary
{
    // Beyond, a power of any double but 1 is 0 or infinite, and of 1 it is 1; here, products with y still have their low halves.
    private const double HugePower = 1e22;

    /// <summary>x^y, with the special values of C (C99, F.9.4.4): among them 1^y = x^0 = 1 even for NaN, and negative x for integral y.</summary>
    [MethodImpl(Inline)]
    public static V Pow<V, T>(V x, V y) where V : IFloat<V, T>
    {
        bool usual = V.All(V.IsPositiveNormal(x)) && V.All(V.Abs(y) <= V.Const(typeof(T) == typeof(float) ? float.MaxValue : HugePower));
        if (!usual) return PowUnusual<V, T>(x, y);
        return typeof(T) == typeof(float) ? V.InDouble<PowSingle>(x, y) : PowDouble<V, T>(V.NearestExponent(x), V.NearestMantissa(x), y);
    }

    // (2^n m)^y for m in [2/3, 4/3): e^(y ln x) with the logarithm to 64 bits, as a sum of two numbers, since the largest results multiply its error by 700.
    [MethodImpl(Inline)]
    private static V PowDouble<V, T>(V n, V m, V y) where V : IFloat<V, T>
    {
        // From 0.7071 to 1.4142: nearer to 1 at the low end, where ln m and -ln 2 would otherwise cancel most of each other.
        V isLow = m < V.Const(0.70710678);
        m = V.Select(isLow, m + m, m);
        n = V.Select(isLow, n - V.One, n);
        // ln m = 2 artanh s = s (2 + z (2/3 + z p(z))) with s = (m - 1) / (m + 1), z = s^2; |s| < 0.172. Relative error of p 2^-54, which counts for 1/6000.
        V two = V.Const(2), f = m - V.One, d = f + two, w = V.One / d;
        V s = f * w, product = s * d;
        V sLow = ((f - product) - V.ProductError(s, d, product) - s * (f - (d - two))) * w;
        V z = s * s, zLow = V.MultiplyAdd(s + s, sLow, V.ProductError(s, s, z));
        V p = z * Polynomial<V, T>(z, 0.4, 0.2857142857142635, 0.22222222222750718, 0.18181818160280971, 0.15384609335376737, 0.13334173086676854,
            0.11720368014657787, 0.11596729554944903);
        V third = V.Const(0.6666666666666666);
        V c = third + p, cLow = ((third - c) + p) + V.Const(3.700743415417188e-17);
        V u = z * c, uLow = V.MultiplyAdd(z, cLow, V.MultiplyAdd(zLow, c, V.ProductError(z, c, u)));
        V v = two + u, vLow = ((two - v) + u) + uLow;
        V a = s * v, aLow = V.MultiplyAdd(s, vLow, V.MultiplyAdd(sLow, v, V.ProductError(s, v, a)));
        // ln x = n ln 2 + ln m; the first is 0 or the greater.
        V high = n * V.Const(Ln2High), log = high + a, logLow = ((high - log) + a) + V.MultiplyAdd(n, V.Const(Ln2Low), aLow);

        // e^(t + low); beyond the bounds, as in Exp, low is too rough to be of use.
        V t = y * log, low = V.MultiplyAdd(y, logLow, V.ProductError(y, log, t));
        low = V.Select(V.Abs(t) < V.Const(1000), low, V.Zero);
        t = V.AtMost(V.AtLeast(t, V.Const(-746)), V.Const(710));
        V k = V.Round(t * V.Const(Log2E));
        V r = V.MultiplyAdd(k, V.Const(-Ln2High), t);
        low = V.MultiplyAdd(k, V.Const(-Ln2Low), low);
        V rest = r + low;
        low = (r - rest) + low;
        return V.Scale(V.MultiplyAdd(rest * rest, ExpSecond<V, T>(rest), low) + rest + V.One, k);
    }

    // 2^(y log2 x) in double lanes, where even the largest exponent costs log2 x few enough of its bits. For positive finite x.
    private readonly struct PowSingle : IInDouble
    {
        [MethodImpl(Inline)]
        public static W Apply<W>(W x, W y) where W : IFloat<W, double>
        {
            // log2(1 + f) = f p(f) on [-1/3, 1/3]; relative error 2^-35.9.
            W f = W.NearestMantissa(x) - W.One;
            W p = Polynomial<W, double>(f, 1.4426950408923305, -0.7213475195693044, 0.48089834396171016, -0.36067397861631095, 0.28853944172534224,
                -0.2404336603570368, 0.20607597370745107, -0.18080606494173157, 0.16089122491980534, -0.13746109317015795, 0.1235628288101904,
                -0.1661053076964203, 0.15754173461887244);
            W t = y * W.MultiplyAdd(f, p, W.NearestExponent(x));
            // Beyond the bounds float has only 0 and infinity, to which the conversion rounds.
            t = W.AtMost(W.AtLeast(t, W.Const(-160)), W.Const(130));
            W n = W.Round(t);
            // 2^f on [-0.5, 0.5]; relative error 2^-28.9.
            W e = Polynomial<W, double>(t - n, 1, 0.6931472028550386, 0.2402264791364135, 0.05550332471169783, 0.009618437356009455, 0.00133988744010399,
                0.00015353362374347215);
            return e * W.PowerOfTwo(n);
        }
    }

    private static V PowUnusual<V, T>(V x, V y) where V : IFloat<V, T>
    {
        V infinity = V.Const(double.PositiveInfinity);
        V a = V.Abs(x);
        V p = typeof(T) == typeof(float) ? V.InDouble<PowSingle>(a, y) : PowOfAny<V, T>(a, y);
        p = V.Select(V.Equal(a, V.Zero), V.Select(y < V.Zero, infinity, V.Zero), p);
        p = V.Select(V.Equal(a, infinity), V.Select(y < V.Zero, V.Zero, infinity), p);
        p = V.Select(V.And(V.Equal(a, V.One), V.Equal(V.Abs(y), infinity)), V.One, p);
        p = V.Select(V.Equal(y, y), p, y);
        p = V.Select(V.Equal(x, x), p, x);

        // Of a negative base, -0 included: odd powers are negative, others positive, those with a fraction do not exist.
        V half = y * V.Const(0.5);
        V integral = V.Equal(V.Round(y), y);
        V odd = V.And(integral, V.Not(V.Equal(V.Round(half), half)));
        p = V.Select(V.And(odd, V.CopySign(V.One, x) < V.Zero), -p, p);
        p = V.Select(V.And(V.And(x < V.Zero, x > -infinity), V.Not(integral)), V.Const(double.NaN), p);
        return V.Select(V.Or(V.Equal(y, V.Zero), V.Equal(x, V.One)), V.One, p);
    }

    // For a >= 0, subnormal numbers with 2^-54 taken out; what it makes of 0, infinity and NaN means nothing.
    private static V PowOfAny<V, T>(V a, V y) where V : IFloat<V, T>
    {
        V isSmall = a < V.Const(2.2250738585072014e-308);
        V up = V.Select(isSmall, a * V.Const(1L << 54), a);
        V n = V.NearestExponent(up) - V.Select(isSmall, V.Const(54), V.Zero);
        return PowDouble<V, T>(n, V.NearestMantissa(up), V.AtMost(V.AtLeast(y, V.Const(-HugePower)), V.Const(HugePower)));
    }
}
