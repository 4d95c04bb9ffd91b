using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// The other micro-kernel, for operands that are both contiguous in k: 4 rows of y against R = sizeof(R) rows of x, by dot products.
/// Nothing has to be packed for it, which pays where one side of the product is short.
/// </summary>
internal static unsafe class DotKernel<S, V, T, R>
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
    where R : unmanaged
{
    /// <summary>
    /// Vector 4 * r + q of sums, added up, is the dot product of row r of x and row yq, as far as whole vectors of k reach. Adding up is not
    /// done here: a call would make the JIT keep every sum in memory.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Run(nint k, T* x, nint xRow, T* y0, T* y1, T* y2, T* y3, T* sums)
    {
        V s00 = default, s01 = default, s02 = default, s03 = default;
        V s10 = default, s11 = default, s12 = default, s13 = default;
        V s20 = default, s21 = default, s22 = default, s23 = default;
        V s30 = default, s31 = default, s32 = default, s33 = default;
        T* x1 = x + xRow, x2 = x1 + xRow, x3 = x2 + xRow;
        nint i = 0;
        if (sizeof(R) == 1)
        {
            // One row alone has too few sums to hide the latency of adding: it gets a second set.
            V t0 = default, t1 = default, t2 = default, t3 = default;
            for (; i + 2 * S.Count <= k; i += 2 * S.Count)
            {
                V a = S.Load(x + i), b = S.Load(x + i + S.Count);
                s00 = S.MultiplyAdd(a, S.Load(y0 + i), s00);
                t0 = S.MultiplyAdd(b, S.Load(y0 + i + S.Count), t0);
                s01 = S.MultiplyAdd(a, S.Load(y1 + i), s01);
                t1 = S.MultiplyAdd(b, S.Load(y1 + i + S.Count), t1);
                s02 = S.MultiplyAdd(a, S.Load(y2 + i), s02);
                t2 = S.MultiplyAdd(b, S.Load(y2 + i + S.Count), t2);
                s03 = S.MultiplyAdd(a, S.Load(y3 + i), s03);
                t3 = S.MultiplyAdd(b, S.Load(y3 + i + S.Count), t3);
            }
            s00 = S.Add(s00, t0);
            s01 = S.Add(s01, t1);
            s02 = S.Add(s02, t2);
            s03 = S.Add(s03, t3);
        }
        for (; i + S.Count <= k; i += S.Count)
        {
            V a = S.Load(x + i), b0 = S.Load(y0 + i), b1 = S.Load(y1 + i), b2 = S.Load(y2 + i), b3 = S.Load(y3 + i);
            s00 = S.MultiplyAdd(a, b0, s00); s01 = S.MultiplyAdd(a, b1, s01); s02 = S.MultiplyAdd(a, b2, s02); s03 = S.MultiplyAdd(a, b3, s03);
            if (sizeof(R) > 1)
            {
                a = S.Load(x1 + i);
                s10 = S.MultiplyAdd(a, b0, s10); s11 = S.MultiplyAdd(a, b1, s11); s12 = S.MultiplyAdd(a, b2, s12); s13 = S.MultiplyAdd(a, b3, s13);
            }
            if (sizeof(R) > 2)
            {
                a = S.Load(x2 + i);
                s20 = S.MultiplyAdd(a, b0, s20); s21 = S.MultiplyAdd(a, b1, s21); s22 = S.MultiplyAdd(a, b2, s22); s23 = S.MultiplyAdd(a, b3, s23);
            }
            if (sizeof(R) > 3)
            {
                a = S.Load(x3 + i);
                s30 = S.MultiplyAdd(a, b0, s30); s31 = S.MultiplyAdd(a, b1, s31); s32 = S.MultiplyAdd(a, b2, s32); s33 = S.MultiplyAdd(a, b3, s33);
            }
        }
        S.Store(s00, sums); S.Store(s01, sums + 1 * S.Count); S.Store(s02, sums + 2 * S.Count); S.Store(s03, sums + 3 * S.Count);
        if (sizeof(R) > 1)
        {
            S.Store(s10, sums + 4 * S.Count); S.Store(s11, sums + 5 * S.Count);
            S.Store(s12, sums + 6 * S.Count); S.Store(s13, sums + 7 * S.Count);
        }
        if (sizeof(R) > 2)
        {
            S.Store(s20, sums + 8 * S.Count); S.Store(s21, sums + 9 * S.Count);
            S.Store(s22, sums + 10 * S.Count); S.Store(s23, sums + 11 * S.Count);
        }
        if (sizeof(R) > 3)
        {
            S.Store(s30, sums + 12 * S.Count); S.Store(s31, sums + 13 * S.Count);
            S.Store(s32, sums + 14 * S.Count); S.Store(s33, sums + 15 * S.Count);
        }
    }
}
