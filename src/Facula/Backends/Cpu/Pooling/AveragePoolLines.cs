using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>Lines of an average pooling's output. Sums are taken along a window's lines first, so that those of large windows keep their digits.</summary>
internal unsafe struct AveragePoolLines<T> : IWideJob<T> where T : unmanaged, INumber<T>
{
    public PoolPlan Plan;
    public LineCut Cut;
    public int Channels;
    public T* X, Y;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (PoolTable depth, PoolTable height, PoolTable width, int? divisor) = (Plan.Depth, Plan.Height, Plan.Width, Plan.Divisor);
        nint row = (nint)width.Input * Channels, slab = height.Input * row;
        (long first, long end) = Cut[part];
        fixed (int* firsts = width.First, taps = width.Taps, extents = width.Extent)
        {
            for (long i = first; i < end; i++)
            {
                int h = (int)(i % height.Output), d = (int)(i / height.Output % depth.Output);
                long sample = i / height.Output / depth.Output;
                var line = new Line
                {
                    Columns = width.Output,
                    Slabs = depth.Taps[d],
                    Rows = height.Taps[h],
                    Channels = Channels,
                    Column = (nint)width.Step * Channels,
                    Row = height.Step * row,
                    Slab = depth.Step * slab,
                    Divisor = divisor ?? (double)depth.Extent[d] * height.Extent[h],
                };
                T* x = X + (nint)(sample * depth.Input + depth.First[d]) * slab + height.First[h] * row;
                Run<V>(line, x, Y + (nint)i * width.Output * Channels, firsts, taps, divisor is null ? extents : null);
            }
        }
    }

    private struct Line
    {
        public int Columns, Slabs, Rows;
        public nint Channels, Column, Row, Slab;
        public double Divisor;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Run<V>(in Line line, T* x, T* y, int* firsts, int* counts, int* extents) where V : unmanaged, ISimd<V, T>
    {
        nint channels = line.Channels, column = line.Column, row = line.Row, slab = line.Slab;
        int slabs = line.Slabs, rows = line.Rows;
        for (int o = 0; o < line.Columns; o++, y += channels)
        {
            T* window = x + firsts[o] * channels;
            int columns = counts[o];
            V divisor = V.Const(extents is null ? line.Divisor : line.Divisor * extents[o]);
            for (nint c = 0; c < channels; c += V.Count)
            {
                if (c > channels - V.Count) c = channels - V.Count;
                V sum = V.Zero;
                for (int a = 0; a < slabs; a++)
                {
                    for (int b = 0; b < rows; b++)
                    {
                        T* from = window + c + a * slab + b * row;
                        V along = V.Zero;
                        for (int k = 0; k < columns; k++, from += column) along += V.Load(from);
                        sum += along;
                    }
                }
                (sum / divisor).Store(y + c);
            }
        }
    }
}

/// <summary>Lines of the gradient of an average pooling's input: each element gathers from the windows that read it.</summary>
internal unsafe struct AveragePoolGradLines<T> : IWideJob<T> where T : unmanaged, INumber<T>
{
    public PoolPlan Plan;
    public LineCut Cut;
    public int Channels;
    public T* G, X;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (PoolTable depth, PoolTable height, PoolTable width, int? divisor) = (Plan.Depth, Plan.Height, Plan.Width, Plan.Divisor);
        PoolCover slabs = depth.Cover, rows = height.Cover, columns = width.Cover;
        nint row = (nint)width.Output * Channels;
        var readers = new PoolReader[Math.Max(1, slabs.Most * rows.Most)];
        var sources = new Source[readers.Length];
        var shares = new double[width.Output];
        for (int o = 0; o < shares.Length; o++) shares[o] = divisor is null ? 1.0 / width.Extent[o] : 1;
        (long first, long end) = Cut[part];
        fixed (int* starts = columns.Start, outputs = columns.Output)
        fixed (double* share = shares)
        fixed (Source* source = sources)
        {
            for (long i = first; i < end; i++)
            {
                int count = PoolReader.Find(Plan, i, readers);
                for (int k = 0; k < count; k++)
                {
                    PoolReader reader = readers[k];
                    double extent = divisor ?? (double)depth.Extent[slabs.Output[reader.Slab]] * height.Extent[rows.Output[reader.Row]];
                    source[k] = new() { G = G + reader.Line * row, Share = 1.0 / extent };
                }
                Gather<V>(source, count, X + (nint)i * width.Input * Channels, Channels, width.Input, starts, outputs, share);
            }
        }
    }

    /// <summary>A line of the output, and what its gradients are multiplied by.</summary>
    private struct Source
    {
        public T* G;
        public double Share;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Gather<V>(Source* sources, int count, T* x, nint channels, int width, int* starts, int* outputs, double* shares) where V : unmanaged, ISimd<V, T>
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
                        sum = V.MultiplyAdd(V.Load(source->G + outputs[k] * channels + c), V.Const(source->Share * shares[outputs[k]]), sum);
                }
                sum.Store(x + c);
            }
        }
    }
}
