using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Gradients of a few rows at a time: the sums that a row's gradient depends on, then the gradient itself, together with the row's share in those of
/// weight and bias. Each part of the rows adds up shares of its own.
/// </summary>
internal unsafe struct RowNormGradRows<T> : ISimdJob<T> where T : unmanaged, INumber<T>
{
    private const int PartLength = 1 << 15;
    private const int MostRows = 256;
    private const int RowsAtOnce = 2;

    /// <summary>Weight, means and result may be null.</summary>
    public T* G, X, Weight, Means, Scales, Result;

    /// <summary>For each part the gradient of the weight, then of the bias; null where not wanted.</summary>
    public T* Partial;
    public nint Size;
    public long Rows;
    public bool Streams;

    public readonly long RowsPerPart => Math.Clamp(PartLength / Math.Max(1, Size), 16, MostRows);

    public readonly int Parts => (int)((Rows + RowsPerPart - 1) / RowsPerPart);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        long first = part * RowsPerPart, end = Math.Min(Rows, first + RowsPerPart);
        Row* rows = stackalloc Row[RowsAtOnce];
        T* shares = Partial is null ? null : Partial + part * 2 * Size;
        if (shares is not null) new Span<T>(shares, Check.Count(2 * Size)).Clear();
        for (long row = first; row < end; row += RowsAtOnce)
        {
            int count = (int)Math.Min(RowsAtOnce, end - row);
            for (int i = 0; i < count; i++)
            {
                nint at = (nint)(row + i) * Size;
                rows[i] = new() { G = G + at, X = X + at, Result = Result is null ? null : Result + at, Scale = Scales[row + i] };
                rows[i].Mean = Means is null ? T.Zero : Means[row + i];
                if (Result is null) continue;
                (double sum, double products) = Sums<V>(G + at, X + at, rows[i].Mean);
                double inverse = double.CreateTruncating(rows[i].Scale);
                rows[i].Shift = Means is null ? T.Zero : T.CreateTruncating(sum / Size);
                rows[i].Slope = T.CreateTruncating(products * inverse * inverse / Size);
            }
            if (count == RowsAtOnce && shares is not null && Result is not null && Weight is not null && Size >= V.Count)
            {
                if (Streams) Two<V, Streaming>(rows, shares);
                else Two<V, Cached>(rows, shares);
                continue;
            }
            for (int i = 0; i < count; i++)
            {
                if (Streams) One<V, Streaming>(rows[i], shares);
                else One<V, Cached>(rows[i], shares);
            }
        }
    }

    private struct Row
    {
        public T* G, X, Result;
        public T Mean, Scale, Shift, Slope;
    }

    /// <summary>The sum of the gradients times the weight, and that of their products with x - mean.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly (double, double) Sums<V>(T* g, T* x, T mean) where V : unmanaged, ISimd<V, T>
    {
        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero, centre = V.Create(mean);
        T* weight = Weight;
        nint n = Size, i = 0;
        for (; i <= n - 2 * V.Count; i += 2 * V.Count)
        {
            V p = V.Load(g + i), q = V.Load(g + i + V.Count);
            if (weight is not null)
            {
                p *= V.Load(weight + i);
                q *= V.Load(weight + i + V.Count);
            }
            a += p;
            b += q;
            c = V.MultiplyAdd(p, V.Load(x + i) - centre, c);
            d = V.MultiplyAdd(q, V.Load(x + i + V.Count) - centre, d);
        }
        double sum = Simd.Sum<V, T>(a + b), products = Simd.Sum<V, T>(c + d);
        // A method of its own: with a call in this one the sums above would live in memory.
        for (; i < n; i += V.Count) Rest<V>(g + i, x + i, weight is null ? null : weight + i, mean, n - i, ref sum, ref products);
        return (sum, products);
    }

    /// <summary>The same of one vector or the last part of one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rest<V>(T* g, T* x, T* weight, T mean, nint n, ref double sum, ref double products) where V : unmanaged, ISimd<V, T>
    {
        n = Math.Min(n, V.Count);
        V p = V.LoadPartial(g, n);
        if (weight is not null) p *= V.LoadPartial(weight, n);
        sum += Simd.Sum<V, T>(p);
        products += Simd.Sum<V, T>(p * (V.LoadPartial(x, n) - V.Create(mean)));
    }

    /// <summary>
    /// Two rows side by side, so that the shares are read and written once for both. Spelled out, as only then what belongs to a row stays in registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Two<V, TStore>(Row* rows, T* ofWeight) where V : unmanaged, ISimd<V, T> where TStore : IStore
    {
        T* weight = Weight, ofBias = ofWeight + Size, g = rows->G, x = rows->X, result = rows->Result;
        V mean0 = V.Create(rows[0].Mean), scale0 = V.Create(rows[0].Scale), shift0 = V.Create(rows[0].Shift), slope0 = V.Create(rows[0].Slope);
        V mean1 = V.Create(rows[1].Mean), scale1 = V.Create(rows[1].Scale), shift1 = V.Create(rows[1].Shift), slope1 = V.Create(rows[1].Slope);
        nint n = Size, i = 0;
        for (; i <= n - V.Count; i += V.Count)
        {
            Cache.Prefetch(g + 2 * n + i);
            Cache.Prefetch(g + 3 * n + i);
            Cache.Prefetch(x + 2 * n + i);
            Cache.Prefetch(x + 3 * n + i);
            V times = V.Load(weight + i), products = V.Load(ofWeight + i), sum = V.Load(ofBias + i);
            V gradient = V.Load(g + i), centred = V.Load(x + i) - mean0;
            products = V.MultiplyAdd(gradient, centred * scale0, products);
            sum += gradient;
            TStore.Store<V, T>((gradient * times - shift0 - centred * slope0) * scale0, result + i);
            gradient = V.Load(g + n + i);
            centred = V.Load(x + n + i) - mean1;
            products = V.MultiplyAdd(gradient, centred * scale1, products);
            sum += gradient;
            TStore.Store<V, T>((gradient * times - shift1 - centred * slope1) * scale1, result + n + i);
            products.Store(ofWeight + i);
            sum.Store(ofBias + i);
        }
        if (i == n) return;
        for (int k = 0; k < RowsAtOnce; k++) Tail<V>(rows[k], ofWeight, i);
    }

    /// <summary>One row: (g weight - shift - (x - mean) slope) scale, and its shares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void One<V, TStore>(in Row row, T* ofWeight) where V : unmanaged, ISimd<V, T> where TStore : IStore
    {
        V mean = V.Create(row.Mean), scale = V.Create(row.Scale), shift = V.Create(row.Shift), slope = V.Create(row.Slope);
        T* x = row.X, gradient = row.G, result = row.Result, weight = Weight, ofBias = ofWeight + Size;
        nint n = Size, i = 0;
        for (; i <= n - V.Count; i += V.Count)
        {
            V g = V.Load(gradient + i), centred = V.Load(x + i) - mean;
            if (ofWeight is not null)
            {
                V.MultiplyAdd(g, centred * scale, V.Load(ofWeight + i)).Store(ofWeight + i);
                (V.Load(ofBias + i) + g).Store(ofBias + i);
            }
            if (result is null) continue;
            if (weight is not null) g *= V.Load(weight + i);
            TStore.Store<V, T>((g - shift - centred * slope) * scale, result + i);
        }
        if (i < n) Tail<V>(row, ofWeight, i);
    }

    /// <summary>What is left of a row from an element on, less than a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Tail<V>(in Row row, T* ofWeight, nint i) where V : unmanaged, ISimd<V, T>
    {
        nint n = Size - i;
        V g = V.LoadPartial(row.G + i, n), centred = V.LoadPartial(row.X + i, n) - V.Create(row.Mean), scale = V.Create(row.Scale);
        if (ofWeight is not null)
        {
            T* ofBias = ofWeight + Size;
            V.StorePartial(V.MultiplyAdd(g, centred * scale, V.LoadPartial(ofWeight + i, n)), ofWeight + i, n);
            V.StorePartial(V.LoadPartial(ofBias + i, n) + g, ofBias + i, n);
        }
        if (row.Result is null) return;
        if (Weight is not null) g *= V.LoadPartial(Weight + i, n);
        V.StorePartial((g - V.Create(row.Shift) - centred * V.Create(row.Slope)) * scale, row.Result + i, n);
    }
}
