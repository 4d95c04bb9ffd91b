using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>The largest or smallest element of each line and the first place where it is found; NaN before everything.</summary>
internal readonly unsafe struct ExtremeKernel(bool largest) : ILineKernel
{
    /// <summary>Elements that are converted at once.</summary>
    private const int Piece = 1024;

    public int Buffers => 0;

    public int ColumnsAtOnce => LineLoop.MostColumns;

    // Places are counted in the type of the elements, as far as it counts exactly.
    public bool HasColumns(nint n) => n <= 1 << 24;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Line<V, T>(Line* lines, nint n, T* buffers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T best;
        nint place;
        if (lines[0].IsContiguous<T>())
        {
            place = Straight<V, T>((T*)lines[0].At, n, out best);
        }
        else place = InPieces<V, T>(lines[0], n, out best);
        lines[1].SetFirst(best);
        lines[2].SetFirst<long>(place);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint Straight<V, T>(T* x, nint n, out T best) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (n < V.Count)
        {
            V row = Simd.Load(x, n, V.Const(largest ? double.NegativeInfinity : double.PositiveInfinity));
            best = largest ? Simd.Fold<MaxReduce, V, T>(default, row) : Simd.Fold<MinReduce, V, T>(default, row);
            return T.IsNaN(best) ? Find<V, T>(x, n, best) : Simd.FirstSet<V, T>(V.Equal(row, V.Create(best)));
        }
        best = largest ? ReduceKernels.Row<MaxReduce, V, T, T>(default, x, n) : ReduceKernels.Row<MinReduce, V, T, T>(default, x, n);
        return Find<V, T>(x, n, best);
    }

    /// <summary>A line of another type, or with gaps, which may be the whole of a tensor: it is never there twice.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private nint InPieces<V, T>(Line line, nint n, out T best) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* buffer = stackalloc T[Piece];
        best = default;
        nint place = -1;
        for (nint start = 0; start < n; start += Piece, line.Skip(Piece))
        {
            nint count = Math.Min(Piece, n - start), at = Straight<V, T>(line.Read(buffer, count), count, out T found);
            if (place >= 0 && !(T.IsNaN(found) || (largest ? found > best : found < best))) continue;
            (best, place) = (found, start + at);
            if (T.IsNaN(best)) break;
        }
        return place;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static nint Find<V, T>(T* x, nint n, T value) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        bool isNaN = T.IsNaN(value);
        V wanted = V.Create(value);
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count)
        {
            V v = V.Load(x + i), found = isNaN ? V.IsNaN(v) : V.Equal(v, wanted);
            if (Simd.Any(found)) return i + Simd.FirstSet<V, T>(found);
        }
        while (i < n - 1 && !(isNaN ? T.IsNaN(x[i]) : x[i] == value)) i++;
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Columns<V, T>(Line* lines, nint n, nint columns) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        // Row by row, so that memory is read in its order.
        T* best = stackalloc T[LineLoop.MostColumns], places = stackalloc T[LineLoop.MostColumns];
        new ReadOnlySpan<T>(lines[0].At, (int)columns).CopyTo(new(best, (int)columns));
        new Span<T>(places, (int)columns).Clear();
        for (nint i = 1; i < n; i++)
        {
            T* x = (T*)lines[0].At + i * lines[0].Stride;
            T place = T.CreateTruncating(i);
            nint k = 0;
            for (; k <= columns - V.Count; k += V.Count) Compare(V.Load(x + k), V.Create(place), best + k, places + k);
            for (; k < columns; k++) Compare(new Num<T>(x[k]), new Num<T>(place), best + k, places + k);
        }
        Convert.Store(best, lines[1].DType, lines[1].At, lines[1].Step, columns);
        Convert.Store(places, lines[2].DType, lines[2].At, lines[2].Step, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Compare<V, T>(V v, V place, T* best, T* places) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V found = V.Load(best), better = largest ? v > found : v < found;
        if (typeof(T) != typeof(long)) better = V.And(V.Equal(found, found), V.Or(better, V.IsNaN(v)));
        V.Select(better, v, found).Store(best);
        V.Select(better, place, V.Load(places)).Store(places);
    }
}
