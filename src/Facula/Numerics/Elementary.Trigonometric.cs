using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal partial interface INum<T>
{
    static abstract T Sin(T a);
    static abstract T Cos(T a);
    static abstract T Tan(T a);
}

internal partial interface IFloat<V, T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Sin(V a) => Elementary.Sin<V, T>(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Cos(V a) => Elementary.Cos<V, T>(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Tan(V a) => Elementary.Tan<V, T>(a);
}

// Float goes through double lanes: there two multiplications reduce any argument that matters to far below a unit of float, fused or not, and short
// polynomials round correctly but for one case in a few dozen. Double itself is reduced in three steps to a sum of two numbers.
internal static partial class Elementary
{
    // Up to here the whole number of periods times the first part of pi is exact. Farther numbers are rare.
    private const double FarSingle = 3e6, Far = 1e5;

    // Below, sine and tangent of a double are their argument.
    private const double Tiny = 1.0 / (1 << 27);

    // 1.5 * 2^52: added, it rounds to an integer and leaves that in the low bits; subtracted again, it makes -0 a 0, which the sign of sin(-0) needs.
    private const double Magic = 6755399441055744.0;

    // pi in parts of 33 and 53 bits.
    private const double PiHigh = 3.1415926534682512, PiLow = 1.2154201013012384e-10;

    /// <summary>The sine.</summary>
    [MethodImpl(Inline)]
    public static V Sin<V, T>(V x) where V : IFloat<V, T>
    {
        V y = typeof(T) == typeof(float) ? V.InDouble<SinSingle>(x, x) : SinDouble<V, T>(x, V.Zero);
        V near = V.Abs(x) <= V.Const(typeof(T) == typeof(float) ? FarSingle : Far);
        return V.All(near) ? y : SinFar<V, T>(x, y, near);
    }

    /// <summary>The cosine.</summary>
    [MethodImpl(Inline)]
    public static V Cos<V, T>(V x) where V : IFloat<V, T>
    {
        V y = typeof(T) == typeof(float) ? V.InDouble<CosSingle>(x, x) : SinDouble<V, T>(x, V.One);
        V near = V.Abs(x) <= V.Const(typeof(T) == typeof(float) ? FarSingle : Far);
        return V.All(near) ? y : CosFar<V, T>(x, y, near);
    }

    /// <summary>The tangent.</summary>
    [MethodImpl(Inline)]
    public static V Tan<V, T>(V x) where V : IFloat<V, T>
    {
        V y = typeof(T) == typeof(float) ? V.InDouble<TanSingle>(x, x) : TanDouble<V, T>(x);
        V near = V.Abs(x) <= V.Const(typeof(T) == typeof(float) ? FarSingle : Far);
        return V.All(near) ? y : TanFar<V, T>(x, y, near);
    }

    // Of 0 where the number is near, which costs least.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static V SinFar<V, T>(V x, V y, V near) where V : IFloat<V, T> => V.Select(near, y, V.FarSin(V.Select(near, V.Zero, x)));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static V CosFar<V, T>(V x, V y, V near) where V : IFloat<V, T> => V.Select(near, y, V.FarCos(V.Select(near, V.Zero, x)));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static V TanFar<V, T>(V x, V y, V near) where V : IFloat<V, T> => V.Select(near, y, V.FarTan(V.Select(near, V.Zero, x)));

    // x = n pi + r; sin x = (-1)^n sin r.
    private readonly struct SinSingle : IInDouble
    {
        [MethodImpl(Inline)]
        public static W Apply<W>(W x, W unused) where W : IFloat<W, double>
        {
            W shifted = W.MultiplyAdd(x, W.Const(1 / Math.PI), W.Const(Magic));
            return SinOfRest(x, shifted - W.Const(Magic), shifted);
        }
    }

    // x = (n - 1/2) pi + r; cos x = (-1)^n sin r.
    private readonly struct CosSingle : IInDouble
    {
        [MethodImpl(Inline)]
        public static W Apply<W>(W x, W unused) where W : IFloat<W, double>
        {
            W shifted = W.MultiplyAdd(x, W.Const(1 / Math.PI), 0.5) + W.Const(Magic);
            return SinOfRest(x, (shifted - W.Const(Magic)) - W.Const(0.5), shifted);
        }
    }

    [MethodImpl(Inline)]
    private static W SinOfRest<W>(W x, W n, W shifted) where W : IFloat<W, double>
    {
        W r = W.MultiplyAdd(n, W.Const(-PiHigh), x);
        r = W.MultiplyAdd(n, W.Const(-PiLow), r);
        // sin(r) / r - 1 = r^2 p(r^2) on [-pi/2, pi/2]; relative error of sin 2^-27.3.
        W z = r * r;
        W p = W.MultiplyAdd(W.Const(2.605760905040538e-06), z, -0.00019809594467605845);
        p = W.MultiplyAdd(p, z, 0.008333066138460908);
        p = W.MultiplyAdd(p, z, -0.16666659546572266);
        return W.Xor(r * W.MultiplyAdd(p, z, W.One), W.LowBitAsSign(shifted));
    }

    // x = n pi/2 + r; tan x = tan r, or -1 / tan r for odd n.
    private readonly struct TanSingle : IInDouble
    {
        [MethodImpl(Inline)]
        public static W Apply<W>(W x, W unused) where W : IFloat<W, double>
        {
            W shifted = W.MultiplyAdd(x, W.Const(2 / Math.PI), W.Const(Magic));
            W n = shifted - W.Const(Magic);
            W r = W.MultiplyAdd(n, W.Const(-0.5 * PiHigh), x);
            r = W.MultiplyAdd(n, W.Const(-0.5 * PiLow), r);
            // sin and cos on [-pi/4, pi/4]; relative errors 2^-37.5 and 2^-33.9.
            W z = r * r;
            W s = W.MultiplyAdd(W.Const(2.718064043946361e-06), z, -0.00019839306253279296);
            s = W.MultiplyAdd(s, z, 0.008333329286219292);
            s = W.MultiplyAdd(s, z, -0.16666666640637148);
            s = r * W.MultiplyAdd(s, z, W.One);
            W c = W.MultiplyAdd(W.Const(2.43829194581681e-05), z, -0.0013886674766469401);
            c = W.MultiplyAdd(c, z, 0.0416666201394077);
            c = W.MultiplyAdd(c, z, -0.4999999969254912);
            c = W.MultiplyAdd(c, z, W.One);
            W sign = W.LowBitAsSign(shifted);
            W odd = W.CopySign(W.One, sign) < W.Zero;
            return W.Xor(W.Select(odd, c, s) / W.Select(odd, s, c), sign);
        }
    }

    // x = n pi/2 + r + low; the sine of n + quarters quarter turns is +-sin or +-cos of the remainder.
    [MethodImpl(Inline)]
    private static V SinDouble<V, T>(V x, V quarters) where V : IFloat<V, T>
    {
        V shifted = V.MultiplyAdd(x, V.Const(2 / Math.PI), V.Const(Magic));
        V y = SinOfReduced<V, T>(Reduced<V, T>(x, shifted - V.Const(Magic), out V low), low, shifted + quarters);
        return V.Select(V.And(V.Equal(quarters, V.Zero), V.Abs(x) < V.Const(Tiny)), x, y);
    }

    /// <summary>
    /// The sine of r + low, at most pi/4 in magnitude, and of as many quarter turns as the lowest bits of the quadrant say, which is 1.5 * 2^52 more than their
    /// number; of doubles.
    /// </summary>
    [MethodImpl(Inline)]
    public static V SinOfReduced<V, T>(V r, V low, V quadrant) where V : IFloat<V, T>
    {
        V z = r * r, half = z * V.Const(0.5), head = V.One - half;
        V s = r + SinRest<V, T>(r, low, z, half);
        V c = head + CosRest<V, T>(r, low, z, half, head);

        // The quadrant's low bit chooses, the next one negates.
        V odd = V.CopySign(V.One, V.LowBitAsSign(quadrant)) < V.Zero;
        return V.Xor(V.Select(odd, c, s), V.SecondBitAsSign(quadrant));
    }

    [MethodImpl(Inline)]
    private static V TanDouble<V, T>(V x) where V : IFloat<V, T>
    {
        V shifted = V.MultiplyAdd(x, V.Const(2 / Math.PI), V.Const(Magic));
        V y = TanOfReduced<V, T>(Reduced<V, T>(x, shifted - V.Const(Magic), out V low), low, shifted);
        return V.Select(V.Abs(x) < V.Const(Tiny), x, y);
    }

    /// <summary>
    /// The same for the tangent: that of the remainder, or -1 / tan. The quotient is corrected by what rounding took from it and from sine and cosine.
    /// </summary>
    [MethodImpl(Inline)]
    public static V TanOfReduced<V, T>(V r, V low, V quadrant) where V : IFloat<V, T>
    {
        V z = r * r, half = z * V.Const(0.5), head = V.One - half;
        V sinRest = SinRest<V, T>(r, low, z, half), cosRest = CosRest<V, T>(r, low, z, half, head);
        V s = r + sinRest, c = head + cosRest;
        sinRest = (r - s) + sinRest;
        cosRest = (head - c) + cosRest;

        V sign = V.LowBitAsSign(quadrant), odd = V.CopySign(V.One, sign) < V.Zero;
        V over = V.Select(odd, c, s), overRest = V.Select(odd, cosRest, sinRest), under = V.Select(odd, s, c), underRest = V.Select(odd, sinRest, cosRest);
        V w = V.One / under, y = over * w, product = y * under;
        V left = ((over - product) - V.ProductError(y, under, product)) + V.MultiplyAdd(-y, underRest, overRest);
        return V.Xor(V.MultiplyAdd(left, w, y), sign);
    }

    // x - n pi/2 as a sum of two numbers, with pi/2 in parts of 37, 37 and 53 bits; n has 16 at most.
    [MethodImpl(Inline)]
    private static V Reduced<V, T>(V x, V n, out V low) where V : IFloat<V, T>
    {
        V t = V.MultiplyAdd(n, V.Const(-1.5707963267923333), x);
        V w = n * V.Const(2.5633441515839558e-12);
        V high = t - w;
        V rest = V.MultiplyAdd(n, V.Const(-1.0562999066987428e-23), (t - high) - w);
        V r = high + rest;
        low = (high - r) + rest;
        return r;
    }

    // sin(r + low) - r on [-pi/4, pi/4], as z = r^2 times r p(z); relative error of sin 2^-57.9.
    [MethodImpl(Inline)]
    private static V SinRest<V, T>(V r, V low, V z, V half) where V : IFloat<V, T>
    {
        V p = Polynomial<V, T>(z, -0.1666666666666663, 0.008333333333321898, -0.00019841269829431722, 2.7557313570498283e-06, -2.5050740180718966e-08,
            1.589580555011928e-10);
        return V.MultiplyAdd(p, r * z, V.MultiplyAdd(-low, half, low));
    }

    // cos(r + low) less its head 1 - z/2, as z^2 q(z) and what rounding took from the head; error 2^-63.9.
    [MethodImpl(Inline)]
    private static V CosRest<V, T>(V r, V low, V z, V half, V head) where V : IFloat<V, T>
    {
        V q = Polynomial<V, T>(z, 0.041666666666666595, -0.0013888888888873322, 2.4801587288980358e-05, -2.7557314208521055e-07, 2.087570398210434e-09,
            -1.1358664615619398e-11);
        return V.MultiplyAdd(q, z * z, V.MultiplyAdd(-r, low, (V.One - head) - half));
    }
}
