using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>For each column the sum of the gradients, and that of their products with x - mean; in slices, each of which adds up chunks in double.</summary>
internal unsafe struct ChannelGradSums<T> : ISliceStage<T> where T : unmanaged, INumber<T>
{
    private const int SliceLength = 1 << 16;
    private const int ChunkRows = 128;

    public NormTable<T> Table;
    public T* G, X;
    public bool Relu;

    public NormSlices Slices { get; init; }

    /// <summary>For each slice: sums, then sums of products.</summary>
    public double* Partial;

    public static long RowsPerSlice(int width) => Math.Max(ChunkRows, SliceLength / width);

    private readonly int Width => Table.Shape.Width;

    public readonly void Run<V>((long First, long End) slices, nint ahead) where V : unmanaged, ISimd<V, T>
    {
        using var sums = new Scratch<T>(2 * (long)Width);
        for (long slice = slices.First; slice < slices.End; slice++) Slice<V>(slice, sums.Pointer);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Slice<V>(long slice, T* sums) where V : unmanaged, ISimd<V, T>
    {
        (long set, long first, long end) = Slices.Slice(slice);
        double* sum = Partial + (nint)slice * 2 * Width;
        new Span<double>(sum, checked(2 * Width)).Clear();
        T* products = sums + Width, means = Table.Means + (nint)set * Width, scales = Table.Scales + (nint)set * Width, biases = Table.Biases;
        for (long row = first; row < end; row += ChunkRows)
        {
            nint rows = (nint)Math.Min(ChunkRows, end - row), at = (nint)row * Width;
            nint c = 0;
            for (; c <= Width - 2 * V.Count; c += 2 * V.Count) Two<V>(G + at + c, X + at + c, means + c, scales + c, biases + c, rows, sums + c, products + c);
            for (; c < Width; c += V.Count)
            {
                if (c > Width - V.Count) c = Width - V.Count;
                One<V>(G + at + c, X + at + c, means + c, scales + c, biases + c, rows, sums + c, products + c);
            }
            Simd.AddTo(sum, sums, 2 * (nint)Width);
        }
    }

    /// <summary>All slices of a set added up, in the place of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly double* Combine(long set)
    {
        double* all = Partial + (nint)(set * Slices.SlicesPerSet) * 2 * Width;
        for (long slice = 1; slice < Slices.SlicesPerSet; slice++)
        {
            double* more = all + (nint)slice * 2 * Width;
            for (int i = 0; i < 2 * Width; i++) all[i] += more[i];
        }
        return all;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Two<V>(T* g, T* x, T* means, T* scales, T* biases, nint rows, T* sums, T* products) where V : unmanaged, ISimd<V, T>
    {
        V mean = V.Load(means), scale = V.Load(scales), bias = V.Load(biases);
        V mean2 = V.Load(means + V.Count), scale2 = V.Load(scales + V.Count), bias2 = V.Load(biases + V.Count);
        V sum = V.Zero, sum2 = V.Zero, product = V.Zero, product2 = V.Zero;
        nint stride = Width;
        bool relu = Relu;
        for (nint i = 0; i < rows; i++, g += stride, x += stride)
        {
            V centred = V.Load(x) - mean, centred2 = V.Load(x + V.Count) - mean2, gradient = V.Load(g), gradient2 = V.Load(g + V.Count);
            if (relu)
            {
                gradient = V.Select(V.MultiplyAdd(centred, scale, bias) <= V.Zero, V.Zero, gradient);
                gradient2 = V.Select(V.MultiplyAdd(centred2, scale2, bias2) <= V.Zero, V.Zero, gradient2);
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
    private readonly void One<V>(T* g, T* x, T* means, T* scales, T* biases, nint rows, T* sums, T* products) where V : unmanaged, ISimd<V, T>
    {
        V mean = V.Load(means), scale = V.Load(scales), bias = V.Load(biases);
        V sum = V.Zero, product = V.Zero;
        nint stride = Width;
        bool relu = Relu;
        for (nint i = 0; i < rows; i++, g += stride, x += stride)
        {
            V centred = V.Load(x) - mean, gradient = V.Load(g);
            if (relu) gradient = V.Select(V.MultiplyAdd(centred, scale, bias) <= V.Zero, V.Zero, gradient);
            sum += gradient;
            product = V.MultiplyAdd(gradient, centred, product);
        }
        sum.Store(sums);
        product.Store(products);
    }
}

/// <summary>
/// What the gradient of a column depends on, from the sums of its set: of what the gradient's mean and its part along x - mean in each group take away.
/// </summary>
internal unsafe struct ChannelGradTerms<T> : IJob where T : unmanaged, INumber<T>
{
    public ChannelGradSums<T> Sums;
    public NormTable<T> Table;
    public T* Shifts, Slopes;
    public bool AreOwn;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int set)
    {
        NormShape shape = Table.Shape;
        int width = shape.Width, groups = shape.Groups;
        double* sum = Sums.Combine(set), product = sum + width, inverses = Table.Inverses + (nint)set * groups;
        T* shifts = Shifts + (nint)set * width, slopes = Slopes + (nint)set * width;
        for (int i = 0; i < width; i++) product[i] *= inverses[shape.GroupOf(i)];
        if (!AreOwn)
        {
            new Span<T>(shifts, width).Clear();
            new Span<T>(slopes, width).Clear();
            return;
        }
        using var scratch = new Scratch<double>(2 * (long)groups);
        double* ofSum = scratch.Pointer, ofProduct = ofSum + groups;
        new Span<double>(ofSum, checked(2 * groups)).Clear();
        for (int i = 0; i < width; i++)
        {
            int group = shape.GroupOf(i);
            double weight = double.CreateTruncating(Table.Weights[i]);
            ofSum[group] += weight * sum[i];
            ofProduct[group] += weight * product[i];
        }
        for (int g = 0; g < groups; g++)
        {
            double scale = -inverses[g] / shape.ElementsPerStatistic;
            ofSum[g] *= scale;
            ofProduct[g] *= scale * inverses[g];
        }
        for (int i = 0; i < width; i++)
        {
            int group = shape.GroupOf(i);
            shifts[i] = T.CreateTruncating(ofSum[group]);
            slopes[i] = T.CreateTruncating(ofProduct[group]);
        }
    }
}
