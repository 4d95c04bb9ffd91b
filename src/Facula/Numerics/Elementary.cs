using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Numerics;

/// <summary>
/// Elementary functions as polynomials over the number type, so that every width gets the same bits. Where no source is named, the coefficients
/// are minimax fits with machine-number coefficients (Brisebarre and Chevillard, "Efficient polynomial L-infinity approximations", 2007: Sollya's
/// fpminimax), made for this file; the comment beside them gives the interval and the error that they leave before rounding.
/// </summary>
internal static unsafe partial class Elementary
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private const double Log2E = 1.4426950408889634, Ln2 = 0.6931471805599453;

    // ln 2 in two parts, the first with so few bits that its product with any exponent is exact, fused or not: 16 bits for float, 33 for double.
    private const double Ln2HighSingle = 0x0B172 / 65536.0;
    private const double Ln2LowSingle = 1.4286068203094173e-06;
    private const double Ln2High = 0.6931471803691238;
    private const double Ln2Low = 1.9082149292705877e-10;
}
internal static unsafe partial class Elementary
{
    private delegate double Function(double x);

    // Stand-ins: lane by lane through System.Math.
    private static V Lanes<V, T>(V x, Function f) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* lanes = stackalloc T[V.Count];
        x.Store(lanes);
        for (int i = 0; i < V.Count; i++) lanes[i] = T.CreateTruncating(f(double.CreateTruncating(lanes[i])));
        return V.Load(lanes);
    }

    public static V Sin<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => Lanes<V, T>(x, Math.Sin);
    public static V Cos<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => Lanes<V, T>(x, Math.Cos);
    public static V Tan<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => Lanes<V, T>(x, Math.Tan);

    public static V Pow<V, T>(V x, V y) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* a = stackalloc T[V.Count], b = stackalloc T[V.Count];
        x.Store(a);
        y.Store(b);
        for (int i = 0; i < V.Count; i++) a[i] = T.CreateTruncating(Math.Pow(double.CreateTruncating(a[i]), double.CreateTruncating(b[i])));
        return V.Load(a);
    }
}
