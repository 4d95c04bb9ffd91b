using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Means and sums of squared differences of each column, over rows. Each slice of the rows is gone through in chunks that stay in the first cache: once for
/// a centre, their mean as far as it is known in T; once for the sums and the squares of what is left without it. Chunks, slices and the columns of a group are
/// combined in order, in double (Chan, Golub and LeVeque 1979).
/// </summary>
internal unsafe struct ChannelMoments<T> : ISliceStage<T> where T : unmanaged, INumber<T>
{
    private const int ChunkLength = 8192;
    private const int SliceLength = 8 * ChunkLength;
    private const int Block = 4;

    public T* X;
    public int Width;

    public NormSlices Slices { get; init; }

    /// <summary>For each slice: means, then sums of squares.</summary>
    public double* Partial;

    public static long RowsPerSlice(int width) => Math.Max(64, SliceLength / width);

    public readonly void Run<V>((long First, long End) slices, nint ahead) where V : unmanaged, ISimd<V, T>
    {
        // More columns than a block are read in strips, of which a chunk has fewer rows. Long sums in T would lose digits.
        int chunk = Math.Clamp(ChunkLength / Math.Max(V.Count, Math.Min(Width, Block * V.Count)), 16, 512);
        using var centres = new Scratch<T>(3 * (long)Width);
        for (long slice = slices.First; slice < slices.End; slice++) Slice<V>(slice, chunk, centres.Pointer);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Slice<V>(long slice, int chunk, T* centres) where V : unmanaged, ISimd<V, T>
    {
        (_, long first, long end) = Slices.Slice(slice);
        long done = 0;
        double* mean = Partial + (nint)slice * 2 * Width, square = mean + Width;
        new Span<double>(mean, checked(2 * Width)).Clear();
        T* rests = centres + Width, squares = rests + Width;
        for (long row = first; row < end; row += chunk)
        {
            nint rows = (nint)Math.Min(chunk, end - row);
            T* x = X + (nint)row * Width;
            nint c = 0;
            for (; c <= Width - Block * V.Count; c += Block * V.Count) Four<V>(x + c, Width, rows, centres + c, rests + c, squares + c);
            for (; c < Width; c += V.Count)
            {
                if (c > Width - V.Count) c = Width - V.Count;
                One<V>(x + c, Width, rows, centres + c, rests + c, squares + c);
            }
            Combine(mean, square, done, centres, rests, squares, rows, Width);
            done += rows;
        }
    }

    /// <summary>Takes what is known of so many more rows into means and squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Combine(double* mean, double* square, long before, T* centres, T* rests, T* squares, long rows, int columns)
    {
        double share = (double)rows / (before + rows), weight = before * share, ofSum = 1.0 / rows;
        for (int c = 0; c < columns; c++)
        {
            double rest = double.CreateTruncating(rests[c]), difference = double.CreateTruncating(centres[c]) + rest * ofSum - mean[c];
            mean[c] += difference * share;
            square[c] += double.CreateTruncating(squares[c]) - rest * rest * ofSum + difference * difference * weight;
        }
    }

    /// <summary>All slices of a set combined: the means, and the sums of squares, in the place of those of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly double* Combine(long set)
    {
        double* all = Partial + (nint)(set * Slices.SlicesPerSet) * 2 * Width;
        long before = Slices.RowsOf(0);
        for (long slice = 1; slice < Slices.SlicesPerSet; slice++)
        {
            double* more = all + (nint)slice * 2 * Width;
            long rows = Slices.RowsOf(slice);
            double share = (double)rows / (before + rows), weight = before * share;
            for (int c = 0; c < Width; c++)
            {
                double difference = more[c] - all[c];
                all[c] += difference * share;
                all[Width + c] += more[Width + c] + difference * difference * weight;
            }
            before += rows;
        }
        return all;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Four<V>(T* x, nint stride, nint rows, T* centres, T* rests, T* squares) where V : unmanaged, ISimd<V, T>
    {
        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
        T* from = x;
        for (nint i = 0; i < rows; i++, from += stride)
        {
            a += V.Load(from);
            b += V.Load(from + V.Count);
            c += V.Load(from + 2 * V.Count);
            d += V.Load(from + 3 * V.Count);
        }
        V share = V.Const(1.0 / rows), p = a * share, q = b * share, r = c * share, s = d * share, k = V.Zero, l = V.Zero, m = V.Zero, n = V.Zero;
        p.Store(centres);
        q.Store(centres + V.Count);
        r.Store(centres + 2 * V.Count);
        s.Store(centres + 3 * V.Count);
        a = b = c = d = V.Zero;
        from = x;
        for (nint i = 0; i < rows; i++, from += stride)
        {
            V e = V.Load(from) - p, f = V.Load(from + V.Count) - q, g = V.Load(from + 2 * V.Count) - r, h = V.Load(from + 3 * V.Count) - s;
            k += e;
            l += f;
            m += g;
            n += h;
            a = V.MultiplyAdd(e, e, a);
            b = V.MultiplyAdd(f, f, b);
            c = V.MultiplyAdd(g, g, c);
            d = V.MultiplyAdd(h, h, d);
        }
        k.Store(rests);
        l.Store(rests + V.Count);
        m.Store(rests + 2 * V.Count);
        n.Store(rests + 3 * V.Count);
        a.Store(squares);
        b.Store(squares + V.Count);
        c.Store(squares + 2 * V.Count);
        d.Store(squares + 3 * V.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void One<V>(T* x, nint stride, nint rows, T* centres, T* rests, T* squares) where V : unmanaged, ISimd<V, T>
    {
        // Two rows at a time, as an addition takes several cycles before the next can follow it.
        V a = V.Zero, b = V.Zero, k = V.Zero, l = V.Zero;
        nint i = 0;
        for (; i <= rows - 2; i += 2)
        {
            a += V.Load(x + i * stride);
            b += V.Load(x + (i + 1) * stride);
        }
        if (i < rows) a += V.Load(x + i * stride);
        V centre = (a + b) * V.Const(1.0 / rows);
        centre.Store(centres);
        a = b = V.Zero;
        for (i = 0; i <= rows - 2; i += 2)
        {
            V e = V.Load(x + i * stride) - centre, f = V.Load(x + (i + 1) * stride) - centre;
            k += e;
            l += f;
            a = V.MultiplyAdd(e, e, a);
            b = V.MultiplyAdd(f, f, b);
        }
        if (i < rows)
        {
            V e = V.Load(x + i * stride) - centre;
            k += e;
            a = V.MultiplyAdd(e, e, a);
        }
        (k + l).Store(rests);
        (a + b).Store(squares);
    }
}

/// <summary>Means and variances of the groups of each set, from those of columns; they are kept, and taken into the table.</summary>
internal unsafe struct GroupMoments<T> : IJob where T : unmanaged, INumber<T>
{
    public ChannelMoments<T> Moments;
    public NormTable<T> Table;
    public T* Means, Variances;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int set)
    {
        NormShape shape = Table.Shape;
        int width = shape.Width, groups = shape.Groups;
        double* mean = Moments.Combine(set), square = mean + width;
        double share = (double)groups / width;
        using var sums = new Scratch<double>(2 * (long)groups);
        double* centres = sums.Pointer, squares = centres + groups;
        new Span<double>(centres, checked(2 * groups)).Clear();
        for (int i = 0; i < width; i++) centres[shape.GroupOf(i)] += mean[i];
        for (int g = 0; g < groups; g++) centres[g] *= share;
        for (int i = 0; i < width; i++)
        {
            int group = shape.GroupOf(i);
            double difference = mean[i] - centres[group];
            squares[group] += square[i] + difference * difference * shape.Rows;
        }
        T* means = Means + (nint)set * groups, variances = Variances + (nint)set * groups;
        for (int g = 0; g < groups; g++)
        {
            means[g] = T.CreateTruncating(centres[g]);
            variances[g] = T.CreateTruncating(squares[g] / shape.ElementsPerStatistic);
        }
        Table.Fill(set, means, variances);
    }
}
