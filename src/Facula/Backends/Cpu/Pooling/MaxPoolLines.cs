using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>Lines of a max-pooling's output: for each position and vector of channels, a walk through the window.</summary>
internal unsafe struct MaxPoolLines<T, TTap> : IWideJob<T> where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
{
    public PoolPlan Plan;
    public LineCut Cut;
    public int Channels;
    public bool Rectify;
    public T* X, Y;
    public TTap* Taps;

    /// <summary>0, 1, .. as lanes compute with them, and nowhere behind the last.</summary>
    public T* Numbers;

    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (PoolAxis depth, PoolAxis height, PoolAxis width, _) = Plan;
        nint row = (nint)width.Input * Channels, slab = height.Input * row;
        var line = new Line
        {
            Columns = width.Output,
            Channels = Channels,
            Rectify = Rectify,
            Column = (nint)width.Step * Channels,
            Row = height.Step * row,
            Slab = depth.Step * slab,
            NumbersInRow = width.Kernel,
            NumbersInSlab = height.Kernel * width.Kernel,
            Nowhere = Numbers + Plan.Taps,
        };
        (long first, long end) = Cut[part];
        fixed (int* firsts = width.First, taps = width.Taps, skips = width.Skip)
        {
            for (long i = first; i < end; i++)
            {
                int h = (int)(i % height.Output), d = (int)(i / height.Output % depth.Output);
                long sample = i / height.Output / depth.Output;
                line.Slabs = depth.Taps[d];
                line.Rows = height.Taps[h];
                line.Numbers = Numbers + (depth.Skip[d] * height.Kernel + height.Skip[h]) * width.Kernel;
                T* x = X + (nint)(sample * depth.Input + depth.First[d]) * slab + height.First[h] * row;
                nint at = (nint)i * width.Output * Channels;
                Run<V>(line, x, Y + at, Taps is null ? null : Taps + at, firsts, taps, skips);
            }
        }
    }

    private struct Line
    {
        public int Columns, Slabs, Rows;
        public nint Channels, Column, Row, Slab, NumbersInRow, NumbersInSlab;
        public T* Numbers, Nowhere;
        public bool Rectify;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Run<V>(in Line line, T* x, T* y, TTap* taps, int* firsts, int* counts, int* skips) where V : unmanaged, ISimd<V, T>
    {
        nint channels = line.Channels, column = line.Column, row = line.Row, slab = line.Slab, numbersInRow = line.NumbersInRow;
        int slabs = line.Slabs, rows = line.Rows;
        V nowhere = V.Create(*line.Nowhere), lowest = V.Const(double.NegativeInfinity);
        for (int o = 0; o < line.Columns; o++, y += channels)
        {
            T* window = x + firsts[o] * channels, numbers = line.Numbers + skips[o];
            int columns = counts[o];
            for (nint c = 0; c < channels; c += V.Count)
            {
                if (c > channels - V.Count) c = channels - V.Count;
                V best = lowest, place = slabs * rows * columns == 0 ? nowhere : V.Create(*numbers);
                for (int a = 0; a < slabs; a++)
                {
                    for (int b = 0; b < rows; b++)
                    {
                        T* from = window + c + a * slab + b * row, number = numbers + a * line.NumbersInSlab + b * numbersInRow;
                        for (int k = 0; k < columns; k++, from += column)
                        {
                            V value = V.Load(from), larger = V.Or(value > best, V.IsNaN(value));
                            best = V.Select(larger, value, best);
                            place = V.Select(larger, V.Create(number[k]), place);
                        }
                    }
                }
                if (line.Rectify)
                {
                    place = V.Select(best > V.Zero, place, nowhere);
                    best = V.Select(best < V.Zero, V.Zero, best);
                }
                best.Store(y + c);
                if (taps is not null) TapLanes.Store<V, T, TTap>(place, taps + c);
            }
            if (taps is not null) taps += channels;
        }
    }
}

/// <summary>Lines of the gradient of a max-pooling's input: each element gathers from the windows that read it.</summary>
internal unsafe struct MaxPoolGradLines<T, TTap> : IWideJob<T> where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
{
    public PoolPlan Plan;
    public LineCut Cut;
    public int Channels;
    public T* G, X, Numbers;
    public TTap* Taps;

    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (PoolAxis depth, PoolAxis height, PoolAxis width, _) = Plan;
        PoolCover slabs = depth.Cover, rows = height.Cover, columns = width.Cover;
        nint row = (nint)width.Output * Channels;
        int most = 1;
        for (int i = 0; i < depth.Input; i++) most = Math.Max(most, slabs.Start[i + 1] - slabs.Start[i]);
        int mostRows = 1;
        for (int i = 0; i < height.Input; i++) mostRows = Math.Max(mostRows, rows.Start[i + 1] - rows.Start[i]);
        var sources = new Source[most * mostRows];
        (long first, long end) = Cut[part];
        fixed (int* starts = columns.Start, outputs = columns.Output, taps = columns.Tap)
        fixed (Source* source = sources)
        {
            for (long i = first; i < end; i++)
            {
                int h = (int)(i % height.Input), d = (int)(i / height.Input % depth.Input);
                long sample = i / height.Input / depth.Input;
                int count = 0;
                for (int a = slabs.Start[d]; a < slabs.Start[d + 1]; a++)
                {
                    for (int b = rows.Start[h]; b < rows.Start[h + 1]; b++)
                    {
                        nint at = (nint)((sample * depth.Output + slabs.Output[a]) * height.Output + rows.Output[b]) * row;
                        source[count++] = new() { G = G + at, Taps = Taps + at, Numbers = Numbers + (slabs.Tap[a] * height.Kernel + rows.Tap[b]) * width.Kernel };
                    }
                }
                Run<V>(source, count, X + (nint)i * width.Input * Channels, Channels, width.Input, starts, outputs, taps);
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
    private static void Run<V>(Source* sources, int count, T* x, nint channels, int width, int* starts, int* outputs, int* taps) where V : unmanaged, ISimd<V, T>
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
}
