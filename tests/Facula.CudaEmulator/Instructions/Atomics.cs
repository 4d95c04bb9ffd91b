using System.Numerics;
using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>atom and red: T is the memory's type, TOp what is done to it.</summary>
internal static unsafe class Atomics
{
    public static void Run<TSpace, T, TOp>(Warp warp, Instruction i, uint mask)
        where TSpace : struct, ISpace where T : unmanaged, IBinaryInteger<T> where TOp : struct, IBinary
    {
        ulong* a = warp[i.A], b = warp[i.B], d = i.D >= 0 ? warp[i.D] : null;
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            T* at = Place<TSpace, T>(warp, i, lane, a[lane]);
            ulong old = Bits.Write(*at);
            *at = T.CreateTruncating(TOp.Do(old, b[lane]));
            if (d != null) d[lane] = old;
        }
    }

    public static void CompareAndSwap<TSpace, T>(Warp warp, Instruction i, uint mask)
        where TSpace : struct, ISpace where T : unmanaged, IBinaryInteger<T>
    {
        ulong* a = warp[i.A], b = warp[i.B], c = warp[i.C], d = i.D >= 0 ? warp[i.D] : null;
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            T* at = Place<TSpace, T>(warp, i, lane, a[lane]);
            ulong old = Bits.Write(*at);
            if (old == b[lane]) *at = T.CreateTruncating(c[lane]);
            if (d != null) d[lane] = old;
        }
    }

    private static T* Place<TSpace, T>(Warp warp, Instruction i, int lane, ulong address) where TSpace : struct, ISpace where T : unmanaged
    {
        address += (ulong)i.Offset;
        if ((address & (ulong)(sizeof(T) - 1)) != 0) throw MemoryAccess.Misaligned(warp, lane, address, sizeof(T));
        return (T*)TSpace.Update(warp, lane, address, sizeof(T));
    }
}

internal readonly struct Exchange : IBinary
{
    public static ulong Do(ulong a, ulong b) => b;
}

/// <summary>Up to b, then from zero again.</summary>
internal readonly struct Increment : IBinary
{
    public static ulong Do(ulong a, ulong b) => (uint)a >= (uint)b ? 0 : (uint)a + 1;
}

/// <summary>Down to zero, then from b again.</summary>
internal readonly struct Decrement : IBinary
{
    public static ulong Do(ulong a, ulong b) => (uint)a == 0 || (uint)a > (uint)b ? (uint)b : (uint)a - 1;
}
