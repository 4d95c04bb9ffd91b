using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal partial interface INum<T>
{
    /// <summary>e^(a^2) (1 - erf(a)), for a >= 0 as long as e^(-a^2) is not 0.</summary>
    static abstract T Erfcx(T a);
}

internal partial interface IFloat<V, T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)] static V INum<V>.Erfcx(V a) => Elementary.Erfcx<V, T>(a);
}

internal static partial class Elementary
{
    /// <summary>e^(x^2) erfc(x) for x >= 0 as long as e^(-x^2) is not 0; it falls slowly from 1 at 0 towards 1 / (sqrt(pi) x).</summary>
    [MethodImpl(Inline)]
    public static V Erfcx<V, T>(V x) where V : IFloat<V, T> =>
        typeof(T) == typeof(float) ? ErfcxSingle<V, T>(x) : ErfcxDouble<V, T>(x);

    // A quotient of polynomials for x up to 10.2, beyond which e^(-x^2) is 0; relative error 2^-25.9.
    [MethodImpl(Inline)]
    private static V ErfcxSingle<V, T>(V x) where V : IFloat<V, T>
    {
        // Both in x^2, so that few roundings pile up, and those of x^2 itself meet again in the quotient.
        V z = x * x;
        V p = V.MultiplyAdd(V.MultiplyAdd(V.Const(0.5641961693763733), z, V.MultiplyAdd(V.Const(3.939873695373535), x, 12.567138671875)), z,
            V.MultiplyAdd(V.Const(21.261680603027344), x, 17.156904220581055));
        V q = V.MultiplyAdd(V.MultiplyAdd(x + V.Const(6.983689785003662), z, V.MultiplyAdd(V.Const(22.767366409301758), x, 41.24617385864258)), z,
            V.MultiplyAdd(V.Const(40.62118148803711), x, 17.156904220581055));
        return p / q;
    }

    // As p(u) / (4 + x) with u = (4 - x) / (4 + x): Shepherd and Laframboise, "Chebyshev approximation of (1+2x)exp(x^2)erfc x", Math. Comp. 36,
    // 1981; other coefficients, by Sollya's fpminimax.
    [MethodImpl(Inline)]
    private static V ErfcxDouble<V, T>(V x) where V : IFloat<V, T>
    {
        V k = V.Const(4);
        V d = x + k, w = V.One / d;
        // What rounding took from d and w, relative to w, would come back fourfold.
        V lost = V.MultiplyAdd(-w, d, V.One) - w * (x - (d - k));
        V u = V.MultiplyAdd(w, k + k, -V.One);
        u = V.MultiplyAdd(w * (k + k), lost, u);
        V p = w * ErfcxOfQuotient<V, T>(u);
        return V.MultiplyAdd(p, lost, p);
    }

    // For x up to 28; relative error 2^-54.1.
    [MethodImpl(Inline)]
    private static V ErfcxOfQuotient<V, T>(V u) where V : IFloat<V, T>
    {
        V z = u * u;
        V even = V.MultiplyAdd(V.Const(8.345061788556777e-10), z, -1.5270604439426923e-08);
        even = V.MultiplyAdd(even, z, 1.2455473436017205e-07);
        even = V.MultiplyAdd(even, z, -8.472592846279802e-07);
        even = V.MultiplyAdd(even, z, 4.695425864159194e-06);
        even = V.MultiplyAdd(even, z, -3.6356975168152523e-06);
        even = V.MultiplyAdd(even, z, -0.00045505252000075107);
        even = V.MultiplyAdd(even, z, 0.006112055624457739);
        even = V.MultiplyAdd(even, z, 0.07638151491285945);
        even = V.MultiplyAdd(even, z, 0.33085158787778884);
        even = V.MultiplyAdd(even, z, 0.7732087022652436);
        even = V.MultiplyAdd(even, z, 1.095995661000491);
        V odd = V.MultiplyAdd(V.Const(8.968489814444548e-10), z, -4.105530754959927e-09);
        odd = V.MultiplyAdd(odd, z, 7.982534872099429e-08);
        odd = V.MultiplyAdd(odd, z, -1.4273532122752264e-06);
        odd = V.MultiplyAdd(odd, z, 1.886230216683062e-05);
        odd = V.MultiplyAdd(odd, z, -0.00017681321723832306);
        odd = V.MultiplyAdd(odd, z, 0.00028095893568672405);
        odd = V.MultiplyAdd(odd, z, 0.02637005333292407);
        odd = V.MultiplyAdd(odd, z, 0.17401093724036132);
        odd = V.MultiplyAdd(odd, z, 0.5408538313132238);
        odd = V.MultiplyAdd(odd, z, 0.9765487290808821);
        return V.MultiplyAdd(odd, u, even);
    }
}
