using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>One row's part in the softmax of columns: each column's maximum, sum and what rounding took from it lie side by side.</summary>
internal static unsafe class ExponentialRows
{
    /// <summary>max = the larger of max and x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Max<V, T>(T* x, T* max, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) default(Larger).Combine(V.Load(max + i), V.Load(x + i)).Store(max + i);
        for (; i < n; i++) default(Larger).Combine(new Num<T>(max[i]), new Num<T>(x[i])).Store(max + i);
    }

    /// <summary>sum += e^(x - max), which y gets unless it is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Add<V, T>(T* x, T* y, T* max, T* sum, T* lost, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count)
        {
            V e = V.Exp(V.Load(x + i) - V.Load(max + i)), s = V.Load(sum + i), l = V.Load(lost + i);
            Simd.AddExactly(ref s, ref l, e);
            if (y is not null) e.Store(y + i);
            s.Store(sum + i);
            l.Store(lost + i);
        }
        if (i < n) AddTail<V, T>(x + i, y is null ? null : y + i, max + i, sum + i, lost + i, n - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddTail<V, T>(T* x, T* y, T* max, T* sum, T* lost, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V e = V.Exp(Simd.Load(x, n, V.Zero) - Simd.Load(max, n, V.Zero)), s = Simd.Load(sum, n, V.Zero), l = Simd.Load(lost, n, V.Zero);
        Simd.AddExactly(ref s, ref l, e);
        if (y is not null) Simd.Store(e, y, n);
        Simd.Store(s, sum, n);
        Simd.Store(l, lost, n);
    }

    /// <summary>sum += g y, or g where y is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void AddProducts<V, T>(T* g, T* y, T* sum, T* lost, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count)
        {
            V s = V.Load(sum + i), l = V.Load(lost + i);
            Simd.AddExactly(ref s, ref l, y is null ? V.Load(g + i) : V.Load(g + i) * V.Load(y + i));
            s.Store(sum + i);
            l.Store(lost + i);
        }
        for (; i < n; i++)
        {
            Num<T> s = new(sum[i]), l = new(lost[i]);
            Simd.AddExactly(ref s, ref l, new(y is null ? g[i] : g[i] * y[i]));
            s.Store(sum + i);
            l.Store(lost + i);
        }
    }

    /// <summary>sum += lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddLost<T>(T* sum, T* lost, nint n) where T : unmanaged, INumber<T>
    {
        // What was lost from an infinite sum is no number.
        for (nint i = 0; i < n; i++) sum[i] = T.IsFinite(sum[i]) ? sum[i] + lost[i] : sum[i];
    }

    /// <summary>sum becomes what a row is scaled with, or the logarithm that is taken from it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Norm<T>(T* sum, T* lost, nint n, bool log) where T : unmanaged, INumber<T>
    {
        for (nint i = 0; i < n; i++)
        {
            Num<T> total = new(sum[i] + lost[i]);
            sum[i] = log ? Elementary.Log<Num<T>, T>(total).Value : T.One / total.Value;
        }
    }

    /// <summary>y *= share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Scale<V, T>(T* y, T* share, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) (V.Load(y + i) * V.Load(share + i)).Store(y + i);
        for (; i < n; i++) y[i] *= share[i];
    }

    /// <summary>y = x - max - norm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Subtract<V, T>(T* x, T* y, T* max, T* norm, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) (V.Load(x + i) - V.Load(max + i) - V.Load(norm + i)).Store(y + i);
        for (; i < n; i++) y[i] = x[i] - max[i] - norm[i];
    }
}
