using System.Numerics;
using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>What lanes of a warp tell each other.</summary>
internal static unsafe class Exchanges
{
    /// <summary>shfl.sync: i.Code is u, d, b or i; i.B the distance or lane, i.Vector[0] the bounds, i.C the members.</summary>
    public static void Shuffle(Warp warp, Instruction i, uint mask)
    {
        warp.CheckMembers(i, mask);
        ulong* d = i.D >= 0 ? warp[i.D] : null, a = warp[i.A], b = warp[i.B], c = warp[i.Vector[0]];
        ulong* got = stackalloc ulong[Warp.Lanes];
        uint inside = 0;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest), distance = (int)(b[lane] & 31), clamp = (int)(c[lane] & 31), segment = (int)(c[lane] >> 8 & 31);
            int last = (lane & segment) | (clamp & ~segment & 31), first = lane & segment;
            int from = i.Code switch { 'u' => lane - distance, 'd' => lane + distance, 'b' => lane ^ distance, _ => first | (distance & ~segment & 31) };
            bool valid = i.Code == 'u' ? from >= last : from <= last;
            if (!valid) from = lane;
            else inside |= 1u << lane;
            if ((mask >> from & 1) == 0) throw warp.Fault(CudaResult.LaunchFailed, lane, $"takes a value from lane {from}, which is not there");
            got[lane] = a[from];
        }
        for (uint rest = d == null ? 0 : mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            d[lane] = got[lane];
        }
        Loops.Store(warp, i.E, inside, mask);
    }

    /// <summary>vote.sync: i.Code is a for all, o for any, u for the same, b for the ballot.</summary>
    public static void Vote(Warp warp, Instruction i, uint mask)
    {
        warp.CheckMembers(i, mask);
        uint votes = ((uint)warp[i.A][0] ^ (i.Inverted ? Warp.All : 0)) & mask;
        if (i.Code == 'b')
        {
            Fill(warp[i.D], votes, mask);
            return;
        }
        bool result = i.Code switch { 'a' => votes == mask, 'o' => votes != 0, _ => votes == 0 || votes == mask };
        Loops.Store(warp, i.D, result ? Warp.All : 0, mask);
    }

    /// <summary>match.any.sync: the lanes with the same value. match.all.sync, where i.Code is set: the members where all have the same.</summary>
    public static void Match(Warp warp, Instruction i, uint mask)
    {
        warp.CheckMembers(i, mask);
        ulong* d = warp[i.D], a = warp[i.A];
        uint* same = stackalloc uint[Warp.Lanes];
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            uint found = 0;
            for (uint others = mask; others != 0; others &= others - 1)
            {
                int other = BitOperations.TrailingZeroCount(others);
                if (a[other] == a[lane]) found |= 1u << other;
            }
            same[lane] = found;
        }
        bool all = same[BitOperations.TrailingZeroCount(mask)] == mask;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            d[lane] = i.Code == 0 ? same[lane] : all ? mask : 0;
        }
        Loops.Store(warp, i.E, all ? Warp.All : 0, mask);
    }

    /// <summary>redux.sync.</summary>
    public static void Reduce<T>(Warp warp, Instruction i, uint mask) where T : struct, IBinary
    {
        warp.CheckMembers(i, mask);
        ulong* a = warp[i.A];
        ulong result = a[BitOperations.TrailingZeroCount(mask)];
        for (uint rest = mask & (mask - 1); rest != 0; rest &= rest - 1) result = T.Do(result, a[BitOperations.TrailingZeroCount(rest)]);
        Fill(warp[i.D], result, mask);
    }

    public static void ActiveMask(Warp warp, Instruction i, uint mask) => Fill(warp[i.D], mask, mask);

    /// <summary>elect.sync: the lowest member.</summary>
    public static void Elect(Warp warp, Instruction i, uint mask)
    {
        warp.CheckMembers(i, mask);
        int leader = BitOperations.TrailingZeroCount(mask);
        if (i.D >= 0) Fill(warp[i.D], (ulong)leader, mask);
        Loops.Store(warp, i.E, 1u << leader, mask);
    }

    private static void Fill(ulong* to, ulong value, uint mask)
    {
        for (; mask != 0; mask &= mask - 1) to[BitOperations.TrailingZeroCount(mask)] = value;
    }
}
