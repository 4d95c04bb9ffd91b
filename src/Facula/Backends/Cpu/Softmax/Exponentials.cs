using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Passes over rows of numbers whose exponentials are wanted. Each inlines one of them, or two: the JIT inlines only so much into one method.
/// </summary>
internal static unsafe class Exponentials
{
    // Vectors that are added up before rounding is looked after.
    private const int BlockSteps = 32;

    /// <summary>The largest; a NaN may be passed over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static T Max<V, T>(T* x, nint n)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => ReduceKernels.Row<Larger, V, T, T>(default, x, n);

    /// <summary>y = e^(x - max), and the sum of that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static double Fill<V, T>(T* x, T* y, nint n, T max) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V most = V.Create(max), sum = V.Zero, lost = V.Zero;
        nint i = 0, whole = n - n % V.Count;
        while (i < whole)
        {
            nint end = Math.Min(whole, i + BlockSteps * V.Count);
            V a = V.Zero, b = V.Zero;
            for (; i <= end - 2 * V.Count; i += 2 * V.Count)
            {
                V p = V.Exp(V.Load(x + i) - most), q = V.Exp(V.Load(x + i + V.Count) - most);
                p.Store(y + i);
                q.Store(y + i + V.Count);
                a += p;
                b += q;
            }
            Simd.AddExactly(ref sum, ref lost, a + b);
            if (i == end) continue;
            Simd.AddExactly(ref sum, ref lost, One<V, T>(x + i, y + i, most));
            i += V.Count;
        }
        double rest = i < n ? Tail<V, T>(x + i, y + i, n - i, max) : 0;
        return Simd.Sum<V, T>(sum) + Simd.Sum<V, T>(lost) + rest;
    }

    /// <summary>The same for one vector, and for less than one; without y where that is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static V One<V, T>(T* x, T* y, V max) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V e = V.Exp(V.Load(x) - max);
        if (y is not null) e.Store(y);
        return e;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Tail<V, T>(T* x, T* y, nint n, T max) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V e = V.Exp(Simd.Load(x, n, V.Const(double.NegativeInfinity)) - V.Create(max));
        if (y is not null) Simd.Store(e, y, n);
        return Simd.Sum<V, T>(e);
    }

    /// <summary>The softmax of less than a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Shares<V, T>(T* x, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V row = Simd.Load(x, n, V.Const(double.NegativeInfinity)), e = V.Exp(row - V.Create(Simd.Fold<Larger, V, T>(default, row)));
        Simd.Store(e * V.Create(T.CreateTruncating(1 / Simd.Sum<V, T>(e))), y, n);
    }

    /// <summary>The sum of e^(x - max).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static double Sum<V, T>(T* x, nint n, T max) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (n < V.Count) return Tail<V, T>(x, null, n, max);
        V most = V.Create(max), sum = V.Zero, lost = V.Zero;
        nint i = 0, whole = n - n % V.Count;
        while (i < whole)
        {
            nint end = Math.Min(whole, i + BlockSteps * V.Count);
            V a = V.Zero, b = V.Zero;
            for (; i <= end - 2 * V.Count; i += 2 * V.Count)
            {
                a += V.Exp(V.Load(x + i) - most);
                b += V.Exp(V.Load(x + i + V.Count) - most);
            }
            Simd.AddExactly(ref sum, ref lost, a + b);
            if (i == end) continue;
            Simd.AddExactly(ref sum, ref lost, One<V, T>(x + i, null, most));
            i += V.Count;
        }
        double rest = i < n ? Tail<V, T>(x + i, null, n - i, max) : 0;
        return Simd.Sum<V, T>(sum) + Simd.Sum<V, T>(lost) + rest;
    }

    /// <summary>y *= factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Scale<V, T>(T* y, nint n, T factor) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V f = V.Create(factor);
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) (V.Load(y + i) * f).Store(y + i);
        if (i < n) Simd.Store(Simd.Load(y + i, n - i, V.Zero) * f, y + i, n - i);
    }

    /// <summary>y = x - a - b, in this order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Subtract<V, T>(T* x, T* y, nint n, T a, T b) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V first = V.Create(a), second = V.Create(b);
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) (V.Load(x + i) - first - second).Store(y + i);
        if (i < n) Simd.Store(Simd.Load(x + i, n - i, V.Zero) - first - second, y + i, n - i);
    }

    /// <summary>The sum of x y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static double Dot<V, T>(T* x, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V sum = V.Zero, lost = V.Zero;
        nint i = 0, whole = n - n % V.Count;
        while (i < whole)
        {
            nint end = Math.Min(whole, i + BlockSteps * V.Count);
            V a = V.Zero, b = V.Zero;
            for (; i <= end - 2 * V.Count; i += 2 * V.Count)
            {
                a = V.MultiplyAdd(V.Load(x + i), V.Load(y + i), a);
                b = V.MultiplyAdd(V.Load(x + i + V.Count), V.Load(y + i + V.Count), b);
            }
            for (; i < end; i += V.Count) a = V.MultiplyAdd(V.Load(x + i), V.Load(y + i), a);
            Simd.AddExactly(ref sum, ref lost, a + b);
        }
        if (i < n) Simd.AddExactly(ref sum, ref lost, Simd.Load(x + i, n - i, V.Zero) * Simd.Load(y + i, n - i, V.Zero));
        double total = Simd.Sum<V, T>(sum);
        return double.IsFinite(total) ? total + Simd.Sum<V, T>(lost) : total;
    }
}

/// <summary>The larger, as a reduction for kernels in which a NaN shows anyway: it may be passed over.</summary>
internal readonly struct Larger : IReduce
{
    public double Identity => double.NegativeInfinity;
    public bool IsSum => false;
    public T Prepare<T>(T x) where T : INum<T> => x;
    public T Combine<T>(T a, T b) where T : INum<T> => T.Select(a > b, a, b);
    public T Finish<T>(T y) where T : INum<T> => y;
}
