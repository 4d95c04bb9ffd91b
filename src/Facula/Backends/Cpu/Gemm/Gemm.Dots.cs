using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>Products whose operands are both contiguous in k, by dot products.</summary>
internal static unsafe partial class Gemm
{
    private const int DotsWork = 64 << 10;

    /// <summary>
    /// c[r * cShort + q * cLong] = alpha * (row r of x . row q of y) + d[r * dShort + q * dLong], for rows r below few and q below many.
    /// Threads share the rows of y, so that should be the longer side.
    /// </summary>
    private static void Dots<S, V, T>(int few, int many, int k, T* x, nint xRow, T* y, nint yRow,
        T* c, nint cShort, nint cLong, T alpha, T* d, nint dShort, nint dLong)
        where S : ISimdOps<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
    {
        int perPart = (int)Math.Max(4, DotsWork / ((long)few * k) & ~3);
        var job = new DotsJob<S, V, T>
        {
            Few = few,
            Many = many,
            K = k,
            X = x,
            XRow = xRow,
            Y = y,
            YRow = yRow,
            C = c,
            CShort = cShort,
            CLong = cLong,
            Alpha = alpha,
            D = d,
            DShort = dShort,
            DLong = dLong,
            PerPart = perPart,
        };
        if ((long)few * many * k < SmallestShared)
        {
            job.PerPart = many;
            job.Run(0);
        }
        else
        {
            Workers.For((many + perPart - 1) / perPart, job);
        }
    }

    private struct DotsJob<S, V, T> : IJob
        where S : ISimdOps<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
    {
        public int Few, Many, K, PerPart;
        public T* X, Y, C, D;
        public nint XRow, YRow, CShort, CLong, DShort, DLong;
        public T Alpha;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        [SkipLocalsInit]
        public readonly void Run(int part)
        {
            T* sums = stackalloc T[16 * S.Count];
            nint whole = K - K % S.Count;
            int mr = S.TileRows >= 12 ? 4 : 2;
            int end = Math.Min((part + 1) * PerPart, Many);
            for (int q = part * PerPart; q < end; q += 4)
            {
                // Past the end the last row is taken again, and the result left alone.
                int columns = Math.Min(4, end - q);
                T* y0 = Y + q * YRow, y1 = columns > 1 ? y0 + YRow : y0, y2 = columns > 2 ? y1 + YRow : y1, y3 = columns > 3 ? y2 + YRow : y2;
                for (int r = 0; r < Few; r += mr)
                {
                    int rows = Math.Min(mr, Few - r);
                    T* x = X + r * XRow;
                    switch (rows)
                    {
                        case 1: DotKernel<S, V, T, N1>.Run(K, x, XRow, y0, y1, y2, y3, sums); break;
                        case 2: DotKernel<S, V, T, N2>.Run(K, x, XRow, y0, y1, y2, y3, sums); break;
                        case 3: DotKernel<S, V, T, N3>.Run(K, x, XRow, y0, y1, y2, y3, sums); break;
                        default: DotKernel<S, V, T, N4>.Run(K, x, XRow, y0, y1, y2, y3, sums); break;
                    }
                    for (int i = 0; i < rows; i++)
                    {
                        T* row = x + i * XRow, c = C + (r + i) * CShort + q * CLong, d = D + (r + i) * DShort + q * DLong;
                        for (int j = 0; j < columns; j++)
                        {
                            T sum = S.Sum(S.Load(sums + (4 * i + j) * S.Count));
                            T* y = y0 + j * YRow;
                            for (nint p = whole; p < K; p++) sum += row[p] * y[p];
                            c[j * CLong] = D == null ? Alpha * sum : Alpha * sum + d[j * DLong];
                        }
                    }
                }
            }
        }
    }

    /// <summary>The dot product of two contiguous vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static T Dot<S, V, T>(nint k, T* x, T* y)
        where S : ISimdOps<V, T>
        where V : unmanaged
        where T : unmanaged, INumber<T>
    {
        V s0 = default, s1 = default, s2 = default, s3 = default;
        nint i = 0;
        for (; i + 4 * S.Count <= k; i += 4 * S.Count)
        {
            s0 = S.MultiplyAdd(S.Load(x + i), S.Load(y + i), s0);
            s1 = S.MultiplyAdd(S.Load(x + i + S.Count), S.Load(y + i + S.Count), s1);
            s2 = S.MultiplyAdd(S.Load(x + i + 2 * S.Count), S.Load(y + i + 2 * S.Count), s2);
            s3 = S.MultiplyAdd(S.Load(x + i + 3 * S.Count), S.Load(y + i + 3 * S.Count), s3);
        }
        for (; i + S.Count <= k; i += S.Count) s0 = S.MultiplyAdd(S.Load(x + i), S.Load(y + i), s0);
        T sum = S.Sum(S.Add(S.Add(s0, s1), S.Add(s2, s3)));
        for (; i < k; i++) sum += x[i] * y[i];
        return sum;
    }
}
