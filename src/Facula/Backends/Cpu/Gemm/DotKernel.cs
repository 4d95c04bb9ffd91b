using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// The other micro-kernel, for operands that are both contiguous in k: 4 rows of y against R = sizeof(R) rows of x, by dot products.
/// Nothing has to be packed for it, which pays where one side of the product is short.
/// </summary>
internal static unsafe class DotKernel<L, V, T, R>
    where L : ILanes<V, T>
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
            for (; i + 2 * L.Count <= k; i += 2 * L.Count)
            {
                V a = L.Load(x + i), b = L.Load(x + i + L.Count);
                s00 = L.MultiplyAdd(a, L.Load(y0 + i), s00);
                t0 = L.MultiplyAdd(b, L.Load(y0 + i + L.Count), t0);
                s01 = L.MultiplyAdd(a, L.Load(y1 + i), s01);
                t1 = L.MultiplyAdd(b, L.Load(y1 + i + L.Count), t1);
                s02 = L.MultiplyAdd(a, L.Load(y2 + i), s02);
                t2 = L.MultiplyAdd(b, L.Load(y2 + i + L.Count), t2);
                s03 = L.MultiplyAdd(a, L.Load(y3 + i), s03);
                t3 = L.MultiplyAdd(b, L.Load(y3 + i + L.Count), t3);
            }
            s00 = L.Add(s00, t0);
            s01 = L.Add(s01, t1);
            s02 = L.Add(s02, t2);
            s03 = L.Add(s03, t3);
        }
        for (; i + L.Count <= k; i += L.Count)
        {
            V a = L.Load(x + i), b0 = L.Load(y0 + i), b1 = L.Load(y1 + i), b2 = L.Load(y2 + i), b3 = L.Load(y3 + i);
            s00 = L.MultiplyAdd(a, b0, s00); s01 = L.MultiplyAdd(a, b1, s01); s02 = L.MultiplyAdd(a, b2, s02); s03 = L.MultiplyAdd(a, b3, s03);
            if (sizeof(R) > 1) { a = L.Load(x1 + i); s10 = L.MultiplyAdd(a, b0, s10); s11 = L.MultiplyAdd(a, b1, s11); s12 = L.MultiplyAdd(a, b2, s12); s13 = L.MultiplyAdd(a, b3, s13); }
            if (sizeof(R) > 2) { a = L.Load(x2 + i); s20 = L.MultiplyAdd(a, b0, s20); s21 = L.MultiplyAdd(a, b1, s21); s22 = L.MultiplyAdd(a, b2, s22); s23 = L.MultiplyAdd(a, b3, s23); }
            if (sizeof(R) > 3) { a = L.Load(x3 + i); s30 = L.MultiplyAdd(a, b0, s30); s31 = L.MultiplyAdd(a, b1, s31); s32 = L.MultiplyAdd(a, b2, s32); s33 = L.MultiplyAdd(a, b3, s33); }
        }
        L.Store(s00, sums); L.Store(s01, sums + 1 * L.Count); L.Store(s02, sums + 2 * L.Count); L.Store(s03, sums + 3 * L.Count);
        if (sizeof(R) > 1) { L.Store(s10, sums + 4 * L.Count); L.Store(s11, sums + 5 * L.Count); L.Store(s12, sums + 6 * L.Count); L.Store(s13, sums + 7 * L.Count); }
        if (sizeof(R) > 2) { L.Store(s20, sums + 8 * L.Count); L.Store(s21, sums + 9 * L.Count); L.Store(s22, sums + 10 * L.Count); L.Store(s23, sums + 11 * L.Count); }
        if (sizeof(R) > 3) { L.Store(s30, sums + 12 * L.Count); L.Store(s31, sums + 13 * L.Count); L.Store(s32, sums + 14 * L.Count); L.Store(s33, sums + 15 * L.Count); }
    }
}
