using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// The one micro-kernel: c[R, C vectors] = alpha * a[R, k] @ b[k, C vectors] + d, with R = sizeof(R) and C = sizeof(C), all in registers.
/// Every accumulator is a local of its own, because the JIT keeps locals in registers and arrays in memory; rows at or above R vanish.
/// </summary>
internal static unsafe class GemmKernel<S, V, T, R, C>
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged
    where R : unmanaged
    where C : unmanaged
{
    /// <summary>
    /// The k of the product come in lines of so many: element (r, p) of a line lies at a[r * aLane + p * aStep], whether packed or not, and that of
    /// the next aLine further. Row p of b, line after line, at b + p * bStep; row r of d at d + r * dRow. Every element of c is one chain of
    /// multiply-adds in the order of k, then one with d: the same bits from any R, C and V.
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
                V b0 = S.Load(b), b1 = sizeof(C) > 1 ? S.Load(b + S.Count) : default, x;
                x = S.Create(a0[0]); c00 = S.MultiplyAdd(b0, x, c00); if (sizeof(C) > 1) c01 = S.MultiplyAdd(b1, x, c01);
                if (sizeof(R) > 1) { x = S.Create(a0[aLane]); c10 = S.MultiplyAdd(b0, x, c10); if (sizeof(C) > 1) c11 = S.MultiplyAdd(b1, x, c11); }
                if (sizeof(R) > 2) { x = S.Create(a0[aLane2]); c20 = S.MultiplyAdd(b0, x, c20); if (sizeof(C) > 1) c21 = S.MultiplyAdd(b1, x, c21); }
                if (sizeof(R) > 3) { x = S.Create(a3[0]); c30 = S.MultiplyAdd(b0, x, c30); if (sizeof(C) > 1) c31 = S.MultiplyAdd(b1, x, c31); }
                if (sizeof(R) > 4) { x = S.Create(a3[aLane]); c40 = S.MultiplyAdd(b0, x, c40); if (sizeof(C) > 1) c41 = S.MultiplyAdd(b1, x, c41); }
                if (sizeof(R) > 5) { x = S.Create(a3[aLane2]); c50 = S.MultiplyAdd(b0, x, c50); if (sizeof(C) > 1) c51 = S.MultiplyAdd(b1, x, c51); }
                if (sizeof(R) > 6) { x = S.Create(a6[0]); c60 = S.MultiplyAdd(b0, x, c60); if (sizeof(C) > 1) c61 = S.MultiplyAdd(b1, x, c61); }
                if (sizeof(R) > 7) { x = S.Create(a6[aLane]); c70 = S.MultiplyAdd(b0, x, c70); if (sizeof(C) > 1) c71 = S.MultiplyAdd(b1, x, c71); }
                if (sizeof(R) > 8) { x = S.Create(a6[aLane2]); c80 = S.MultiplyAdd(b0, x, c80); if (sizeof(C) > 1) c81 = S.MultiplyAdd(b1, x, c81); }
                if (sizeof(R) > 9) { x = S.Create(a9[0]); c90 = S.MultiplyAdd(b0, x, c90); if (sizeof(C) > 1) c91 = S.MultiplyAdd(b1, x, c91); }
                if (sizeof(R) > 10) { x = S.Create(a9[aLane]); cA0 = S.MultiplyAdd(b0, x, cA0); if (sizeof(C) > 1) cA1 = S.MultiplyAdd(b1, x, cA1); }
                if (sizeof(R) > 11) { x = S.Create(a9[aLane2]); cB0 = S.MultiplyAdd(b0, x, cB0); if (sizeof(C) > 1) cB1 = S.MultiplyAdd(b1, x, cB1); }
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

        V s = S.Create(alpha);
        S.Store(S.MultiplyAdd(c00, s, S.Load(d)), c); if (sizeof(C) > 1) S.Store(S.MultiplyAdd(c01, s, S.Load(d + S.Count)), c + S.Count);
        if (sizeof(R) > 1) { c += cRow; d += dRow; S.Store(S.MultiplyAdd(c10, s, S.Load(d)), c); }
        if (sizeof(R) > 1 && sizeof(C) > 1) S.Store(S.MultiplyAdd(c11, s, S.Load(d + S.Count)), c + S.Count);
        if (sizeof(R) > 2) { c += cRow; d += dRow; S.Store(S.MultiplyAdd(c20, s, S.Load(d)), c); }
        if (sizeof(R) > 2 && sizeof(C) > 1) S.Store(S.MultiplyAdd(c21, s, S.Load(d + S.Count)), c + S.Count);
        if (sizeof(R) > 3) { c += cRow; d += dRow; S.Store(S.MultiplyAdd(c30, s, S.Load(d)), c); }
        if (sizeof(R) > 3 && sizeof(C) > 1) S.Store(S.MultiplyAdd(c31, s, S.Load(d + S.Count)), c + S.Count);
        if (sizeof(R) > 4) { c += cRow; d += dRow; S.Store(S.MultiplyAdd(c40, s, S.Load(d)), c); }
        if (sizeof(R) > 4 && sizeof(C) > 1) S.Store(S.MultiplyAdd(c41, s, S.Load(d + S.Count)), c + S.Count);
        if (sizeof(R) > 5) { c += cRow; d += dRow; S.Store(S.MultiplyAdd(c50, s, S.Load(d)), c); }
        if (sizeof(R) > 5 && sizeof(C) > 1) S.Store(S.MultiplyAdd(c51, s, S.Load(d + S.Count)), c + S.Count);
        if (sizeof(R) > 6) { c += cRow; d += dRow; S.Store(S.MultiplyAdd(c60, s, S.Load(d)), c); }
        if (sizeof(R) > 6 && sizeof(C) > 1) S.Store(S.MultiplyAdd(c61, s, S.Load(d + S.Count)), c + S.Count);
        if (sizeof(R) > 7) { c += cRow; d += dRow; S.Store(S.MultiplyAdd(c70, s, S.Load(d)), c); }
        if (sizeof(R) > 7 && sizeof(C) > 1) S.Store(S.MultiplyAdd(c71, s, S.Load(d + S.Count)), c + S.Count);
        if (sizeof(R) > 8) { c += cRow; d += dRow; S.Store(S.MultiplyAdd(c80, s, S.Load(d)), c); }
        if (sizeof(R) > 8 && sizeof(C) > 1) S.Store(S.MultiplyAdd(c81, s, S.Load(d + S.Count)), c + S.Count);
        if (sizeof(R) > 9) { c += cRow; d += dRow; S.Store(S.MultiplyAdd(c90, s, S.Load(d)), c); }
        if (sizeof(R) > 9 && sizeof(C) > 1) S.Store(S.MultiplyAdd(c91, s, S.Load(d + S.Count)), c + S.Count);
        if (sizeof(R) > 10) { c += cRow; d += dRow; S.Store(S.MultiplyAdd(cA0, s, S.Load(d)), c); }
        if (sizeof(R) > 10 && sizeof(C) > 1) S.Store(S.MultiplyAdd(cA1, s, S.Load(d + S.Count)), c + S.Count);
        if (sizeof(R) > 11) { c += cRow; d += dRow; S.Store(S.MultiplyAdd(cB0, s, S.Load(d)), c); }
        if (sizeof(R) > 11 && sizeof(C) > 1) S.Store(S.MultiplyAdd(cB1, s, S.Load(d + S.Count)), c + S.Count);
    }
}
