using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal partial interface INum<T>
{
    static abstract T Tanh(T a);
}

internal partial interface IFloat<V, T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Tanh(V a) => Elementary.Tanh<V, T>(a);
}

internal static partial class Elementary
{
    /// <summary>The hyperbolic tangent, t / (t + 2) with t = e^2|x| - 1.</summary>
    [MethodImpl(Inline)]
    public static V Tanh<V, T>(V x) where V : IFloat<V, T>
    {
        // 2 |x| = n ln 2 + r; where n > 0, r hardly matters any more, and for float one step is enough.
        V a = V.AtMost(V.Abs(x), V.Const(typeof(T) == typeof(float) ? 10 : 20));
        V n = V.Round(a * V.Const(2 * Log2E));
        V r = V.MultiplyAdd(n, V.Const(typeof(T) == typeof(float) ? -Ln2 : -Ln2High), a + a);
        if (typeof(T) != typeof(float)) r = V.MultiplyAdd(n, V.Const(-Ln2Low), r);
        V scale = V.PowerOfTwo(n);
        V head = V.MultiplyAdd(r, scale, scale - V.One);
        V t;
        // e^r - 1 = r + r^2 p(r) on [-0.347, 0.347]; relative errors of p 2^-22.9 and 2^-58.2.
        V z = r * r;
        if (typeof(T) == typeof(float))
        {
            V p = V.MultiplyAdd(V.Const(0.0013911293), z, V.MultiplyAdd(V.Const(0.008363309), r, 0.041666705));
            p = V.MultiplyAdd(p, z, V.MultiplyAdd(V.Const(0.16666576), r, 0.5));
            t = V.MultiplyAdd(z * scale, p, head);
        }
        else
        {
            V p = Polynomial<V, T>(r, 0.5, 0.16666666666666677, 0.04166666666666661, 0.008333333333321397, 0.0013888888888923844, 0.00019841269886778027,
                2.4801587237555063e-05, 2.755724349429464e-06, 2.7557352676624173e-07, 2.510930601194931e-08, 2.088964813403019e-09);
            // With what rounding took from the head.
            V lost = V.MultiplyAdd(r, scale, (scale - V.One) - head);
            t = V.MultiplyAdd(z * scale, p, lost) + head;
        }
        V two = V.Const(2);
        V d = t + two;
        V y = t / d;
        // What rounding added to d is known exactly, and 1 / d is (1 - y) / 2.
        y = V.MultiplyAdd(y * ((d - two) - t), V.MultiplyAdd(y, V.Const(-0.5), V.Const(0.5)), y);
        return V.CopySign(V.AtMost(y, V.One), x);
    }
}
