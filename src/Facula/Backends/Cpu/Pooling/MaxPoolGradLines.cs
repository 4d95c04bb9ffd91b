using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>Lines of the gradient of a max-pooling's input: each element gathers from the windows that read it.</summary>
internal unsafe struct MaxPoolGradLines<T, TTap> : IWideJob<T> where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
{
    public PoolPlan Plan;
    public LineCut Cut;
    public int Channels;
    public T* G, X, Numbers;
    public TTap* Taps;

    /// <summary>Whether no window reads an element that another reads too.</summary>
    public bool IsDisjoint;

    /// <summary>Whether results are written past the caches.</summary>
    public bool Streams;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (PoolTable depth, PoolTable height, PoolTable width) = (Plan.Depth, Plan.Height, Plan.Width);
        PoolCover slabs = depth.Cover, rows = height.Cover, columns = width.Cover;
        nint row = (nint)width.Output * Channels;
        var readers = new PoolReader[Math.Max(1, slabs.Most * rows.Most)];
        var sources = new Source[readers.Length];
        (long first, long end) = Cut[part];
        fixed (int* starts = columns.Start, outputs = columns.Output, taps = columns.Tap)
        fixed (Source* source = sources)
        {
            for (long i = first; i < end; i++)
            {
                int count = PoolReader.Find(Plan, i, readers);
                for (int k = 0; k < count; k++)
                {
                    PoolReader reader = readers[k];
                    nint at = reader.Line * row;
                    source[k] = new() { G = G + at, Taps = Taps + at, Numbers = Numbers + (slabs.Tap[reader.Slab] * height.Kernel + rows.Tap[reader.Row]) * width.Kernel };
                }
                T* x = X + (nint)i * width.Input * Channels;
                if (count > 1 || !IsDisjoint) Gather<V>(source, count, x, Channels, width.Input, starts, outputs, taps);
                else if (Streams) Pick<V, Streaming>(source, count, x, Channels, width.Input, starts, outputs, taps);
                else Pick<V, Cached>(source, count, x, Channels, width.Input, starts, outputs, taps);
            }
        }
    }

    /// <summary>A line of the output.</summary>
    private struct Source
    {
        public T* G, Numbers;
        public TTap* Taps;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Gather<V>(Source* sources, int count, T* x, nint channels, int width, int* starts, int* outputs, int* taps) where V : unmanaged, ISimd<V, T>
    {
        for (int i = 0; i < width; i++, x += channels)
        {
            int from = starts[i], to = starts[i + 1];
            for (nint c = 0; c < channels; c += V.Count)
            {
                if (c > channels - V.Count) c = channels - V.Count;
                V sum = V.Zero;
                for (Source* source = sources; source < sources + count; source++)
                {
                    for (int k = from; k < to; k++)
                    {
                        nint at = outputs[k] * channels + c;
                        V mine = V.Equal(TapLanes.Load<V, T, TTap>(source->Taps + at), V.Create(source->Numbers[taps[k]]));
                        sum += V.Select(mine, V.Load(source->G + at), V.Zero);
                    }
                }
                sum.Store(x + c);
            }
        }
    }

    /// <summary>The same where there is at most one window to each element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Pick<V, TStore>(Source* source, int count, T* x, nint channels, int width, int* starts, int* outputs, int* taps)
        where V : unmanaged, ISimd<V, T> where TStore : IStore
    {
        for (int i = 0; i < width; i++, x += channels)
        {
            int k = starts[i];
            if (count == 0 || k == starts[i + 1])
            {
                new Span<T>(x, (int)channels).Clear();
                continue;
            }
            T* g = source->G + outputs[k] * channels;
            TTap* places = source->Taps + outputs[k] * channels;
            V number = V.Create(source->Numbers[taps[k]]);
            for (nint c = 0; c < channels; c += V.Count)
            {
                if (c > channels - V.Count) c = channels - V.Count;
                TStore.Store<V, T>(V.Select(V.Equal(TapLanes.Load<V, T, TTap>(places + c), number), V.Load(g + c), V.Zero), x + c);
            }
        }
    }
}
