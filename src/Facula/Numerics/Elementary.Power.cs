using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal static unsafe partial class Elementary
{
    /// <summary>x^y, with the special values of C (C99, F.9.4.4): among them 1^y = x^0 = 1 even for NaN, and negative x for integral y.</summary>
    [MethodImpl(Inline)]
    public static V Pow<V, T>(V x, V y) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (typeof(T) != typeof(float)) return PowByLanes<V, T>(x, y);
        return V.All(V.IsPositiveNormal(x)) && V.All(V.Abs(y) <= V.Const(float.MaxValue)) ? V.InDouble<PowSingle>(x, y) : PowUnusual<V, T>(x, y);
    }

    // 2^(y log2 x) in double lanes, where even the largest exponent costs log2 x few enough of its bits. For positive finite x.
    private readonly struct PowSingle : IInDouble
    {
        [MethodImpl(Inline)]
        public static W Apply<W>(W x, W y) where W : unmanaged, ISimd<W, double>
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

    private static V PowUnusual<V, T>(V x, V y) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V infinity = V.Const(double.PositiveInfinity);
        V a = V.Abs(x);
        V p = V.InDouble<PowSingle>(a, y);
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

    private static V PowByLanes<V, T>(V x, V y) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* a = stackalloc T[V.Count];
        T* b = stackalloc T[V.Count];
        x.Store(a);
        y.Store(b);
        for (int i = 0; i < V.Count; i++) a[i] = T.CreateTruncating(Math.Pow(double.CreateTruncating(a[i]), double.CreateTruncating(b[i])));
        return V.Load(a);
    }
}
