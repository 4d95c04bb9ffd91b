using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>Lines of a max-pooling's output, and the elements of the kernel that stood over the largest elements.</summary>
internal unsafe struct MaxPoolLines<T, TTap> : ISimdJob<T> where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
{
    public PoolPlan Plan;
    public LineCut Cut;
    public int Channels;
    public bool Relu;
    public T* X, Y;

    /// <summary>Null where nobody asks for them.</summary>
    public TTap* Taps;

    /// <summary>0, 1, .. as lanes compute with them, and nowhere behind the last.</summary>
    public T* Numbers;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        (PoolTable depth, PoolTable height, PoolTable width) = (Plan.Depth, Plan.Height, Plan.Width);
        var lines = new PoolLines(Plan, Channels);
        (long first, long end) = Cut[part];
        fixed (int* firsts = width.First, counts = width.Taps, skips = width.Skip)
        {
            for (long i = first; i < end; i++)
            {
                PoolLine line = lines[i];
                T* numbers = Numbers + (depth.Skip[line.Depth] * height.Kernel + height.Skip[line.Height]) * width.Kernel;
                nint at = (nint)i * width.Output * Channels;
                Run<V>(lines, line, X + line.Start, Y + at, Taps is null ? null : Taps + at, numbers, firsts, counts, skips);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Run<V>(in PoolLines lines, PoolLine line, T* x, T* y, TTap* taps, T* lineNumbers, int* firsts, int* counts, int* skips)
        where V : unmanaged, ISimd<V, T>
    {
        nint channels = lines.Channels, column = lines.Column, row = lines.Row, slab = lines.Slab;
        nint numbersInRow = Plan.Width.Kernel, numbersInSlab = Plan.Height.Kernel * numbersInRow;
        int slabs = line.Slabs, rows = line.Rows, outputs = Plan.Width.Output;
        bool relu = Relu;
        V nowhere = V.Create(Numbers[Plan.Taps]), lowest = V.Const(double.NegativeInfinity);
        for (int o = 0; o < outputs; o++, y += channels)
        {
            T* window = x + firsts[o] * channels, numbers = lineNumbers + skips[o];
            int columns = counts[o];
            for (nint c = 0; c < channels; c += V.Count)
            {
                if (c > channels - V.Count) c = channels - V.Count;
                V best = lowest, place = slabs * rows * columns == 0 ? nowhere : V.Create(*numbers);
                for (int a = 0; a < slabs; a++)
                {
                    for (int b = 0; b < rows; b++)
                    {
                        T* from = window + c + a * slab + b * row, number = numbers + a * numbersInSlab + b * numbersInRow;
                        for (int k = 0; k < columns; k++, from += column)
                        {
                            V value = V.Load(from), larger = V.Or(value > best, V.IsNaN(value));
                            best = V.Select(larger, value, best);
                            place = V.Select(larger, V.Create(number[k]), place);
                        }
                    }
                }
                if (relu)
                {
                    place = V.Select(best <= V.Zero, nowhere, place);
                    best = V.Select(best < V.Zero, V.Zero, best);
                }
                best.Store(y + c);
                if (taps is not null) Simd.StoreIntegers<V, T, TTap>(place, taps + c);
            }
            if (taps is not null) taps += channels;
        }
    }
}
