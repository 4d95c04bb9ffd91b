using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// The one micro-kernel: c[R, C vectors] = alpha * a[R, k] @ b[k, C vectors] + d, with R = sizeof(R) and C = sizeof(C), all in registers.
/// Every accumulator is a local of its own, because the JIT keeps locals in registers and arrays in memory; rows at or above R vanish.
/// </summary>
internal static unsafe class GemmKernel<L, V, T, R, C>
    where L : ILanes<V, T>
    where V : unmanaged
    where T : unmanaged
    where R : unmanaged
    where C : unmanaged
{
    /// <summary>
    /// The k of the product come in lines of so many: element (r, p) of a line lies at a[r * aLane + p * aStep], whether packed or not, and that of the next aLine further.
    /// Row p of b, line after line, at b + p * bStep; row r of d at d + r * dRow.
    /// Every element of c is one chain of multiply-adds in the order of k, then one with d: the same bits from any R, C and V.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Run(nint lines, nint k, T* a, nint aLine, nint aLane, nint aStep, T* b, nint bStep, T alpha, T* d, nint dRow, T* c, nint cRow)
    {
        V c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        V c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        V c60 = default, c61 = default, c70 = default, c71 = default, c80 = default, c81 = default;
        V c90 = default, c91 = default, cA0 = default, cA1 = default, cB0 = default, cB1 = default;

        // Twelve rows from four pointers and two offsets: that is what fits the address modes and the integer registers.
        nint aLane2 = 2 * aLane;
        aLine -= k * aStep;
        T* a0 = a, a3 = a0 + 3 * aLane, a6 = a3 + 3 * aLane, a9 = a6 + 3 * aLane;

        // Not do-while: there the JIT gives each accumulator a second life behind the loop, and spills.
        for (; lines > 0; lines--)
        {
            for (nint p = k; p > 0; p--)
            {
                V b0 = L.Load(b), b1 = sizeof(C) > 1 ? L.Load(b + L.Count) : default, x;
                x = L.Create(a0[0]); c00 = L.MultiplyAdd(b0, x, c00); if (sizeof(C) > 1) c01 = L.MultiplyAdd(b1, x, c01);
                if (sizeof(R) > 1) { x = L.Create(a0[aLane]); c10 = L.MultiplyAdd(b0, x, c10); if (sizeof(C) > 1) c11 = L.MultiplyAdd(b1, x, c11); }
                if (sizeof(R) > 2) { x = L.Create(a0[aLane2]); c20 = L.MultiplyAdd(b0, x, c20); if (sizeof(C) > 1) c21 = L.MultiplyAdd(b1, x, c21); }
                if (sizeof(R) > 3) { x = L.Create(a3[0]); c30 = L.MultiplyAdd(b0, x, c30); if (sizeof(C) > 1) c31 = L.MultiplyAdd(b1, x, c31); }
                if (sizeof(R) > 4) { x = L.Create(a3[aLane]); c40 = L.MultiplyAdd(b0, x, c40); if (sizeof(C) > 1) c41 = L.MultiplyAdd(b1, x, c41); }
                if (sizeof(R) > 5) { x = L.Create(a3[aLane2]); c50 = L.MultiplyAdd(b0, x, c50); if (sizeof(C) > 1) c51 = L.MultiplyAdd(b1, x, c51); }
                if (sizeof(R) > 6) { x = L.Create(a6[0]); c60 = L.MultiplyAdd(b0, x, c60); if (sizeof(C) > 1) c61 = L.MultiplyAdd(b1, x, c61); }
                if (sizeof(R) > 7) { x = L.Create(a6[aLane]); c70 = L.MultiplyAdd(b0, x, c70); if (sizeof(C) > 1) c71 = L.MultiplyAdd(b1, x, c71); }
                if (sizeof(R) > 8) { x = L.Create(a6[aLane2]); c80 = L.MultiplyAdd(b0, x, c80); if (sizeof(C) > 1) c81 = L.MultiplyAdd(b1, x, c81); }
                if (sizeof(R) > 9) { x = L.Create(a9[0]); c90 = L.MultiplyAdd(b0, x, c90); if (sizeof(C) > 1) c91 = L.MultiplyAdd(b1, x, c91); }
                if (sizeof(R) > 10) { x = L.Create(a9[aLane]); cA0 = L.MultiplyAdd(b0, x, cA0); if (sizeof(C) > 1) cA1 = L.MultiplyAdd(b1, x, cA1); }
                if (sizeof(R) > 11) { x = L.Create(a9[aLane2]); cB0 = L.MultiplyAdd(b0, x, cB0); if (sizeof(C) > 1) cB1 = L.MultiplyAdd(b1, x, cB1); }
                a0 += aStep;
                if (sizeof(R) > 3) a3 += aStep;
                if (sizeof(R) > 6) a6 += aStep;
                if (sizeof(R) > 9) a9 += aStep;
                b += bStep;
            }
            a0 += aLine;
            if (sizeof(R) > 3) a3 += aLine;
            if (sizeof(R) > 6) a6 += aLine;
            if (sizeof(R) > 9) a9 += aLine;
        }

        V s = L.Create(alpha);
        L.Store(L.MultiplyAdd(c00, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(c01, s, L.Load(d + L.Count)), c + L.Count);
        if (sizeof(R) > 1) { c += cRow; d += dRow; L.Store(L.MultiplyAdd(c10, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(c11, s, L.Load(d + L.Count)), c + L.Count); }
        if (sizeof(R) > 2) { c += cRow; d += dRow; L.Store(L.MultiplyAdd(c20, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(c21, s, L.Load(d + L.Count)), c + L.Count); }
        if (sizeof(R) > 3) { c += cRow; d += dRow; L.Store(L.MultiplyAdd(c30, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(c31, s, L.Load(d + L.Count)), c + L.Count); }
        if (sizeof(R) > 4) { c += cRow; d += dRow; L.Store(L.MultiplyAdd(c40, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(c41, s, L.Load(d + L.Count)), c + L.Count); }
        if (sizeof(R) > 5) { c += cRow; d += dRow; L.Store(L.MultiplyAdd(c50, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(c51, s, L.Load(d + L.Count)), c + L.Count); }
        if (sizeof(R) > 6) { c += cRow; d += dRow; L.Store(L.MultiplyAdd(c60, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(c61, s, L.Load(d + L.Count)), c + L.Count); }
        if (sizeof(R) > 7) { c += cRow; d += dRow; L.Store(L.MultiplyAdd(c70, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(c71, s, L.Load(d + L.Count)), c + L.Count); }
        if (sizeof(R) > 8) { c += cRow; d += dRow; L.Store(L.MultiplyAdd(c80, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(c81, s, L.Load(d + L.Count)), c + L.Count); }
        if (sizeof(R) > 9) { c += cRow; d += dRow; L.Store(L.MultiplyAdd(c90, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(c91, s, L.Load(d + L.Count)), c + L.Count); }
        if (sizeof(R) > 10) { c += cRow; d += dRow; L.Store(L.MultiplyAdd(cA0, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(cA1, s, L.Load(d + L.Count)), c + L.Count); }
        if (sizeof(R) > 11) { c += cRow; d += dRow; L.Store(L.MultiplyAdd(cB0, s, L.Load(d)), c); if (sizeof(C) > 1) L.Store(L.MultiplyAdd(cB1, s, L.Load(d + L.Count)), c + L.Count); }
    }
}
