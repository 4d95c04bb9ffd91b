using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Numerics;

// Float goes through double lanes: there two multiplications reduce any argument that matters to far below a unit of float, fused or not, and short
// polynomials round correctly but for one case in a few dozen. Double itself is reduced in three steps to a sum of two numbers.
internal static unsafe partial class Elementary
{
    // Up to here the whole number of periods times the first part of pi is exact. Farther lanes, rare as they are, go through System.Math one by one.
    private const double FarSingle = 3e6, Far = 1e5;

    // 1.5 * 2^52: added, it rounds to an integer and leaves that in the low bits; subtracted again, it makes -0 a 0, which the sign of sin(-0) needs.
    private const double Magic = 6755399441055744.0;

    // pi in parts of 33 and 53 bits.
    private const double PiHigh = 3.1415926534682512, PiLow = 1.2154201013012384e-10;

    /// <summary>The sine.</summary>
    [MethodImpl(Inline)]
    public static V Sin<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V y = typeof(T) == typeof(float) ? V.InDouble<SinSingle>(x, x) : SinDouble<V, T>(x, V.Zero);
        return V.All(V.Abs(x) <= V.Const(typeof(T) == typeof(float) ? FarSingle : Far)) ? y : LaneByLane<V, T>(x, y, Math.Sin);
    }

    /// <summary>The cosine.</summary>
    [MethodImpl(Inline)]
    public static V Cos<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V y = typeof(T) == typeof(float) ? V.InDouble<CosSingle>(x, x) : SinDouble<V, T>(x, V.One);
        return V.All(V.Abs(x) <= V.Const(typeof(T) == typeof(float) ? FarSingle : Far)) ? y : LaneByLane<V, T>(x, y, Math.Cos);
    }

    /// <summary>The tangent.</summary>
    [MethodImpl(Inline)]
    public static V Tan<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (typeof(T) != typeof(float)) return LaneByLane<V, T>(x, V.Const(double.NaN), Math.Tan);
        V y = V.InDouble<TanSingle>(x, x);
        return V.All(V.Abs(x) <= V.Const(FarSingle)) ? y : LaneByLane<V, T>(x, y, Math.Tan);
    }

    // x = n pi + r; sin x = (-1)^n sin r.
    private readonly struct SinSingle : IInDouble
    {
        [MethodImpl(Inline)]
        public static W Apply<W>(W x, W unused) where W : unmanaged, ISimd<W, double>
        {
            W shifted = W.MultiplyAdd(x, W.Const(1 / Math.PI), W.Const(Magic));
            return SinOfRest(x, shifted - W.Const(Magic), shifted);
        }
    }

    // x = (n - 1/2) pi + r; cos x = (-1)^n sin r.
    private readonly struct CosSingle : IInDouble
    {
        [MethodImpl(Inline)]
        public static W Apply<W>(W x, W unused) where W : unmanaged, ISimd<W, double>
        {
            W shifted = W.MultiplyAdd(x, W.Const(1 / Math.PI), 0.5) + W.Const(Magic);
            return SinOfRest(x, (shifted - W.Const(Magic)) - W.Const(0.5), shifted);
        }
    }

    [MethodImpl(Inline)]
    private static W SinOfRest<W>(W x, W n, W shifted) where W : unmanaged, ISimd<W, double>
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
        public static W Apply<W>(W x, W unused) where W : unmanaged, ISimd<W, double>
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

    // x = n pi/2 + r + rest; the sine of n + quarters quarter turns is +-sin or +-cos of the remainder.
    [MethodImpl(Inline)]
    private static V SinDouble<V, T>(V x, V quarters) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        // pi/2 in parts of 37, 37 and 53 bits; n has 16 at most.
        V shifted = V.MultiplyAdd(x, V.Const(2 / Math.PI), V.Const(Magic));
        V n = shifted - V.Const(Magic);
        V t = V.MultiplyAdd(n, V.Const(-1.5707963267923333), x);
        V w = n * V.Const(2.5633441515839558e-12);
        V high = t - w;
        V low = V.MultiplyAdd(n, V.Const(-1.0562999066987428e-23), (t - high) - w);
        V r = high + low;
        low = (high - r) + low;

        // sin = r + r z p(z) on [-pi/4, pi/4]; relative error 2^-57.9.
        V z = r * r;
        V half = z * V.Const(0.5);
        V s = Polynomial<V, T>(z, -0.1666666666666663, 0.008333333333321898, -0.00019841269829431722, 2.7557313570498283e-06, -2.5050740180718966e-08,
            1.589580555011928e-10);
        s = r + V.MultiplyAdd(s, r * z, V.MultiplyAdd(-low, half, low));
        // cos = 1 - z/2 + z^2 q(z); 2^-63.9. What rounding took from 1 - z/2 is added with the small terms.
        V c = Polynomial<V, T>(z, 0.041666666666666595, -0.0013888888888873322, 2.4801587288980358e-05, -2.7557314208521055e-07, 2.087570398210434e-09,
            -1.1358664615619398e-11);
        V head = V.One - half;
        c = head + (V.MultiplyAdd(c, z * z, V.MultiplyAdd(-r, low, (V.One - head) - half)));

        // The quadrant's low bit chooses, the next one negates.
        V quadrant = shifted + quarters;
        V odd = V.CopySign(V.One, V.LowBitAsSign(quadrant)) < V.Zero;
        V y = V.Xor(V.Select(odd, c, s), V.SecondBitAsSign(quadrant));
        return V.Select(V.And(V.Equal(quarters, V.Zero), V.Abs(x) < V.Const(1.0 / (1 << 27))), x, y);
    }

    private static V LaneByLane<V, T>(V x, V near, Func<double, double> function) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* from = stackalloc T[V.Count];
        T* to = stackalloc T[V.Count];
        x.Store(from);
        near.Store(to);
        T far = T.CreateTruncating(typeof(T) == typeof(float) ? FarSingle : Far);
        for (int i = 0; i < V.Count; i++)
            if (!(T.Abs(from[i]) <= far) || T.IsNaN(to[i])) to[i] = T.CreateTruncating(function(double.CreateTruncating(from[i])));
        return V.Load(to);
    }
}
