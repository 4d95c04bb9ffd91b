using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>What is done to rows of contiguous elements: y[i] = f(x0[i], x1[i], ...), for formulas of one to three elements.</summary>
internal unsafe interface IMapKernel
{
    int Inputs { get; }

    /// <summary>The formula, which leaves out what it has no use for.</summary>
    V Invoke<V, T>(V a, V b, V c) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>;

    void Row<V, T, TStore>(T** x, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TStore : IStore;
}

/// <summary>
/// The JIT inlines into a method no more than some multiple of the method's own IL, whether that can be reached or not; what is over stays a call for
/// every vector, ten times as slow. A long formula in a short loop is over. So the kernels begin with IL that is never run and leaves no instruction.
/// </summary>
internal static class Inlining
{
    /// <summary>Nothing. Each argument is nine bytes of the caller's IL.</summary>
    public static void Allow(double a, double b, double c, double d, double e, double f, double g, double h, double i, double j, double k, double l, double m,
        double n, double o, double p, double q, double r, double s, double t, double u, double v, double w, double x, double y, double z, double a1,
        double b1, double c1, double d1, double e1, double f1)
    {
    }
}

internal readonly unsafe struct Map1Kernel<TMap>(TMap map) : IMapKernel where TMap : struct, IMap1
{
    public int Inputs => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V, T>(V a, V b, V c) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => map.Invoke(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row<V, T, TStore>(T** x, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TStore : IStore =>
        MapRows.Row<V, T, TStore, Map1Kernel<TMap>, N1>(this, x, y, n);
}

internal readonly unsafe struct Map2Kernel<TMap>(TMap map) : IMapKernel where TMap : struct, IMap2
{
    public int Inputs => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V, T>(V a, V b, V c) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => map.Invoke(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row<V, T, TStore>(T** x, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TStore : IStore =>
        MapRows.Row<V, T, TStore, Map2Kernel<TMap>, N2>(this, x, y, n);
}

internal readonly unsafe struct Map3Kernel<TMap>(TMap map) : IMapKernel where TMap : struct, IMap3
{
    public int Inputs => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Invoke<V, T>(V a, V b, V c) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => map.Invoke(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row<V, T, TStore>(T** x, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TStore : IStore =>
        MapRows.Row<V, T, TStore, Map3Kernel<TMap>, N3>(this, x, y, n);
}

/// <summary>
/// The loop over a row, for a formula of sizeof(N) elements. Like all kernels it must not be inlined: into a caller that the JIT compiles again later, it would
/// go without what it inlines itself, and take ten times as long from then on.
/// </summary>
internal static unsafe class MapRows
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Row<V, T, TStore, TKernel, N>(TKernel kernel, T** x, T* y, nint n)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TStore : IStore where TKernel : struct, IMapKernel where N : unmanaged
    {
        if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        TKernel f = kernel;
        T* a = x[0], b = sizeof(N) > 1 ? x[1] : null, c = sizeof(N) > 2 ? x[2] : null;
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count)
            TStore.Store<V, T>(f.Invoke<V, T>(V.Load(a + i), sizeof(N) > 1 ? V.Load(b + i) : default, sizeof(N) > 2 ? V.Load(c + i) : default), y + i);
        if (i < n) Tail<V, T, TKernel, N>(f, a + i, b + i, c + i, y + i, n - i);
    }

    // Apart from the loop, because a method that takes in the formula twice is over the JIT's limit sooner.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tail<V, T, TKernel, N>(TKernel f, T* a, T* b, T* c, T* y, nint n)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TKernel : struct, IMapKernel where N : unmanaged
    {
        if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        V.StorePartial(f.Invoke<V, T>(V.LoadPartial(a, n), sizeof(N) > 1 ? V.LoadPartial(b, n) : default, sizeof(N) > 2 ? V.LoadPartial(c, n) : default), y, n);
    }
}
