using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Means and sums of squared differences of each channel, over rows of channels. Each part of the rows is gone through in chunks that stay in the first cache: once for
/// a centre, their mean as far as it is known in T; once for the sums and the squares of what is left without it. Chunks and parts are combined in order, in double (Chan, Golub and LeVeque 1979).
/// </summary>
internal unsafe struct ChannelMoments<T> : IWideJob<T> where T : unmanaged, INumber<T>
{
    private const int ChunkLength = 8192;
    private const int PartLength = 8 * ChunkLength;
    private const int Block = 4;

    public T* X;
    public int Channels;
    public long Rows;

    /// <summary>For each part: means, then sums of squares.</summary>
    public double* Partial;

    public readonly long RowsPerPart => Math.Max(64, PartLength / Channels);

    public readonly int Parts => (int)((Rows + RowsPerPart - 1) / RowsPerPart);

    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        long first = part * RowsPerPart, end = Math.Min(Rows, first + RowsPerPart), done = 0;
        // More channels than a block are read in strips, of which a chunk has fewer rows. Long sums in T would lose digits.
        int chunk = Math.Clamp(ChunkLength / Math.Max(V.Count, Math.Min(Channels, Block * V.Count)), 16, 512);
        double* mean = Partial + (nint)part * 2 * Channels, square = mean + Channels;
        var buffer = new T[3 * Channels];
        fixed (T* centres = buffer)
        {
            T* rests = centres + Channels, squares = rests + Channels;
            for (long row = first; row < end; row += chunk)
            {
                nint rows = (nint)Math.Min(chunk, end - row);
                T* x = X + (nint)row * Channels;
                nint c = 0;
                for (; c <= Channels - Block * V.Count; c += Block * V.Count) Four<V>(x + c, Channels, rows, centres + c, rests + c, squares + c);
                for (; c < Channels; c += V.Count)
                {
                    if (c > Channels - V.Count) c = Channels - V.Count;
                    One<V>(x + c, Channels, rows, centres + c, rests + c, squares + c);
                }
                Combine(mean, square, done, centres, rests, squares, rows, Channels);
                done += rows;
            }
        }
    }

    /// <summary>Takes what is known of so many more rows into means and squares.</summary>
    private static void Combine(double* mean, double* square, long before, T* centres, T* rests, T* squares, long rows, int channels)
    {
        double share = (double)rows / (before + rows), weight = before * share, ofSum = 1.0 / rows;
        for (int c = 0; c < channels; c++)
        {
            double rest = double.CreateTruncating(rests[c]), difference = double.CreateTruncating(centres[c]) + rest * ofSum - mean[c];
            mean[c] += difference * share;
            square[c] += double.CreateTruncating(squares[c]) - rest * rest * ofSum + difference * difference * weight;
        }
    }

    /// <summary>All parts combined: the means, and the sums of squares, in the place of those of the first.</summary>
    public readonly void Combine()
    {
        long before = Math.Min(Rows, RowsPerPart);
        for (int part = 1; part < Parts; part++)
        {
            double* more = Partial + (nint)part * 2 * Channels;
            long rows = Math.Min(RowsPerPart, Rows - part * RowsPerPart);
            double share = (double)rows / (before + rows), weight = before * share;
            for (int c = 0; c < Channels; c++)
            {
                double difference = more[c] - Partial[c];
                Partial[c] += difference * share;
                Partial[Channels + c] += more[Channels + c] + difference * difference * weight;
            }
            before += rows;
        }
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
