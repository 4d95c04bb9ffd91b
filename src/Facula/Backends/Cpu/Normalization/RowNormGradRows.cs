using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Gradients row by row: the sums that a row's gradient depends on, then the gradient itself, together with the row's share in those of weight and bias. Each part of
/// the rows adds up shares of its own.
/// </summary>
internal unsafe struct RowNormGradRows<T> : IWideJob<T> where T : unmanaged, INumber<T>
{
    private const int PartLength = 1 << 15;
    private const int MostRows = 256;

    /// <summary>Weight, means and result may be null.</summary>
    public T* G, X, Weight, Means, Scales, Result;

    /// <summary>For each part the gradient of the weight, then of the bias; null where not wanted.</summary>
    public T* Partial;
    public nint Size;
    public long Rows;

    public readonly long RowsPerPart => Math.Clamp(PartLength / Math.Max(1, Size), 16, MostRows);

    public readonly int Parts => (int)((Rows + RowsPerPart - 1) / RowsPerPart);

    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        long first = part * RowsPerPart, end = Math.Min(Rows, first + RowsPerPart);
        for (long row = first; row < end; row++)
        {
            nint at = (nint)row * Size;
            T mean = Means is null ? T.Zero : Means[row], scale = Scales[row];
            if (Result is not null)
            {
                (double sum, double products) = Sums<V>(G + at, X + at, mean);
                double inverse = double.CreateTruncating(scale);
                T shift = Means is null ? T.Zero : T.CreateTruncating(sum / Size), slope = T.CreateTruncating(products * inverse * inverse / Size);
                Apply<V>(G + at, X + at, Result + at, mean, scale, shift, slope);
            }
            if (Partial is not null) Share<V>(G + at, X + at, Partial + part * 2 * Size, mean, scale);
        }
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
        for (; i < n; i += V.Count)
        {
            nint left = n - i;
            V p = left < V.Count ? V.LoadPartial(g + i, left) : V.Load(g + i), q = left < V.Count ? V.LoadPartial(x + i, left) : V.Load(x + i);
            if (weight is not null) p *= left < V.Count ? V.LoadPartial(weight + i, left) : V.Load(weight + i);
            a += p;
            c = V.MultiplyAdd(p, q - centre, c);
        }
        return (Lanes.Sum<V, T>(a + b), Lanes.Sum<V, T>(c + d));
    }

    /// <summary>(g weight - shift - (x - mean) slope) scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Apply<V>(T* g, T* x, T* result, T mean, T scale, T shift, T slope) where V : unmanaged, ISimd<V, T>
    {
        V centre = V.Create(mean), factor = V.Create(scale), less = V.Create(shift), times = V.Create(slope);
        T* weight = Weight;
        nint n = Size, i = 0;
        for (; i <= n - V.Count; i += V.Count)
        {
            V p = V.Load(g + i);
            if (weight is not null) p *= V.Load(weight + i);
            ((p - less - (V.Load(x + i) - centre) * times) * factor).Store(result + i);
        }
        if (i == n) return;
        V last = V.LoadPartial(g + i, n - i);
        if (weight is not null) last *= V.LoadPartial(weight + i, n - i);
        V.StorePartial((last - less - (V.LoadPartial(x + i, n - i) - centre) * times) * factor, result + i, n - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Share<V>(T* g, T* x, T* ofWeight, T mean, T scale) where V : unmanaged, ISimd<V, T>
    {
        V centre = V.Create(mean), factor = V.Create(scale);
        nint n = Size, i = 0;
        T* ofBias = ofWeight + n;
        for (; i <= n - V.Count; i += V.Count)
        {
            V p = V.Load(g + i);
            V.MultiplyAdd(p, (V.Load(x + i) - centre) * factor, V.Load(ofWeight + i)).Store(ofWeight + i);
            (V.Load(ofBias + i) + p).Store(ofBias + i);
        }
        if (i == n) return;
        V last = V.LoadPartial(g + i, n - i);
        V.StorePartial(V.MultiplyAdd(last, (V.LoadPartial(x + i, n - i) - centre) * factor, V.LoadPartial(ofWeight + i, n - i)), ofWeight + i, n - i);
        V.StorePartial(V.LoadPartial(ofBias + i, n - i) + last, ofBias + i, n - i);
    }
}
