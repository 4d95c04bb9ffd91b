using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>The largest or smallest element of each line and the first place where it is found; NaN before everything.</summary>
internal readonly unsafe struct ExtremeKernel(bool largest) : ILineKernel
{
    public int Buffers => 1;

    // Places are counted in the type of the elements, as far as it counts exactly.
    public bool HasColumns(nint n) => n <= 1 << 24;

    public void Line<V, T>(Line* lines, nint n, T* buffers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* x = lines[0].Read(buffers, n);
        T best = largest ? ReduceLoop.ReduceRow<AMaxOp, V, T, T>(default, x, n) : ReduceLoop.ReduceRow<AMinOp, V, T, T>(default, x, n);
        lines[1].SetFirst(best);
        lines[2].SetFirst<long>(Find<V, T>(x, n, best));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Find<V, T>(T* x, nint n, T value) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        bool isNaN = T.IsNaN(value);
        V wanted = V.Create(value);
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count)
        {
            V v = V.Load(x + i);
            if (Lanes.Any(isNaN ? V.IsNaN(v) : V.Equal(v, wanted))) break;
        }
        while (i < n - 1 && !(isNaN ? T.IsNaN(x[i]) : x[i] == value)) i++;
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Columns<V, T>(Line* lines, nint n, nint columns) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* best = stackalloc T[LineLoop.ColumnsAtOnce], places = stackalloc T[LineLoop.ColumnsAtOnce];
        T* x = (T*)lines[0].At;
        nint k = 0;
        for (; k <= columns - V.Count; k += V.Count) Column<V, T>(x + k, lines[0].Stride, n, best + k, places + k);
        for (; k < columns; k++) Column<Num<T>, T>(x + k, lines[0].Stride, n, best + k, places + k);
        Convert.Store(best, lines[1].DType, lines[1].At, lines[1].Step, columns);
        Convert.Store(places, lines[2].DType, lines[2].At, lines[2].Step, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Column<V, T>(T* x, nint stride, nint n, T* best, T* places) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V found = V.Load(x), place = V.Zero;
        for (nint i = 1; i < n; i++)
        {
            V v = V.Load(x + i * stride);
            V better = largest ? v > found : v < found;
            if (typeof(T) != typeof(long)) better = V.And(V.Equal(found, found), V.Or(better, V.IsNaN(v)));
            found = V.Select(better, v, found);
            place = V.Select(better, V.Create(T.CreateTruncating(i)), place);
        }
        found.Store(best);
        place.Store(places);
    }
}

/// <summary>Running sums.</summary>
internal readonly unsafe struct CumSumKernel : ILineKernel
{
    public int Buffers => 2;
    public bool HasColumns(nint n) => true;

    public void Line<V, T>(Line* lines, nint n, T* buffers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* y = lines[0].Target(buffers), x = lines[1].Read(buffers + n, n);
        if (typeof(T) == typeof(long)) Run<T, T>(x, y, n);
        else Run<T, double>(x, y, n);
        lines[0].Write(y, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<T, P>(T* x, T* y, nint n) where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        P sum = P.Zero;
        for (nint i = 0; i < n; i++)
        {
            sum += P.CreateTruncating(x[i]);
            y[i] = T.CreateTruncating(sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Columns<V, T>(Line* lines, nint n, nint columns) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        nint k = 0;
        for (; k <= columns - V.Count; k += V.Count) Column<V, T>((T*)lines[1].At + k, lines[1].Stride, (T*)lines[0].At + k, lines[0].Stride, n);
        for (; k < columns; k++) Column<Num<T>, T>((T*)lines[1].At + k, lines[1].Stride, (T*)lines[0].At + k, lines[0].Stride, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column<V, T>(T* x, nint strideX, T* y, nint strideY, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V sum = V.Zero, lost = V.Zero;
        for (nint i = 0; i < n; i++)
        {
            Lanes.AddExactly(ref sum, ref lost, V.Load(x + i * strideX));
            V total = sum + lost;
            // What was lost from an infinite sum is no number.
            (typeof(T) == typeof(long) ? sum : V.Select(V.Equal(sum - sum, V.Zero), total, sum)).Store(y + i * strideY);
        }
    }
}
