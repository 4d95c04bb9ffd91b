using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>A vector times a matrix whose rows are combined: what counts is to read the matrix in order, once.</summary>
internal static unsafe partial class Gemm
{
    private const int ColumnsPerPart = 1024;

    /// <summary>y = alpha * (the sum of x[p] times row p of the matrix) + d; the matrix has k rows of n contiguous elements.</summary>
    private static void Combine<S, V, T>(int n, int k, T* matrix, nint row, T* x, nint xStride, T* y, nint yStride, T alpha, T* d, nint dStride)
        where S : ISimdOps<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
    {
        var job = new CombineJob<S, V, T>
        {
            N = n,
            K = k,
            Matrix = matrix,
            Row = row,
            X = x,
            XStride = xStride,
            Y = y,
            YStride = yStride,
            Alpha = alpha,
            D = d,
            DStride = dStride,
        };
        int parts = (n + ColumnsPerPart - 1) / ColumnsPerPart;
        if ((long)n * k >= SmallestShared / 12) Workers.For(parts, job);
        else for (int part = 0; part < parts; part++) job.Run(part);
    }

    private struct CombineJob<S, V, T> : IJob
        where S : ISimdOps<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
    {
        public int N, K;
        public T* Matrix, X, Y, D;
        public nint Row, XStride, YStride, DStride;
        public T Alpha;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
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
                V x0 = S.Create(a0), x1 = S.Create(a1), x2 = S.Create(a2), x3 = S.Create(a3);
                nint j = 0;
                for (; j + S.Count <= n; j += S.Count)
                {
                    V s = S.MultiplyAdd(S.Load(r0 + j), x0, S.Load(sum + j));
                    s = S.MultiplyAdd(S.Load(r1 + j), x1, s);
                    s = S.MultiplyAdd(S.Load(r2 + j), x2, s);
                    S.Store(S.MultiplyAdd(S.Load(r3 + j), x3, s), sum + j);
                }
                for (; j < n; j++) sum[j] += r0[j] * a0 + r1[j] * a1 + r2[j] * a2 + r3[j] * a3;
            }
            for (; p < K; p++)
            {
                T* r = m + p * Row;
                T a = X[p * XStride];
                V x = S.Create(a);
                nint j = 0;
                for (; j + S.Count <= n; j += S.Count) S.Store(S.MultiplyAdd(S.Load(r + j), x, S.Load(sum + j)), sum + j);
                for (; j < n; j++) sum[j] += r[j] * a;
            }
            T* y = Y + j0 * YStride, d = D + j0 * DStride;
            for (int j = 0; j < n; j++) y[j * YStride] = D == null ? Alpha * sum[j] : Alpha * sum[j] + d[j * DStride];
        }
    }
}
