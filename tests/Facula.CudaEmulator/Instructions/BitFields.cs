using System.Numerics;

namespace Facula.CudaEmulator;

internal readonly struct Copy : IUnary
{
    public static ulong Do(ulong a) => a;
}

internal readonly struct PopCount : IUnary
{
    public static ulong Do(ulong a) => (ulong)BitOperations.PopCount(a);
}

internal readonly struct LeadingZeros32 : IUnary
{
    public static ulong Do(ulong a) => (ulong)BitOperations.LeadingZeroCount((uint)a);
}

internal readonly struct LeadingZeros64 : IUnary
{
    public static ulong Do(ulong a) => (ulong)BitOperations.LeadingZeroCount(a);
}

internal readonly struct Reverse64 : IUnary
{
    public static ulong Do(ulong a)
    {
        ulong reversed = 0;
        for (int i = 0; i < 64; i++, a >>= 1) reversed = (reversed << 1) | (a & 1);
        return reversed;
    }
}

internal readonly struct Reverse32 : IUnary
{
    public static ulong Do(ulong a) => Reverse64.Do(a) >> 32;
}

/// <summary>The highest bit that is set, or that differs from the sign; -1 where there is none.</summary>
internal readonly struct FindHighest<T> : IUnary where T : IBinaryInteger<T>
{
    public static ulong Do(ulong a)
    {
        T value = Bits.Read<T>(a);
        if (T.IsNegative(value)) value = ~value;
        ulong bits = Bits.Write(value);
        return bits == 0 ? uint.MaxValue : (ulong)(63 - BitOperations.LeadingZeroCount(bits));
    }
}

/// <summary>bfe: a field of c bits from bit b on, extended with its own sign where T has one.</summary>
internal readonly struct ExtractField<T> : ITernary where T : IBinaryInteger<T>, IMinMaxValue<T>
{
    public static ulong Do(ulong a, ulong b, ulong c)
    {
        int last = int.CreateTruncating(T.PopCount(T.AllBitsSet)) - 1, position = (int)(b & 0xFF), length = (int)(c & 0xFF);
        ulong value = Bits.Write(Bits.Read<T>(a));
        bool signed = T.MinValue < T.Zero;
        ulong sign = !signed || length == 0 ? 0 : value >> Math.Min(position + length - 1, last) & 1;
        ulong result = 0;
        for (int i = 0; i <= last; i++) result |= (i < length && position + i <= last ? value >> (position + i) & 1 : sign) << i;
        return result;
    }
}

/// <summary>bfi: the lowest d bits of a put into b from bit c on.</summary>
internal static unsafe class InsertField
{
    public static void Run(Warp warp, Instruction i, uint mask)
    {
        ulong* d = warp[i.D], a = warp[i.A], b = warp[i.B], c = warp[i.C], e = warp[i.Vector[0]];
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask), position = (int)(c[lane] & 0xFF), length = (int)(e[lane] & 0xFF);
            ulong result = b[lane];
            for (int k = 0; k < length && position + k < i.Count; k++)
                result = (result & ~(1UL << (position + k))) | ((a[lane] >> k & 1) << (position + k));
            d[lane] = result;
        }
    }
}

/// <summary>shf: two words side by side, shifted; the amount is clamped to 32 or wraps.</summary>
internal readonly struct FunnelLeftWrap : ITernary
{
    public static ulong Do(ulong a, ulong b, ulong c) => (uint)(((b << 32) | a) << (int)(c & 31) >> 32);
}

internal readonly struct FunnelRightWrap : ITernary
{
    public static ulong Do(ulong a, ulong b, ulong c) => (uint)(((b << 32) | a) >> (int)(c & 31));
}

internal readonly struct FunnelLeftClamp : ITernary
{
    public static ulong Do(ulong a, ulong b, ulong c) => (uint)c >= 32 ? a : FunnelLeftWrap.Do(a, b, c);
}

internal readonly struct FunnelRightClamp : ITernary
{
    public static ulong Do(ulong a, ulong b, ulong c) => (uint)c >= 32 ? b : FunnelRightWrap.Do(a, b, c);
}

/// <summary>prmt without a mode: four bytes chosen among eight, or the sign of one.</summary>
internal readonly struct Permute : ITernary
{
    public static ulong Do(ulong a, ulong b, ulong c)
    {
        ulong bytes = (b << 32) | a, result = 0;
        for (int i = 0; i < 4; i++)
        {
            int selector = (int)(c >> (4 * i)) & 0xF;
            ulong value = bytes >> (8 * (selector & 7)) & 0xFF;
            if ((selector & 8) != 0) value = (value & 0x80) != 0 ? 0xFFUL : 0;
            result |= value << (8 * i);
        }
        return result;
    }
}

/// <summary>prmt with a mode: i.Code says which.</summary>
internal static unsafe class PermuteMode
{
    public static readonly string[] Names = ["f4e", "b4e", "rc8", "ecl", "ecr", "rc16"];

    public static void Run(Warp warp, Instruction i, uint mask)
    {
        ulong* d = warp[i.D], a = warp[i.A], b = warp[i.B], c = warp[i.C];
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask), s = (int)(c[lane] & 3);
            ulong selector = 0;
            for (int k = 0; k < 4; k++)
            {
                int from = i.Code switch
                {
                    0 => s + k,
                    1 => (s - k) & 7,
                    2 => s,
                    3 => Math.Max(s, k),
                    4 => Math.Min(s, k),
                    _ => ((s & 1) * 2) + (k & 1),
                };
                selector |= (ulong)(from & 7) << (4 * k);
            }
            d[lane] = Permute.Do(a[lane], b[lane], selector);
        }
    }
}

/// <summary>lop3: any function of three bits, given by its table.</summary>
internal static unsafe class Logic3
{
    public static void Run(Warp warp, Instruction i, uint mask)
    {
        ulong* d = warp[i.D], a = warp[i.A], b = warp[i.B], c = warp[i.C];
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            uint x = (uint)a[lane], y = (uint)b[lane], z = (uint)c[lane], result = 0;
            for (int row = 0; row < 8; row++)
            {
                if ((i.Code >> row & 1) != 0) result |= ((row & 4) != 0 ? x : ~x) & ((row & 2) != 0 ? y : ~y) & ((row & 1) != 0 ? z : ~z);
            }
            d[lane] = result;
        }
    }
}

/// <summary>slct: a where c is not negative, else b.</summary>
internal readonly struct SelectBySign : ITernary
{
    public static ulong Do(ulong a, ulong b, ulong c) => (int)c >= 0 ? a : b;
}

internal readonly struct SelectByFloat : ITernary
{
    public static ulong Do(ulong a, ulong b, ulong c) => BitConverter.UInt32BitsToSingle((uint)c) >= 0 ? a : b;
}
