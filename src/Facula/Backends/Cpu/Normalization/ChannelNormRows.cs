using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>y = (x - mean) scale + bias over rows of channels, rectified or not.</summary>
internal unsafe struct ChannelNormRows<T> : IWideJob<T> where T : unmanaged, INumber<T>
{
    public T* X, Y, Means, Scales, Biases;
    public int Channels;
    public bool Rectify, Streams;
    public LineCut Cut;

    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (long first, long end) = Cut[part];
        nint at = (nint)first * Channels;
        if (Streams) Rows<V, Streaming>(X + at, Y + at, (nint)(end - first));
        else Rows<V, Cached>(X + at, Y + at, (nint)(end - first));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Rows<V, TStore>(T* x, T* y, nint rows) where V : unmanaged, ISimd<V, T> where TStore : IStore
    {
        nint channels = Channels;
        T* means = Means, scales = Scales, biases = Biases;
        bool rectify = Rectify;
        for (nint i = 0; i < rows; i++, x += channels, y += channels)
        {
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

/// <summary>For each channel the sum of the gradients, and that of their products with x - mean; in parts, each of which adds up chunks in double.</summary>
internal unsafe struct ChannelGradSums<T> : IWideJob<T> where T : unmanaged, INumber<T>
{
    private const int PartLength = 1 << 16;
    private const int ChunkRows = 128;

    public T* G, X, Means, Scales, Biases;
    public int Channels;
    public long Rows;
    public bool Rectify;

    /// <summary>For each part: sums, then sums of products.</summary>
    public double* Partial;

    public readonly long RowsPerPart => Math.Max(ChunkRows, PartLength / Channels);

    public readonly int Parts => (int)((Rows + RowsPerPart - 1) / RowsPerPart);

    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        long first = part * RowsPerPart, end = Math.Min(Rows, first + RowsPerPart);
        double* sum = Partial + (nint)part * 2 * Channels, product = sum + Channels;
        var buffer = new T[2 * Channels];
        fixed (T* sums = buffer)
        {
            T* products = sums + Channels;
            for (long row = first; row < end; row += ChunkRows)
            {
                nint rows = (nint)Math.Min(ChunkRows, end - row), at = (nint)row * Channels;
                nint c = 0;
                for (; c <= Channels - 2 * V.Count; c += 2 * V.Count) Two<V>(G + at + c, X + at + c, c, rows, sums + c, products + c);
                for (; c < Channels; c += V.Count)
                {
                    if (c > Channels - V.Count) c = Channels - V.Count;
                    One<V>(G + at + c, X + at + c, c, rows, sums + c, products + c);
                }
                for (int i = 0; i < Channels; i++)
                {
                    sum[i] += double.CreateTruncating(sums[i]);
                    product[i] += double.CreateTruncating(products[i]);
                }
            }
        }
    }

    /// <summary>All parts added up, in the place of the first.</summary>
    public readonly void Combine()
    {
        for (int part = 1; part < Parts; part++)
        {
            double* more = Partial + (nint)part * 2 * Channels;
            for (int i = 0; i < 2 * Channels; i++) Partial[i] += more[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Two<V>(T* g, T* x, nint channel, nint rows, T* sums, T* products) where V : unmanaged, ISimd<V, T>
    {
        V mean = V.Load(Means + channel), scale = V.Load(Scales + channel), bias = V.Load(Biases + channel);
        V mean2 = V.Load(Means + channel + V.Count), scale2 = V.Load(Scales + channel + V.Count), bias2 = V.Load(Biases + channel + V.Count);
        V sum = V.Zero, sum2 = V.Zero, product = V.Zero, product2 = V.Zero;
        nint stride = Channels;
        bool rectify = Rectify;
        for (nint i = 0; i < rows; i++, g += stride, x += stride)
        {
            V centred = V.Load(x) - mean, centred2 = V.Load(x + V.Count) - mean2, gradient = V.Load(g), gradient2 = V.Load(g + V.Count);
            if (rectify)
            {
                gradient = V.Select(V.MultiplyAdd(centred, scale, bias) > V.Zero, gradient, V.Zero);
                gradient2 = V.Select(V.MultiplyAdd(centred2, scale2, bias2) > V.Zero, gradient2, V.Zero);
            }
            sum += gradient;
            sum2 += gradient2;
            product = V.MultiplyAdd(gradient, centred, product);
            product2 = V.MultiplyAdd(gradient2, centred2, product2);
        }
        sum.Store(sums);
        sum2.Store(sums + V.Count);
        product.Store(products);
        product2.Store(products + V.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void One<V>(T* g, T* x, nint channel, nint rows, T* sums, T* products) where V : unmanaged, ISimd<V, T>
    {
        V mean = V.Load(Means + channel), scale = V.Load(Scales + channel), bias = V.Load(Biases + channel);
        V sum = V.Zero, product = V.Zero;
        nint stride = Channels;
        bool rectify = Rectify;
        for (nint i = 0; i < rows; i++, g += stride, x += stride)
        {
            V centred = V.Load(x) - mean, gradient = V.Load(g);
            if (rectify) gradient = V.Select(V.MultiplyAdd(centred, scale, bias) > V.Zero, gradient, V.Zero);
            sum += gradient;
            product = V.MultiplyAdd(gradient, centred, product);
        }
        sum.Store(sums);
        product.Store(products);
    }
}

/// <summary>The gradient of the input: (g - shift - (x - mean) slope) scale, over rows of channels.</summary>
internal unsafe struct ChannelGradRows<T> : IWideJob<T> where T : unmanaged, INumber<T>
{
    public T* G, X, Result, Means, Scales, Biases, Shifts, Slopes;
    public int Channels;
    public bool Rectify, Streams;
    public LineCut Cut;

    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (long first, long end) = Cut[part];
        nint at = (nint)first * Channels;
        if (Streams) Rows<V, Streaming>(G + at, X + at, Result + at, (nint)(end - first));
        else Rows<V, Cached>(G + at, X + at, Result + at, (nint)(end - first));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Rows<V, TStore>(T* g, T* x, T* result, nint rows) where V : unmanaged, ISimd<V, T> where TStore : IStore
    {
        nint channels = Channels;
        T* means = Means, scales = Scales, biases = Biases, shifts = Shifts, slopes = Slopes;
        bool rectify = Rectify;
        for (nint i = 0; i < rows; i++, g += channels, x += channels, result += channels)
        {
            for (nint c = 0; c < channels; c += V.Count)
            {
                if (c > channels - V.Count) c = channels - V.Count;
                V centred = V.Load(x + c) - V.Load(means + c), scale = V.Load(scales + c), gradient = V.Load(g + c);
                if (rectify) gradient = V.Select(V.MultiplyAdd(centred, scale, V.Load(biases + c)) > V.Zero, gradient, V.Zero);
                TStore.Store<V, T>((gradient - V.Load(shifts + c) - centred * V.Load(slopes + c)) * scale, result + c);
            }
        }
    }
}
