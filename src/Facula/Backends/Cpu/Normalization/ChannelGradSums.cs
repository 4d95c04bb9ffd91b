using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>For each place the sum of the gradients, and that of their products with x - mean; in slices, each of which adds up chunks in double.</summary>
internal unsafe struct ChannelGradSums<T> : IWideJob<T> where T : unmanaged, INumber<T>
{
    private const int SliceLength = 1 << 16;
    private const int ChunkRows = 128;

    public T* G, X, Means, Scales, Biases;
    public int Width;
    public bool Rectify;
    public PaneCut Cut;

    /// <summary>For each slice: sums, then sums of products.</summary>
    public double* Partial;

    public static long RowsPerSlice(int width) => Math.Max(ChunkRows, SliceLength / width);

    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T> => Run<V>(Cut[part]);

    public readonly void Run<V>((long First, long End) slices) where V : unmanaged, ISimd<V, T>
    {
        using var sums = new Scratch<T>(2 * (long)Width);
        for (long slice = slices.First; slice < slices.End; slice++) Slice<V>(slice, sums.Pointer);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Slice<V>(long slice, T* sums) where V : unmanaged, ISimd<V, T>
    {
        (long pane, long first, long end) = Cut.Slice(slice);
        double* sum = Partial + (nint)slice * 2 * Width;
        new Span<double>(sum, checked(2 * Width)).Clear();
        T* products = sums + Width, means = Means + (nint)pane * Width, scales = Scales + (nint)pane * Width;
        for (long row = first; row < end; row += ChunkRows)
        {
            nint rows = (nint)Math.Min(ChunkRows, end - row), at = (nint)row * Width;
            nint c = 0;
            for (; c <= Width - 2 * V.Count; c += 2 * V.Count) Two<V>(G + at + c, X + at + c, means + c, scales + c, Biases + c, rows, sums + c, products + c);
            for (; c < Width; c += V.Count)
            {
                if (c > Width - V.Count) c = Width - V.Count;
                One<V>(G + at + c, X + at + c, means + c, scales + c, Biases + c, rows, sums + c, products + c);
            }
            CpuBackend.AddTo(sum, sums, 2 * (nint)Width);
        }
    }

    /// <summary>All slices of a pane added up, in the place of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly double* Combine(long pane)
    {
        double* all = Partial + (nint)(pane * Cut.SlicesPerPane) * 2 * Width;
        for (long slice = 1; slice < Cut.SlicesPerPane; slice++)
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
        bool rectify = Rectify;
        for (nint i = 0; i < rows; i++, g += stride, x += stride)
        {
            V centred = V.Load(x) - mean, centred2 = V.Load(x + V.Count) - mean2, gradient = V.Load(g), gradient2 = V.Load(g + V.Count);
            if (rectify)
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
        bool rectify = Rectify;
        for (nint i = 0; i < rows; i++, g += stride, x += stride)
        {
            V centred = V.Load(x) - mean, gradient = V.Load(g);
            if (rectify) gradient = V.Select(V.MultiplyAdd(centred, scale, bias) <= V.Zero, V.Zero, gradient);
            sum += gradient;
            product = V.MultiplyAdd(gradient, centred, product);
        }
        sum.Store(sums);
        product.Store(products);
    }
}

/// <summary>
/// What the gradient of a place depends on, from the sums of its pane: of what the gradient's mean and its part along x - mean in each group take away.
/// </summary>
internal unsafe struct ChannelGradTerms<T> : IJob where T : unmanaged, INumber<T>
{
    public ChannelGradSums<T> Sums;
    public Panes Panes;
    public double* Inverses;
    public T* Weights, Shifts, Slopes;
    public bool AreOwn;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int pane)
    {
        int width = Panes.Width, groups = Panes.Groups;
        double* sum = Sums.Combine(pane), product = sum + width, inverses = Inverses + (nint)pane * groups;
        T* shifts = Shifts + (nint)pane * width, slopes = Slopes + (nint)pane * width;
        for (int i = 0; i < width; i++) product[i] *= inverses[Panes.GroupOf(i)];
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
            int group = Panes.GroupOf(i);
            double weight = double.CreateTruncating(Weights[i]);
            ofSum[group] += weight * sum[i];
            ofProduct[group] += weight * product[i];
        }
        for (int g = 0; g < groups; g++)
        {
            double scale = -inverses[g] / Panes.Elements;
            ofSum[g] *= scale;
            ofProduct[g] *= scale * inverses[g];
        }
        for (int i = 0; i < width; i++)
        {
            int group = Panes.GroupOf(i);
            shifts[i] = T.CreateTruncating(ofSum[group]);
            slopes[i] = T.CreateTruncating(ofProduct[group]);
        }
    }
}
