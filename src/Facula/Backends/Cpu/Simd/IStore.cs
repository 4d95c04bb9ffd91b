using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

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
/// Past the caches (a non-temporal store), to an aligned target: what does not fit into them need not be read from memory before it is written over, which
/// saves a third of an addition's traffic.
/// </summary>
internal readonly unsafe struct Streaming : IStore
{
    private const long SmallestBytes = 8L << 20;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V, T>(V value, T* target) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (sizeof(V) == 64) Unsafe.BitCast<V, Vector512<T>>(value).StoreAlignedNonTemporal(target);
        else if (sizeof(V) == 32) Unsafe.BitCast<V, Vector256<T>>(value).StoreAlignedNonTemporal(target);
        else if (sizeof(V) == 16) Unsafe.BitCast<V, Vector128<T>>(value).StoreAlignedNonTemporal(target);
        else value.Store(target);
    }

    /// <summary>Whether this pays for a result of so many elements: one too large for the caches, and aligned.</summary>
    public static bool Pays<T>(T* y, long count) where T : unmanaged => count * sizeof(T) >= SmallestBytes && ((nint)y & (Vector512<byte>.Count - 1)) == 0;

    /// <summary>Whether it pays for rows of so many elements: each must begin at a whole vector.</summary>
    public static bool Pays<T>(T* y, long count, int width) where T : unmanaged => Pays(y, count) && width * sizeof(T) % Vector512<byte>.Count == 0;
}
