using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// The gradient of a bias: the sums over the rows of the output's gradient, for each slice of the rows by itself. The kernels that take the weight's
/// gradient add rows here while they are at hand: in T as many as they have, and those sums in double.
/// </summary>
internal readonly unsafe struct BiasSums<S, V, T>(T* bias, double* sums, int outputs)
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    /// <summary>Whether anybody asks for it: the bias is not null.</summary>
    public bool AreWanted => bias != null;

    /// <summary>Room for the sums of so many slices, if they are wanted.</summary>
    public static Scratch<double> Room(T* bias, int slices, int outputs) => new(bias == null ? 0 : (long)slices * outputs);

    /// <summary>The sums of a slice, from an output on.</summary>
    public double* Of(int slice, int output = 0) => sums + (nint)slice * outputs + output;

    /// <summary>Must come before anything is added to some outputs' sums of a slice.</summary>
    public void Clear(int slice, int output, int count) => new Span<double>(Of(slice, output), count).Clear();

    public void Clear(int slice) => Clear(slice, 0, outputs);

    /// <summary>Adds so many rows that lie side by side.</summary>
    public void Add(int slice, T* g, nint rows)
    {
        int whole = outputs / S.Count * S.Count;
        Add<S, V>(g, outputs, rows, 0, whole, Of(slice));
        Add<ScalarOps<T>, T>(g, outputs, rows, whole, outputs, Of(slice));
    }

    /// <summary>Adds up the slices, in order, if they are wanted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(int slices)
    {
        if (!AreWanted) return;
        for (int k = 0; k < outputs; k++)
        {
            double sum = 0;
            for (int slice = 0; slice < slices; slice++) sum += *Of(slice, k);
            bias[k] = T.CreateTruncating(sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private static void Add<N, W>(T* g, nint row, nint rows, int from, int to, double* sums) where N : ISimdOps<W, T> where W : unmanaged
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
}
