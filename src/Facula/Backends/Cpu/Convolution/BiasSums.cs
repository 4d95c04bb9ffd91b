using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// The gradient of a bias: the sums over the rows of the output's gradient, for each slice of the rows by itself. Kernels that read these rows anyway add them here while they are at
/// hand, in T as many as they have, and those sums in double.
/// </summary>
internal unsafe struct BiasSums<L, V, T>
    where L : ILanes<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    private const int RowsPerSlice = 4096, RowsAtOnce = 512;

    /// <summary>[slices, outputs], or null where nobody asks for them.</summary>
    public double* Sums;
    public int Outputs;

    public readonly bool AreWanted => Sums != null;

    /// <summary>The sums of a slice.</summary>
    public readonly double* Of(int slice) => Sums + (nint)slice * Outputs;

    public readonly void Clear(int slice) => new Span<double>(Of(slice), Outputs).Clear();

    /// <summary>Adds so many rows that lie side by side.</summary>
    public readonly void Add(int slice, T* g, nint rows)
    {
        int whole = Outputs / L.Count * L.Count;
        Add<L, V>(g, Outputs, rows, 0, whole, Of(slice));
        Add<Lane<T>, T>(g, Outputs, rows, whole, Outputs, Of(slice));
    }

    /// <summary>Adds up the slices, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Write(int slices, T* bias)
    {
        for (int k = 0; k < Outputs; k++)
        {
            double sum = 0;
            for (int slice = 0; slice < slices; slice++) sum += Of(slice)[k];
            bias[k] = T.CreateTruncating(sum);
        }
    }

    /// <summary>All of it at once, where no kernel does it in passing.</summary>
    public static void Run(T* g, long rows, int outputs, T* bias)
    {
        int slices = checked((int)((rows + RowsPerSlice - 1) / RowsPerSlice));
        using var sums = new Scratch<double>((long)slices * outputs);
        var job = new Job { G = g, Rows = rows, Sums = new() { Sums = sums.Pointer, Outputs = outputs } };
        Workers.For(slices, job);
        job.Sums.Write(slices, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private static void Add<N, W>(T* g, nint row, nint rows, int from, int to, double* sums) where N : ILanes<W, T> where W : unmanaged
    {
        T* lanes = stackalloc T[N.Count];
        for (int k = from; k < to; k += N.Count)
        {
            W a = default, b = default, c = default, d = default;
            T* at = g + k;
            nint i = 0;
            for (; i <= rows - 4; i += 4, at += 4 * row)
            {
                a = N.Add(a, N.Load(at));
                b = N.Add(b, N.Load(at + row));
                c = N.Add(c, N.Load(at + 2 * row));
                d = N.Add(d, N.Load(at + 3 * row));
            }
            for (; i < rows; i++, at += row) a = N.Add(a, N.Load(at));
            N.Store(N.Add(N.Add(a, b), N.Add(c, d)), lanes);
            for (int lane = 0; lane < N.Count; lane++) sums[k + lane] += double.CreateTruncating(lanes[lane]);
        }
    }

    private struct Job : IJob
    {
        public T* G;
        public long Rows;
        public BiasSums<L, V, T> Sums;

        public readonly void Run(int slice)
        {
            Sums.Clear(slice);
            long first = (long)slice * RowsPerSlice, end = Math.Min(Rows, first + RowsPerSlice);
            for (; first < end; first += RowsAtOnce) Sums.Add(slice, G + (nint)first * Sums.Outputs, (nint)Math.Min(RowsAtOnce, end - first));
        }
    }
}
