using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>Products with a vector: what counts is to read the matrix in order, once.</summary>
internal static unsafe partial class Gemm
{
    private const int RowsPerPart = 64;
    private const int ColumnsPerPart = 1024;

    /// <summary>y[i] = alpha * (row i of the matrix . x) + d[i]; rows and x are contiguous.</summary>
    private static void Dots<L, V, T>(int rows, int k, T* matrix, nint row, T* x, T* y, nint yStride, T alpha, T* d, nint dStride)
        where L : ILanes<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
    {
        var job = new DotsJob<L, V, T> { Rows = rows, K = k, Matrix = matrix, Row = row, X = x, Y = y, YStride = yStride, Alpha = alpha, D = d, DStride = dStride };
        int parts = (rows + RowsPerPart - 1) / RowsPerPart;
        if ((long)rows * k >= SmallestShared / 4) Workers.For(parts, job);
        else for (int part = 0; part < parts; part++) job.Run(part);
    }

    private struct DotsJob<L, V, T> : IJob
        where L : ILanes<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
    {
        public int Rows, K;
        public T* Matrix, X, Y, D;
        public nint Row, YStride, DStride;
        public T Alpha;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int part)
        {
            int i = part * RowsPerPart, end = Math.Min(i + RowsPerPart, Rows);
            nint step = L.Count, whole = K - K % (2 * L.Count);
            for (; i < end; i++)
            {
                // Every row is summed alike, whether its neighbours go along or not.
                int together = end - i >= 4 ? 4 : 1;
                T* r0 = Matrix + i * Row, r1 = r0, r2 = r0, r3 = r0;
                V s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default, s30 = default, s31 = default;
                if (together == 4)
                {
                    r1 = r0 + Row;
                    r2 = r1 + Row;
                    r3 = r2 + Row;
                    for (nint p = 0; p < whole; p += 2 * step)
                    {
                        V x0 = L.Load(X + p), x1 = L.Load(X + p + step);
                        s00 = L.MultiplyAdd(L.Load(r0 + p), x0, s00);
                        s01 = L.MultiplyAdd(L.Load(r0 + p + step), x1, s01);
                        s10 = L.MultiplyAdd(L.Load(r1 + p), x0, s10);
                        s11 = L.MultiplyAdd(L.Load(r1 + p + step), x1, s11);
                        s20 = L.MultiplyAdd(L.Load(r2 + p), x0, s20);
                        s21 = L.MultiplyAdd(L.Load(r2 + p + step), x1, s21);
                        s30 = L.MultiplyAdd(L.Load(r3 + p), x0, s30);
                        s31 = L.MultiplyAdd(L.Load(r3 + p + step), x1, s31);
                    }
                }
                else
                {
                    for (nint p = 0; p < whole; p += 2 * step)
                    {
                        s00 = L.MultiplyAdd(L.Load(r0 + p), L.Load(X + p), s00);
                        s01 = L.MultiplyAdd(L.Load(r0 + p + step), L.Load(X + p + step), s01);
                    }
                }
                T t0 = L.Sum(L.Add(s00, s01)), t1 = L.Sum(L.Add(s10, s11)), t2 = L.Sum(L.Add(s20, s21)), t3 = L.Sum(L.Add(s30, s31));
                for (nint p = whole; p < K; p++)
                {
                    T x = X[p];
                    t0 += r0[p] * x;
                    t1 += r1[p] * x;
                    t2 += r2[p] * x;
                    t3 += r3[p] * x;
                }
                Finish(i, t0);
                if (together == 1) continue;
                Finish(i + 1, t1);
                Finish(i + 2, t2);
                Finish(i + 3, t3);
                i += 3;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Finish(int i, T sum) => Y[i * YStride] = D == null ? Alpha * sum : Alpha * sum + D[i * DStride];
    }

    /// <summary>y = alpha * (the sum of x[p] times row p of the matrix) + d; the matrix has k rows of n contiguous elements.</summary>
    private static void Combine<L, V, T>(int n, int k, T* matrix, nint row, T* x, nint xStride, T* y, nint yStride, T alpha, T* d, nint dStride)
        where L : ILanes<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
    {
        var job = new CombineJob<L, V, T>
        {
            N = n, K = k, Matrix = matrix, Row = row, X = x, XStride = xStride, Y = y, YStride = yStride, Alpha = alpha, D = d, DStride = dStride,
        };
        int parts = (n + ColumnsPerPart - 1) / ColumnsPerPart;
        if ((long)n * k >= SmallestShared / 4) Workers.For(parts, job);
        else for (int part = 0; part < parts; part++) job.Run(part);
    }

    private struct CombineJob<L, V, T> : IJob
        where L : ILanes<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
    {
        public int N, K;
        public T* Matrix, X, Y, D;
        public nint Row, XStride, YStride, DStride;
        public T Alpha;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        [SkipLocalsInit]
        public readonly void Run(int part)
        {
            T* sum = stackalloc T[ColumnsPerPart];
            int j0 = part * ColumnsPerPart, n = Math.Min(ColumnsPerPart, N - j0);
            new Span<T>(sum, n).Clear();
            T* m = Matrix + j0;
            int p = 0;
            for (; p + 4 <= K; p += 4)
            {
                T* r0 = m + p * Row, r1 = r0 + Row, r2 = r1 + Row, r3 = r2 + Row;
                T a0 = X[p * XStride], a1 = X[(p + 1) * XStride], a2 = X[(p + 2) * XStride], a3 = X[(p + 3) * XStride];
                V x0 = L.Create(a0), x1 = L.Create(a1), x2 = L.Create(a2), x3 = L.Create(a3);
                nint j = 0;
                for (; j + L.Count <= n; j += L.Count)
                {
                    V s = L.MultiplyAdd(L.Load(r0 + j), x0, L.Load(sum + j));
                    s = L.MultiplyAdd(L.Load(r1 + j), x1, s);
                    s = L.MultiplyAdd(L.Load(r2 + j), x2, s);
                    L.Store(L.MultiplyAdd(L.Load(r3 + j), x3, s), sum + j);
                }
                for (; j < n; j++) sum[j] += r0[j] * a0 + r1[j] * a1 + r2[j] * a2 + r3[j] * a3;
            }
            for (; p < K; p++)
            {
                T* r = m + p * Row;
                T a = X[p * XStride];
                V x = L.Create(a);
                nint j = 0;
                for (; j + L.Count <= n; j += L.Count) L.Store(L.MultiplyAdd(L.Load(r + j), x, L.Load(sum + j)), sum + j);
                for (; j < n; j++) sum[j] += r[j] * a;
            }
            T* y = Y + j0 * YStride, d = D + j0 * DStride;
            for (int j = 0; j < n; j++) y[j * YStride] = D == null ? Alpha * sum[j] : Alpha * sum[j] + d[j * DStride];
        }
    }
}
