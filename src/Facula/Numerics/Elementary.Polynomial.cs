using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal static unsafe partial class Elementary
{
    // Horner's rule, c0 + x (c1 + x (c2 + ...)). Flat, not recursive: the JIT inlines only so deep.

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V p = V.MultiplyAdd(V.Const(c4), x, c3);
        p = V.MultiplyAdd(p, x, c2);
        p = V.MultiplyAdd(p, x, c1);
        return V.MultiplyAdd(p, x, c0);
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V p = V.MultiplyAdd(V.Const(c5), x, c4);
        p = V.MultiplyAdd(p, x, c3);
        p = V.MultiplyAdd(p, x, c2);
        p = V.MultiplyAdd(p, x, c1);
        return V.MultiplyAdd(p, x, c0);
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5, double c6)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V p = V.MultiplyAdd(V.Const(c6), x, c5);
        p = V.MultiplyAdd(p, x, c4);
        p = V.MultiplyAdd(p, x, c3);
        p = V.MultiplyAdd(p, x, c2);
        p = V.MultiplyAdd(p, x, c1);
        return V.MultiplyAdd(p, x, c0);
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4,
        double c5, double c6, double c7, double c8)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V p = V.MultiplyAdd(V.Const(c8), x, c7);
        p = V.MultiplyAdd(p, x, c6);
        p = V.MultiplyAdd(p, x, c5);
        p = V.MultiplyAdd(p, x, c4);
        p = V.MultiplyAdd(p, x, c3);
        p = V.MultiplyAdd(p, x, c2);
        p = V.MultiplyAdd(p, x, c1);
        return V.MultiplyAdd(p, x, c0);
    }

    // Long ones: the even and the odd powers side by side, for half the chain of waits.

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4,
        double c5, double c6, double c7, double c8, double c9)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V z = x * x;
        V even = V.MultiplyAdd(V.Const(c8), z, c6);
        even = V.MultiplyAdd(even, z, c4);
        even = V.MultiplyAdd(even, z, c2);
        even = V.MultiplyAdd(even, z, c0);
        V odd = V.MultiplyAdd(V.Const(c9), z, c7);
        odd = V.MultiplyAdd(odd, z, c5);
        odd = V.MultiplyAdd(odd, z, c3);
        odd = V.MultiplyAdd(odd, z, c1);
        return V.MultiplyAdd(odd, x, even);
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5,
        double c6, double c7, double c8, double c9, double c10)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V z = x * x;
        V even = V.MultiplyAdd(V.Const(c10), z, c8);
        even = V.MultiplyAdd(even, z, c6);
        even = V.MultiplyAdd(even, z, c4);
        even = V.MultiplyAdd(even, z, c2);
        even = V.MultiplyAdd(even, z, c0);
        V odd = V.MultiplyAdd(V.Const(c9), z, c7);
        odd = V.MultiplyAdd(odd, z, c5);
        odd = V.MultiplyAdd(odd, z, c3);
        odd = V.MultiplyAdd(odd, z, c1);
        return V.MultiplyAdd(odd, x, even);
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9,
        double c10, double c11, double c12, double c13, double c14, double c15, double c16, double c17, double c18)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V z = x * x;
        V even = V.MultiplyAdd(V.Const(c18), z, c16);
        even = V.MultiplyAdd(even, z, c14);
        even = V.MultiplyAdd(even, z, c12);
        even = V.MultiplyAdd(even, z, c10);
        even = V.MultiplyAdd(even, z, c8);
        even = V.MultiplyAdd(even, z, c6);
        even = V.MultiplyAdd(even, z, c4);
        even = V.MultiplyAdd(even, z, c2);
        even = V.MultiplyAdd(even, z, c0);
        V odd = V.MultiplyAdd(V.Const(c17), z, c15);
        odd = V.MultiplyAdd(odd, z, c13);
        odd = V.MultiplyAdd(odd, z, c11);
        odd = V.MultiplyAdd(odd, z, c9);
        odd = V.MultiplyAdd(odd, z, c7);
        odd = V.MultiplyAdd(odd, z, c5);
        odd = V.MultiplyAdd(odd, z, c3);
        odd = V.MultiplyAdd(odd, z, c1);
        return V.MultiplyAdd(odd, x, even);
    }
}
