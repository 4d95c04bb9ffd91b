using System.Numerics;

namespace Facula.CudaEmulator;

internal interface IUnary
{
    static abstract ulong Do(ulong a);
}

internal interface IBinary
{
    static abstract ulong Do(ulong a, ulong b);
}

internal interface ITernary
{
    static abstract ulong Do(ulong a, ulong b, ulong c);
}

/// <summary>Instructions that do the same in every lane: what they do is a type, so that each becomes a loop of its own.</summary>
internal static unsafe class Loops
{
    public static void Unary<T>(Warp warp, Instruction i, uint mask) where T : struct, IUnary
    {
        ulong* d = warp[i.D], a = warp[i.A];
        if (mask == Warp.All)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++) d[lane] = T.Do(a[lane]);
            return;
        }
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = T.Do(a[lane]);
        }
    }

    public static void Binary<T>(Warp warp, Instruction i, uint mask) where T : struct, IBinary
    {
        ulong* d = warp[i.D], a = warp[i.A], b = warp[i.B];
        if (mask == Warp.All)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++) d[lane] = T.Do(a[lane], b[lane]);
            return;
        }
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = T.Do(a[lane], b[lane]);
        }
    }

    public static void Ternary<T>(Warp warp, Instruction i, uint mask) where T : struct, ITernary
    {
        ulong* d = warp[i.D], a = warp[i.A], b = warp[i.B], c = warp[i.C];
        if (mask == Warp.All)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++) d[lane] = T.Do(a[lane], b[lane], c[lane]);
            return;
        }
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = T.Do(a[lane], b[lane], c[lane]);
        }
    }

    /// <summary>The lanes of a mask in which it holds.</summary>
    public static uint Where<T>(Warp warp, Instruction i, uint mask) where T : struct, IBinary
    {
        ulong* a = warp[i.A], b = warp[i.B];
        uint found = 0;
        for (int lane = 0; lane < Warp.Lanes; lane++) found |= (uint)T.Do(a[lane], b[lane]) << lane;
        return found & mask;
    }

    /// <summary>setp: the comparison, and with a third predicate its combination, into one or two predicates.</summary>
    public static void SetPredicate<T>(Warp warp, Instruction i, uint mask) where T : struct, IBinary
    {
        uint holds = Where<T>(warp, i, mask), fails = mask & ~holds;
        if (i.Code != 0)
        {
            uint third = (uint)warp[i.C][0] ^ (i.Inverted ? Warp.All : 0);
            (holds, fails) = i.Code switch
            {
                'a' => (holds & third, fails & third),
                'o' => ((holds | third) & mask, (fails | third) & mask),
                _ => ((holds ^ third) & mask, (fails ^ third) & mask),
            };
        }
        Store(warp, i.D, holds, mask);
        Store(warp, i.E, fails, mask);
    }

    /// <summary>set: all ones or one where the comparison holds, else zero.</summary>
    public static void SetValue<T>(Warp warp, Instruction i, uint mask) where T : struct, IBinary
    {
        uint holds = Where<T>(warp, i, mask);
        ulong yes = i.Count == 1 ? 0x3F800000u : uint.MaxValue;
        ulong* d = warp[i.D];
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = (holds >> lane & 1) != 0 ? yes : 0;
        }
    }

    /// <summary>Sets the bits of a predicate's mask where lanes run.</summary>
    public static void Store(Warp warp, int predicate, uint value, uint mask)
    {
        if (predicate < 0) return;
        ulong* d = warp[predicate];
        d[0] = ((uint)d[0] & ~mask) | (value & mask);
    }

    /// <summary>selp; only the one that is chosen must have a value.</summary>
    public static void Select(Warp warp, Instruction i, uint mask)
    {
        uint chosen = (uint)warp[i.C][0] ^ (i.Inverted ? Warp.All : 0);
        ulong* d = warp[i.D], a = warp[i.A], b = warp[i.B];
        warp.CheckDefined(i.A, mask & chosen);
        warp.CheckDefined(i.B, mask & ~chosen);
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = (chosen >> lane & 1) != 0 ? a[lane] : b[lane];
        }
    }

    /// <summary>mov, and, or, xor, not of predicates.</summary>
    public static void Predicates(Warp warp, Instruction i, uint mask)
    {
        uint a = (uint)warp[i.A][0], b = i.Count > 1 ? (uint)warp[i.B][0] : 0;
        Store(warp, i.D, i.Code switch { 'a' => a & b, 'o' => a | b, 'x' => a ^ b, 'n' => ~a, _ => a }, mask);
    }

    /// <summary>mov of parts into a register: the first lowest.</summary>
    public static void Pack(Warp warp, Instruction i, uint mask)
    {
        ulong* d = warp[i.D];
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            ulong value = 0;
            for (int k = i.Vector.Length - 1; k >= 0; k--) value = (value << i.Count) | warp[i.Vector[k]][lane];
            d[lane] = value;
        }
    }

    /// <summary>mov of a register into parts.</summary>
    public static void Unpack(Warp warp, Instruction i, uint mask)
    {
        ulong* a = warp[i.A];
        ulong part = (1UL << i.Count) - 1;
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            ulong value = a[lane];
            for (int k = 0; k < i.Vector.Length; k++, value >>= i.Count) if (i.Vector[k] >= 0) warp[i.Vector[k]][lane] = value & part;
        }
    }

    public static void Nothing(Warp warp, Instruction i, uint mask)
    {
    }

    public static void Clock(Warp warp, Instruction i, uint mask)
    {
        ulong* d = warp[i.D];
        for (int lane = 0; lane < Warp.Lanes; lane++) if ((mask >> lane & 1) != 0) d[lane] = i.Count == 4 ? (uint)warp.Executed : (ulong)warp.Executed;
    }
}
