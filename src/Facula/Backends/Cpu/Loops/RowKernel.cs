using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// What is done to rows of contiguous elements: y[i] = f(x0[i], x1[i], ...). Like all kernels they must not be inlined: into a caller that the JIT
/// compiles again later, they would go without what they inline themselves, and take ten times as long from then on.
/// </summary>
internal unsafe interface IRowKernel
{
    int Inputs { get; }

    void Row<V, T, TStore>(T** x, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TStore : IStore;
}

/// <summary>How a row is written.</summary>
internal unsafe interface IStore
{
    static abstract void Store<V, T>(V value, T* target) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>;
}

/// <summary>As usual, through the caches.</summary>
internal readonly unsafe struct Cached : IStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V, T>(V value, T* target) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => value.Store(target);
}

/// <summary>
/// Past the caches, to an aligned target: what does not fit into them need not be read from memory before it is written over, which
/// saves a third of an addition's traffic.
/// </summary>
internal readonly unsafe struct Streaming : IStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V, T>(V value, T* target) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (sizeof(V) == 64) Unsafe.BitCast<V, Vector512<T>>(value).StoreAlignedNonTemporal(target);
        else if (sizeof(V) == 32) Unsafe.BitCast<V, Vector256<T>>(value).StoreAlignedNonTemporal(target);
        else if (sizeof(V) == 16) Unsafe.BitCast<V, Vector128<T>>(value).StoreAlignedNonTemporal(target);
        else value.Store(target);
    }
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

internal readonly unsafe struct Row1<TMap>(TMap map) : IRowKernel where TMap : struct, IMap1
{
    public int Inputs => 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Row<V, T, TStore>(T** x, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TStore : IStore
    {
        if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        TMap f = map;
        T* a = x[0];
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) TStore.Store<V, T>(f.Invoke(V.Load(a + i)), y + i);
        if (i < n) Tail<V, T>(f, a + i, y + i, n - i);
    }

    // Apart from the loop, because a method that takes in the formula twice is over the JIT's limit sooner.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tail<V, T>(TMap f, T* a, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        V.StorePartial(f.Invoke(V.LoadPartial(a, n)), y, n);
    }
}

internal readonly unsafe struct Row2<TMap>(TMap map) : IRowKernel where TMap : struct, IMap2
{
    public int Inputs => 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Row<V, T, TStore>(T** x, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TStore : IStore
    {
        if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        TMap f = map;
        T* a = x[0], b = x[1];
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) TStore.Store<V, T>(f.Invoke(V.Load(a + i), V.Load(b + i)), y + i);
        if (i < n) Tail<V, T>(f, a + i, b + i, y + i, n - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tail<V, T>(TMap f, T* a, T* b, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        V.StorePartial(f.Invoke(V.LoadPartial(a, n), V.LoadPartial(b, n)), y, n);
    }
}

internal readonly unsafe struct Row3<TMap>(TMap map) : IRowKernel where TMap : struct, IMap3
{
    public int Inputs => 3;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Row<V, T, TStore>(T** x, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where TStore : IStore
    {
        if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        TMap f = map;
        T* a = x[0], b = x[1], c = x[2];
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) TStore.Store<V, T>(f.Invoke(V.Load(a + i), V.Load(b + i), V.Load(c + i)), y + i);
        if (i < n) Tail<V, T>(f, a + i, b + i, c + i, y + i, n - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tail<V, T>(TMap f, T* a, T* b, T* c, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        V.StorePartial(f.Invoke(V.LoadPartial(a, n), V.LoadPartial(b, n), V.LoadPartial(c, n)), y, n);
    }
}
