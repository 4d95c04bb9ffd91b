using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>y = (x - mean) scale + bias, with ReLU or without.</summary>
internal unsafe struct ChannelNormRows<T> : INormRows<T> where T : unmanaged, INumber<T>
{
    public NormTable<T> Table;
    public T* X, Y;
    public bool Relu;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public readonly void Run<V, TStore>(long set, nint first, nint rows, nint ahead) where V : unmanaged, ISimd<V, T> where TStore : IStore
    {
        nint width = Table.Shape.Width, start = first * width, table = (nint)set * width;
        T* x = X + start, y = Y + start, means = Table.Means + table, scales = Table.Scales + table, biases = Table.Biases;
        bool relu = Relu;
        for (nint i = 0; i < rows; i++, x += width, y += width)
        {
            if (ahead != 0) Cache.Prefetch(x + ahead, width * sizeof(T));
            for (nint c = 0; c < width; c += V.Count)
            {
                if (c > width - V.Count) c = width - V.Count;
                V value = V.MultiplyAdd(V.Load(x + c) - V.Load(means + c), V.Load(scales + c), V.Load(biases + c));
                if (relu) value = V.Select(value < V.Zero, V.Zero, value);
                TStore.Store<V, T>(value, y + c);
            }
        }
    }
}

/// <summary>The gradient of the input: g scale + shift + (x - mean) slope.</summary>
internal unsafe struct ChannelGradRows<T> : INormRows<T> where T : unmanaged, INumber<T>
{
    public NormTable<T> Table;
    public T* G, X, Result, Shifts, Slopes;
    public bool Relu;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public readonly void Run<V, TStore>(long set, nint first, nint rows, nint ahead) where V : unmanaged, ISimd<V, T> where TStore : IStore
    {
        nint width = Table.Shape.Width, start = first * width, table = (nint)set * width;
        T* g = G + start, x = X + start, result = Result + start;
        T* means = Table.Means + table, scales = Table.Scales + table, biases = Table.Biases, shifts = Shifts + table, slopes = Slopes + table;
        bool relu = Relu;
        for (nint i = 0; i < rows; i++, g += width, x += width, result += width)
        {
            if (ahead != 0)
            {
                Cache.Prefetch(x + ahead, width * sizeof(T));
                Cache.Prefetch(g + ahead, width * sizeof(T));
            }
            for (nint c = 0; c < width; c += V.Count)
            {
                if (c > width - V.Count) c = width - V.Count;
                V centred = V.Load(x + c) - V.Load(means + c), scale = V.Load(scales + c), gradient = V.Load(g + c);
                if (relu) gradient = V.Select(V.MultiplyAdd(centred, scale, V.Load(biases + c)) <= V.Zero, V.Zero, gradient);
                TStore.Store<V, T>(V.MultiplyAdd(gradient, scale, V.MultiplyAdd(centred, V.Load(slopes + c), V.Load(shifts + c))), result + c);
            }
        }
    }
}
