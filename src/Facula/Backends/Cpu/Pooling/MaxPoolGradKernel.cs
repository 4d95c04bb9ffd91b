using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// A line of the output of a max-pooling: a window gives its gradient where the element of the kernel that was over the largest element is the one
/// that is asked about.
/// </summary>
internal unsafe struct MaxPoolSource<T, TTap> : IPoolSource<T> where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
{
    public T* G;
    public TTap* Taps;

    /// <summary>
    /// The numbers of the kernel's elements in the row of the kernel that is over the line, and for each entry of the columns' cover, the one in it.
    /// </summary>
    public T* Numbers;
    public int* Columns;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Add<V>(V sum, nint at, int k) where V : unmanaged, ISimd<V, T>
    {
        V mine = V.Equal(Simd.LoadIntegers<V, T, TTap>(Taps + at), V.Create(Numbers[Columns[k]]));
        return sum + V.Select(mine, V.Load(G + at), V.Zero);
    }
}

internal unsafe struct MaxPoolGradKernel<T, TTap> : IPoolGrad<MaxPoolSource<T, TTap>, T>
    where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
{
    public PoolPlan Plan;
    public int Channels;
    public T* G, Numbers;
    public TTap* Taps;
    public int* Columns;

    /// <summary>Whether no window reads an element that another reads too, and whether results are written past the caches then.</summary>
    public bool IsDisjoint, Streams;

    public readonly MaxPoolSource<T, TTap> Source(PoolReader reader)
    {
        PoolTable depth = Plan.Depth, height = Plan.Height, width = Plan.Width;
        nint at = reader.Line * width.Output * Channels;
        int kernelRow = depth.Cover.Tap[reader.Slab] * height.Kernel + height.Cover.Tap[reader.Row];
        return new() { G = G + at, Taps = Taps + at, Numbers = Numbers + kernelRow * width.Kernel, Columns = Columns };
    }

    public readonly void Line<V>(in PoolColumns columns, MaxPoolSource<T, TTap>* sources, int count, T* x) where V : unmanaged, ISimd<V, T>
    {
        if (count > 1 || !IsDisjoint) columns.Gather<V, MaxPoolSource<T, TTap>, T>(sources, count, x);
        else if (Streams) Pick<V, Streaming>(columns, sources, count, x);
        else Pick<V, Cached>(columns, sources, count, x);
    }

    /// <summary>The same where there is at most one window to each element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Pick<V, TStore>(in PoolColumns columns, MaxPoolSource<T, TTap>* source, int count, T* x)
        where V : unmanaged, ISimd<V, T> where TStore : IStore
    {
        nint channels = columns.Channels;
        int* starts = columns.Starts, outputs = columns.Outputs;
        int width = columns.Width;
        for (int i = 0; i < width; i++, x += channels)
        {
            int k = starts[i];
            if (count == 0 || k == starts[i + 1])
            {
                new Span<T>(x, (int)channels).Clear();
                continue;
            }
            T* g = source->G + outputs[k] * channels;
            TTap* taps = source->Taps + outputs[k] * channels;
            V number = V.Create(source->Numbers[source->Columns[k]]);
            for (nint c = 0; c < channels; c += V.Count)
            {
                if (c > channels - V.Count) c = channels - V.Count;
                TStore.Store<V, T>(V.Select(V.Equal(Simd.LoadIntegers<V, T, TTap>(taps + c), number), V.Load(g + c), V.Zero), x + c);
            }
        }
    }
}
