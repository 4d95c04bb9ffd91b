using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>Rows one by one: the mean, the squares of what is left without it, and the result, while the row is in the first cache.</summary>
internal unsafe struct RowNormRows<T> : ISimdJob<T> where T : unmanaged, INumber<T>
{
    /// <summary>Weight and bias, the means and the scales may be null.</summary>
    public T* X, Y, Weight, Bias, Means, Scales;
    public nint Size;
    public double Eps;
    public bool Centred, Streams;
    public LineCut Cut;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (long first, long end) = Cut[part];
        for (long row = first; row < end; row++)
        {
            T* x = X + (nint)row * Size;
            T mean = Centred ? T.CreateTruncating(RowSums<T>.Sum<V>(x, Size) / Size) : T.Zero;
            T scale = T.CreateTruncating(1 / Math.Sqrt(RowSums<T>.Squares<V>(x, mean, Size) / Size + Eps));
            if (Streams) Apply<V, Streaming>(x, Y + (nint)row * Size, mean, scale);
            else Apply<V, Cached>(x, Y + (nint)row * Size, mean, scale);
            if (Means is not null) Means[row] = mean;
            if (Scales is not null) Scales[row] = scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Apply<V, TStore>(T* x, T* y, T mean, T scale) where V : unmanaged, ISimd<V, T> where TStore : IStore
    {
        V centre = V.Create(mean), factor = V.Create(scale);
        T* weight = Weight, bias = Bias;
        nint n = Size, i = 0;
        if (weight is not null && bias is not null)
        {
            for (; i <= n - V.Count; i += V.Count)
            {
                Cache.Prefetch(x + n + i);
                TStore.Store<V, T>(V.MultiplyAdd((V.Load(x + i) - centre) * factor, V.Load(weight + i), V.Load(bias + i)), y + i);
            }
        }
        else
        {
            for (; i <= n - V.Count; i += V.Count)
            {
                V value = (V.Load(x + i) - centre) * factor;
                if (weight is not null) value *= V.Load(weight + i);
                if (bias is not null) value += V.Load(bias + i);
                TStore.Store<V, T>(value, y + i);
            }
        }
        if (i < n) Tail<V>(x + i, y + i, weight is null ? null : weight + i, bias is null ? null : bias + i, centre, factor, n - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tail<V>(T* x, T* y, T* weight, T* bias, V centre, V factor, nint n) where V : unmanaged, ISimd<V, T>
    {
        V value = (V.LoadPartial(x, n) - centre) * factor;
        // As above in every bit.
        if (weight is not null && bias is not null) value = V.MultiplyAdd(value, V.LoadPartial(weight, n), V.LoadPartial(bias, n));
        else if (weight is not null) value *= V.LoadPartial(weight, n);
        else if (bias is not null) value += V.LoadPartial(bias, n);
        V.StorePartial(value, y, n);
    }
}

/// <summary>Sums over a row, of four vectors side by side.</summary>
internal static unsafe class RowSums<T> where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static double Sum<V>(T* x, nint n) where V : unmanaged, ISimd<V, T>
    {
        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
        nint i = 0;
        for (; i <= n - 4 * V.Count; i += 4 * V.Count)
        {
            a += V.Load(x + i);
            b += V.Load(x + i + V.Count);
            c += V.Load(x + i + 2 * V.Count);
            d += V.Load(x + i + 3 * V.Count);
        }
        for (; i <= n - V.Count; i += V.Count) a += V.Load(x + i);
        double sum = Simd.Sum<V, T>((a + b) + (c + d));
        return i < n ? sum + Rest<V>(x + i, n - i) : sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static double Squares<V>(T* x, T mean, nint n) where V : unmanaged, ISimd<V, T>
    {
        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero, centre = V.Create(mean);
        nint i = 0;
        for (; i <= n - 4 * V.Count; i += 4 * V.Count)
        {
            V p = V.Load(x + i) - centre, q = V.Load(x + i + V.Count) - centre;
            V r = V.Load(x + i + 2 * V.Count) - centre, s = V.Load(x + i + 3 * V.Count) - centre;
            a = V.MultiplyAdd(p, p, a);
            b = V.MultiplyAdd(q, q, b);
            c = V.MultiplyAdd(r, r, c);
            d = V.MultiplyAdd(s, s, d);
        }
        for (; i <= n - V.Count; i += V.Count)
        {
            V p = V.Load(x + i) - centre;
            a = V.MultiplyAdd(p, p, a);
        }
        double sum = Simd.Sum<V, T>((a + b) + (c + d));
        return i < n ? sum + RestOfSquares<V>(x + i, mean, n - i) : sum;
    }

    // Methods of their own: with a call in the others their sums would live in memory.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Rest<V>(T* x, nint n) where V : unmanaged, ISimd<V, T> => Simd.Sum<V, T>(V.LoadPartial(x, n));

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double RestOfSquares<V>(T* x, T mean, nint n) where V : unmanaged, ISimd<V, T>
    {
        V rest = Simd.Load(x, n, V.Create(mean)) - V.Create(mean);
        return Simd.Sum<V, T>(rest * rest);
    }
}
