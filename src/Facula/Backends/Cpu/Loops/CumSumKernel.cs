using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>Running sums.</summary>
internal readonly unsafe struct CumSumKernel : ILineKernel
{
    /// <summary>Elements that are converted at once: whole eights, so that where pieces end makes no difference.</summary>
    private const int Piece = 512;

    public int Buffers => 0;
    public int ColumnsAtOnce => LineLoop.MostColumns;
    public bool HasColumns(nint n) => true;

    public void Line<V, T>(Line* lines, nint n, T* buffers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (typeof(T) == typeof(long)) Run<T, T>(lines[1], lines[0], n);
        else Run<T, double>(lines[1], lines[0], n);
    }

    /// <summary>A line may be the whole of a tensor: where it must be converted, it is a piece at a time.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Run<T, P>(Line from, Line to, nint n) where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        P sum = P.Zero;
        if (from.IsContiguous<T>() && to.IsContiguous<T>())
        {
            Run((T*)from.At, (T*)to.At, n, ref sum);
            return;
        }
        T* buffers = stackalloc T[2 * Piece];
        for (nint start = 0; start < n; start += Piece, from.Skip(Piece), to.Skip(Piece))
        {
            nint count = Math.Min(Piece, n - start);
            T* y = to.Target(buffers + Piece);
            Run(from.Read(buffers, count), y, count, ref sum);
            to.Write(y, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Run<T, P>(T* x, T* y, nint n, ref P total) where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        P sum = total;
        nint i = 0;
        if (Vector512.IsHardwareAccelerated && typeof(P) == typeof(double))
        {
            i = n & ~7;
            sum = Unsafe.BitCast<double, P>(Eights(x, y, i, Unsafe.BitCast<P, double>(sum)));
        }
        for (; i < n; i++)
        {
            sum += P.CreateTruncating(x[i]);
            y[i] = T.CreateTruncating(sum);
        }
        total = sum;
    }

    /// <summary>Eight at a time: sums of 2, 4 and 8 neighbours within a vector, then all that came before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Eights<T>(T* x, T* y, nint n, double sum) where T : unmanaged
    {
        Vector512<double> before = Vector512.Create(sum);
        for (nint i = 0; i < n; i += 8)
        {
            Vector512<double> v = typeof(T) == typeof(float) ? Vector512.WidenLower(Vector256.Load((float*)x + i).ToVector512Unsafe())
                : Vector512.Load((double*)x + i);
            // Indices outside shift in zeros.
            v += Vector512.Shuffle(v, Vector512.Create(-1L, 0, 1, 2, 3, 4, 5, 6));
            v += Vector512.Shuffle(v, Vector512.Create(-1L, -1, 0, 1, 2, 3, 4, 5));
            v += Vector512.Shuffle(v, Vector512.Create(-1L, -1, -1, -1, 0, 1, 2, 3));
            Vector512<double> sums = v + before;
            before += Vector512.Shuffle(v, Vector512.Create(7L));
            if (typeof(T) == typeof(float)) Vector512.Narrow(sums, sums).GetLower().Store((float*)y + i);
            else sums.Store((double*)y + i);
        }
        return before.ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Columns<V, T>(Line* lines, nint n, nint columns) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        // Row by row, so that memory is gone through in its order.
        T* sums = stackalloc T[2 * LineLoop.MostColumns], lost = sums + LineLoop.MostColumns;
        new Span<T>(sums, 2 * LineLoop.MostColumns).Clear();
        for (nint i = 0; i < n; i++)
        {
            T* x = (T*)lines[1].At + i * lines[1].Stride, y = (T*)lines[0].At + i * lines[0].Stride;
            nint k = 0;
            for (; k <= columns - V.Count; k += V.Count) Add<V, T>(V.Load(x + k), sums + k, lost + k).Store(y + k);
            for (; k < columns; k++) Add<Num<T>, T>(new(x[k]), sums + k, lost + k).Store(y + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Add<V, T>(V x, T* sums, T* lost) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V sum = V.Load(sums), less = V.Load(lost);
        Simd.AddExactly(ref sum, ref less, x);
        sum.Store(sums);
        if (typeof(T) == typeof(long)) return sum;
        less.Store(lost);
        // What was lost from an infinite sum is no number.
        return V.Select(V.Equal(sum - sum, V.Zero), sum + less, sum);
    }
}
