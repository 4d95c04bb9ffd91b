using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal static partial class Elementary
{
    // Horner's rule, c0 + x (c1 + x (c2 + ...)). Flat, not recursive: the JIT inlines only so deep.

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4)
        where V : IFloat<V, T>
    {
        V p = V.MultiplyAdd(V.Const(c4), x, c3);
        p = V.MultiplyAdd(p, x, c2);
        p = V.MultiplyAdd(p, x, c1);
        return V.MultiplyAdd(p, x, c0);
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5)
        where V : IFloat<V, T>
    {
        V p = V.MultiplyAdd(V.Const(c5), x, c4);
        p = V.MultiplyAdd(p, x, c3);
        p = V.MultiplyAdd(p, x, c2);
        p = V.MultiplyAdd(p, x, c1);
        return V.MultiplyAdd(p, x, c0);
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5, double c6)
        where V : IFloat<V, T>
    {
        V p = V.MultiplyAdd(V.Const(c6), x, c5);
        p = V.MultiplyAdd(p, x, c4);
        p = V.MultiplyAdd(p, x, c3);
        p = V.MultiplyAdd(p, x, c2);
        p = V.MultiplyAdd(p, x, c1);
        return V.MultiplyAdd(p, x, c0);
    }

    // Long ones in groups of four (Estrin's scheme, and Horner's rule in x^4): a loop holds few iterations in flight, so a long chain of waits shows.

    [MethodImpl(Inline)]
    private static V Four<V, T>(V x, V z, double c0, double c1, double c2, double c3) where V : IFloat<V, T> =>
        V.MultiplyAdd(V.MultiplyAdd(V.Const(c3), x, c2), z, V.MultiplyAdd(V.Const(c1), x, c0));

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7)
        where V : IFloat<V, T>
    {
        V z = x * x, w = z * z;
        return V.MultiplyAdd(Four<V, T>(x, z, c4, c5, c6, c7), w, Four<V, T>(x, z, c0, c1, c2, c3));
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4,
        double c5, double c6, double c7, double c8)
        where V : IFloat<V, T>
    {
        V z = x * x, w = z * z;
        V p = V.Const(c8);
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c4, c5, c6, c7));
        return V.MultiplyAdd(p, w, Four<V, T>(x, z, c0, c1, c2, c3));
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4,
        double c5, double c6, double c7, double c8, double c9)
        where V : IFloat<V, T>
    {
        V z = x * x, w = z * z;
        V p = V.MultiplyAdd(V.Const(c9), x, c8);
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c4, c5, c6, c7));
        return V.MultiplyAdd(p, w, Four<V, T>(x, z, c0, c1, c2, c3));
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5,
        double c6, double c7, double c8, double c9, double c10)
        where V : IFloat<V, T>
    {
        V z = x * x, w = z * z;
        V p = V.MultiplyAdd(V.Const(c10), z, V.MultiplyAdd(V.Const(c9), x, c8));
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c4, c5, c6, c7));
        return V.MultiplyAdd(p, w, Four<V, T>(x, z, c0, c1, c2, c3));
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5,
        double c6, double c7, double c8, double c9, double c10, double c11)
        where V : IFloat<V, T>
    {
        V z = x * x, w = z * z;
        V p = Four<V, T>(x, z, c8, c9, c10, c11);
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c4, c5, c6, c7));
        return V.MultiplyAdd(p, w, Four<V, T>(x, z, c0, c1, c2, c3));
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5, double c6,
        double c7, double c8, double c9, double c10, double c11, double c12)
        where V : IFloat<V, T>
    {
        V z = x * x, w = z * z;
        V p = V.Const(c12);
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c8, c9, c10, c11));
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c4, c5, c6, c7));
        return V.MultiplyAdd(p, w, Four<V, T>(x, z, c0, c1, c2, c3));
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8,
        double c9, double c10, double c11, double c12, double c13, double c14, double c15, double c16, double c17)
        where V : IFloat<V, T>
    {
        V z = x * x, w = z * z;
        V p = V.MultiplyAdd(V.Const(c17), x, c16);
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c12, c13, c14, c15));
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c8, c9, c10, c11));
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c4, c5, c6, c7));
        return V.MultiplyAdd(p, w, Four<V, T>(x, z, c0, c1, c2, c3));
    }

    [MethodImpl(Inline)]
    private static V Polynomial<V, T>(V x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9,
        double c10, double c11, double c12, double c13, double c14, double c15, double c16, double c17, double c18)
        where V : IFloat<V, T>
    {
        V z = x * x, w = z * z;
        V p = V.MultiplyAdd(V.Const(c18), z, V.MultiplyAdd(V.Const(c17), x, c16));
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c12, c13, c14, c15));
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c8, c9, c10, c11));
        p = V.MultiplyAdd(p, w, Four<V, T>(x, z, c4, c5, c6, c7));
        return V.MultiplyAdd(p, w, Four<V, T>(x, z, c0, c1, c2, c3));
    }
}
