using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>Lines of an average pooling's output. Sums are taken along a window's lines first, so that those of large windows keep their digits.</summary>
internal unsafe struct AveragePoolLines<T> : ISimdJob<T> where T : unmanaged, INumber<T>
{
    public PoolPlan Plan;
    public LineCut Cut;
    public int Channels;
    public T* X, Y;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (PoolTable depth, PoolTable height, PoolTable width, int? divisor) = (Plan.Depth, Plan.Height, Plan.Width, Plan.Divisor);
        var lines = new PoolLines(Plan, Channels);
        (long first, long end) = Cut[part];
        fixed (int* firsts = width.First, counts = width.Taps, divisors = width.Divisor)
        {
            for (long i = first; i < end; i++)
            {
                PoolLine line = lines[i];
                double lineDivisor = divisor ?? (double)depth.Divisor[line.Depth] * height.Divisor[line.Height];
                Run<V>(lines, line, X + line.Start, Y + (nint)i * width.Output * Channels, width.Output,
                    firsts, counts, divisor is null ? divisors : null, lineDivisor);
            }
        }
    }

    /// <summary>A window is divided by that of its line times, unless there are none, its own divisor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Run<V>(in PoolLines lines, PoolLine line, T* x, T* y, int outputs, int* firsts, int* counts, int* divisors, double lineDivisor)
        where V : unmanaged, ISimd<V, T>
    {
        nint channels = lines.Channels, column = lines.Column, row = lines.Row, slab = lines.Slab;
        int slabs = line.Slabs, rows = line.Rows;
        for (int o = 0; o < outputs; o++, y += channels)
        {
            T* window = x + firsts[o] * channels;
            int columns = counts[o];
            V divisor = V.Const(divisors is null ? lineDivisor : lineDivisor * divisors[o]);
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
