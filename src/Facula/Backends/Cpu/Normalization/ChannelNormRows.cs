using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>y = (x - mean) scale + bias over the rows of panes, rectified or not.</summary>
internal unsafe struct ChannelNormRows<T> : IWideJob<T> where T : unmanaged, INumber<T>
{
    public T* X, Y, Means, Scales, Biases;
    public int Width;
    public bool Rectify, Streams;
    public PaneCut Cut;

    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T> => Run<V>(Cut[part], 0);

    /// <summary>Some slices; meanwhile what lies so far ahead of them is fetched, unless that is 0.</summary>
    public readonly void Run<V>((long First, long End) slices, nint ahead) where V : unmanaged, ISimd<V, T>
    {
        for (long slice = slices.First; slice < slices.End; slice++)
        {
            (long pane, long first, long end) = Cut.Slice(slice);
            nint at = (nint)first * Width, table = (nint)pane * Width;
            if (Streams) Rows<V, Streaming>(X + at, Y + at, Means + table, Scales + table, (nint)(end - first), ahead);
            else Rows<V, Cached>(X + at, Y + at, Means + table, Scales + table, (nint)(end - first), ahead);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Rows<V, TStore>(T* x, T* y, T* means, T* scales, nint rows, nint ahead) where V : unmanaged, ISimd<V, T> where TStore : IStore
    {
        nint channels = Width;
        T* biases = Biases;
        bool rectify = Rectify;
        for (nint i = 0; i < rows; i++, x += channels, y += channels)
        {
            if (ahead != 0) Cache.Fetch(x + ahead, channels * sizeof(T));
            for (nint c = 0; c < channels; c += V.Count)
            {
                if (c > channels - V.Count) c = channels - V.Count;
                V value = V.MultiplyAdd(V.Load(x + c) - V.Load(means + c), V.Load(scales + c), V.Load(biases + c));
                if (rectify) value = V.Select(value < V.Zero, V.Zero, value);
                TStore.Store<V, T>(value, y + c);
            }
        }
    }
}

/// <summary>
/// All of a normalisation by a pane's own moments, for one pane after another, so that what these have read is still at hand for the rows; while those are computed the next pane is fetched.
/// </summary>
internal struct PaneNorm<T>(ChannelMoments<T> places, GroupMoments<T> groups, ChannelNormRows<T> rows, PaneParts parts) : IWideJob<T> where T : unmanaged, INumber<T>
{
    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (int first, int end) = parts[part];
        for (int pane = first; pane < end; pane++)
        {
            places.Run<V>(places.Cut.OfPane(pane));
            groups.Run(pane);
            rows.Run<V>(rows.Cut.OfPane(pane), pane + 1 < end ? parts.Elements : 0);
        }
    }
}

/// <summary>The gradient of the input: g scale + shift + (x - mean) slope, over the rows of panes.</summary>
internal unsafe struct ChannelGradRows<T> : IWideJob<T> where T : unmanaged, INumber<T>
{
    public T* G, X, Result, Means, Scales, Biases, Shifts, Slopes;
    public int Width;
    public bool Rectify, Streams;
    public PaneCut Cut;

    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T> => Run<V>(Cut[part], 0);

    /// <summary>Some slices; meanwhile what lies so far ahead of them is fetched, unless that is 0.</summary>
    public readonly void Run<V>((long First, long End) slices, nint ahead) where V : unmanaged, ISimd<V, T>
    {
        for (long slice = slices.First; slice < slices.End; slice++)
        {
            (long pane, long first, long end) = Cut.Slice(slice);
            nint at = (nint)first * Width;
            if (Streams) Rows<V, Streaming>(G + at, X + at, Result + at, (nint)pane * Width, (nint)(end - first), ahead);
            else Rows<V, Cached>(G + at, X + at, Result + at, (nint)pane * Width, (nint)(end - first), ahead);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Rows<V, TStore>(T* g, T* x, T* result, nint table, nint rows, nint ahead) where V : unmanaged, ISimd<V, T> where TStore : IStore
    {
        nint channels = Width;
        T* means = Means + table, scales = Scales + table, biases = Biases, shifts = Shifts + table, slopes = Slopes + table;
        bool rectify = Rectify;
        for (nint i = 0; i < rows; i++, g += channels, x += channels, result += channels)
        {
            if (ahead != 0)
            {
                Cache.Fetch(x + ahead, channels * sizeof(T));
                Cache.Fetch(g + ahead, channels * sizeof(T));
            }
            for (nint c = 0; c < channels; c += V.Count)
            {
                if (c > channels - V.Count) c = channels - V.Count;
                V centred = V.Load(x + c) - V.Load(means + c), scale = V.Load(scales + c), gradient = V.Load(g + c);
                if (rectify) gradient = V.Select(V.MultiplyAdd(centred, scale, V.Load(biases + c)) <= V.Zero, V.Zero, gradient);
                TStore.Store<V, T>(V.MultiplyAdd(gradient, scale, V.MultiplyAdd(centred, V.Load(slopes + c), V.Load(shifts + c))), result + c);
            }
        }
    }
}

/// <summary>The same for the gradient.</summary>
internal struct PaneGrad<T>(ChannelGradSums<T> sums, ChannelGradTerms<T> terms, ChannelGradRows<T> rows, PaneParts parts) : IWideJob<T> where T : unmanaged, INumber<T>
{
    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (int first, int end) = parts[part];
        for (int pane = first; pane < end; pane++)
        {
            sums.Run<V>(sums.Cut.OfPane(pane));
            terms.Run(pane);
            rows.Run<V>(rows.Cut.OfPane(pane), pane + 1 < end ? parts.Elements : 0);
        }
    }
}
