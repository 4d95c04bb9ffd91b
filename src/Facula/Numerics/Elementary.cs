using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Numerics;

/// <summary>Elementary functions as polynomials over the number type, so that every width, and a GPU, gets the same bits.</summary>
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

    public static V Exp<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => Lanes<V, T>(x, Math.Exp);
    public static V Expm1<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => Lanes<V, T>(x, a => double.ExpM1(a));
    public static V Log<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => Lanes<V, T>(x, Math.Log);
    public static V Log1p<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => Lanes<V, T>(x, a => double.LogP1(a));
    public static V Sin<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => Lanes<V, T>(x, Math.Sin);
    public static V Cos<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => Lanes<V, T>(x, Math.Cos);
    public static V Tan<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => Lanes<V, T>(x, Math.Tan);
    public static V Tanh<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => Lanes<V, T>(x, Math.Tanh);
    public static V Erf<V, T>(V x) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => throw new NotSupportedException();

    public static V Pow<V, T>(V x, V y) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* a = stackalloc T[V.Count], b = stackalloc T[V.Count];
        x.Store(a);
        y.Store(b);
        for (int i = 0; i < V.Count; i++) a[i] = T.CreateTruncating(Math.Pow(double.CreateTruncating(a[i]), double.CreateTruncating(b[i])));
        return V.Load(a);
    }
}
