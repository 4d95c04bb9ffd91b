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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (PoolTable depth, PoolTable height, PoolTable width) = (Plan.Depth, Plan.Height, Plan.Width);
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
                    place = V.Select(best <= V.Zero, nowhere, place);
                    best = V.Select(best < V.Zero, V.Zero, best);
                }
                best.Store(y + c);
                if (taps is not null) TapLanes.Store<V, T, TTap>(place, taps + c);
            }
            if (taps is not null) taps += channels;
        }
    }
}
