using System.Numerics;

namespace Facula.CudaEmulator;

internal enum Rounding { Nearest, Zero, Down, Up, Away }

/// <summary>cvt: what it is from and to is in the instruction.</summary>
internal sealed record Conversion(PtxType To, PtxType From, Rounding Rounding, bool ToIntegral, bool Saturates, bool Flushes, bool IsRelu, int RegisterBytes)
{
    public ulong Convert(ulong bits)
    {
        if (!From.IsFloat())
        {
            Int128 integer = Integer(bits, From);
            return To.IsFloat() ? Encode(integer) : Extend(Saturates ? Clamp(integer) : integer);
        }
        double value = Decode(bits);
        if (Flushes && From == PtxType.F32) value = Single32.Flush((float)value);
        if (To.IsFloat()) return Encode(ToIntegral ? Round(value, Rounding) : value);
        // Out of range is clamped always.
        if (double.IsNaN(value)) return From == PtxType.F64 || To.Bytes() == 8 ? Extend(To.IsSigned() ? Lowest : (Int128)1 << ((8 * To.Bytes()) - 1)) : 0;
        double rounded = Round(value, Rounding);
        return Extend(double.IsInfinity(rounded) ? rounded > 0 ? Highest : Lowest : Clamp((Int128)Math.Clamp(rounded, -1e38, 1e38)));
    }

    private Int128 Highest => ((Int128)1 << ((8 * To.Bytes()) - (To.IsSigned() ? 1 : 0))) - 1;

    private Int128 Lowest => To.IsSigned() ? -((Int128)1 << ((8 * To.Bytes()) - 1)) : 0;

    private Int128 Clamp(Int128 value) => value < Lowest ? Lowest : value > Highest ? Highest : value;

    private static Int128 Integer(ulong bits, PtxType type) => type switch
    {
        PtxType.U8 => (byte)bits,
        PtxType.S8 => (sbyte)bits,
        PtxType.U16 => (ushort)bits,
        PtxType.S16 => (short)bits,
        PtxType.U32 => (uint)bits,
        PtxType.S32 => (int)bits,
        PtxType.S64 => (long)bits,
        _ => bits,
    };

    /// <summary>Cut to the type, then as wide as the register, with the sign where there is one.</summary>
    private ulong Extend(Int128 value)
    {
        ulong bits = (ulong)(UInt128)Integer((ulong)(UInt128)value, To);
        return RegisterBytes == 8 ? bits : bits & ((1UL << (8 * RegisterBytes)) - 1);
    }

    private double Decode(ulong bits) => From switch
    {
        PtxType.F16 => Half16.Read(bits),
        PtxType.BF16 => Brain16.Read(bits),
        PtxType.F64 => Double64.Read(bits),
        _ => Single32.Read(bits),
    };

    private static double Round(double value, Rounding rounding) => rounding switch
    {
        Rounding.Nearest => Math.Round(value, MidpointRounding.ToEven),
        Rounding.Zero => Math.Truncate(value),
        Rounding.Down => Math.Floor(value),
        Rounding.Up => Math.Ceiling(value),
        _ => Math.Round(value, MidpointRounding.AwayFromZero),
    };

    private ulong Encode(Int128 integer)
    {
        // The nearest double may lie on the other side of what is then rounded: the integer's distance says where it came from.
        double value = (double)integer;
        if (To == PtxType.F64) return Rounding == Rounding.Nearest ? Double64.Write(value) : Double64.Write(Toward(value, ((Int128)value).CompareTo(integer)));
        if (To == PtxType.F32 && Rounding == Rounding.Nearest) return Single32.Write(integer < 0 ? (float)(long)integer : (float)(ulong)integer);
        return Encode(value);
    }

    private double Toward(double value, int above) => Rounding switch
    {
        Rounding.Down when above > 0 => double.BitDecrement(value),
        Rounding.Up when above < 0 => double.BitIncrement(value),
        Rounding.Zero when above * value > 0 => value > 0 ? double.BitDecrement(value) : double.BitIncrement(value),
        _ => value,
    };

    private ulong Encode(double value)
    {
        if (IsRelu) value = value > 0 || double.IsNaN(value) ? value : 0;
        if (Saturates) value = value > 0 ? Math.Min(value, 1) : 0;
        switch (To)
        {
            case PtxType.F64:
                return Double64.Write(value);
            case PtxType.F16:
                return Rounding == Rounding.Nearest ? Half16.Write(value)
                    : Directed(value, Half16.Write(value), Half16.Read, bits =>
                        BitConverter.HalfToUInt16Bits(Half.BitDecrement(BitConverter.UInt16BitsToHalf((ushort)bits))),
                        bits => BitConverter.HalfToUInt16Bits(Half.BitIncrement(BitConverter.UInt16BitsToHalf((ushort)bits))));
            case PtxType.BF16:
                // Toward zero is cutting.
                return Rounding == Rounding.Nearest || double.IsNaN(value) ? Brain16.Write(value)
                    : BitConverter.SingleToUInt32Bits(TruncateToSingle(value)) >> 16;
            case PtxType.TF32:
                // Half away from zero, to 10 bits of fraction.
                uint word = BitConverter.SingleToUInt32Bits((float)value);
                return double.IsNaN(value) ? 0x7FFFFFFF : (word & 0x7F800000) == 0x7F800000 ? word : (word + 0x1000) & 0xFFFFE000;
            default:
                ulong single = Rounding == Rounding.Nearest ? Single32.Write((float)value)
                    : Directed(value, Single32.Write((float)value), bits => Single32.Read(bits), bits =>
                        Single32.Write(MathF.BitDecrement(Single32.Read(bits))),
                        bits => Single32.Write(MathF.BitIncrement(Single32.Read(bits))));
                return Flushes ? Single32Flushed.Write(Single32.Read(single)) : single;
        }
    }

    private static float TruncateToSingle(double value)
    {
        float nearest = (float)value;
        return Math.Abs((double)nearest) > Math.Abs(value) ? BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(nearest) - 1) : nearest;
    }

    /// <summary>The nearest, or its neighbour where that is on the wrong side.</summary>
    private ulong Directed(double value, ulong nearest, Func<ulong, double> read, Func<ulong, ulong> below, Func<ulong, ulong> above)
    {
        double got = read(nearest);
        return Rounding switch
        {
            Rounding.Down when got > value => below(nearest),
            Rounding.Up when got < value => above(nearest),
            Rounding.Zero when value > 0 && got > value => below(nearest),
            Rounding.Zero when value < 0 && got < value => above(nearest),
            _ => nearest,
        };
    }
}

internal readonly struct HalfToSingle : IUnary
{
    public static ulong Do(ulong a) => Single32.Write((float)BitConverter.UInt16BitsToHalf((ushort)a));
}

internal readonly struct SingleToHalf : IUnary
{
    public static ulong Do(ulong a) => Half16.Write(Single32.Read(a));
}

internal readonly struct SingleToBrain : IUnary
{
    public static ulong Do(ulong a) => Brain16.Write(Single32.Read(a));
}

/// <summary>Widening and narrowing of integers.</summary>
internal readonly struct IntegerToInteger<TFrom, TTo> : IUnary where TFrom : IBinaryInteger<TFrom> where TTo : IBinaryInteger<TTo>
{
    public static ulong Do(ulong a) => Bits.Write(TTo.CreateTruncating(Bits.Read<TFrom>(a)));
}

internal readonly struct IntegerToSingle<T> : IUnary where T : IBinaryInteger<T>
{
    public static ulong Do(ulong a) => BitConverter.SingleToUInt32Bits(float.CreateTruncating(Bits.Read<T>(a)));
}

internal static unsafe class Convert
{
    public static void Run(Warp warp, Instruction i, uint mask)
    {
        ulong* d = warp[i.D], a = warp[i.A];
        Conversion conversion = i.Conversion!;
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = conversion.Convert(a[lane]);
        }
    }

    /// <summary>Two float32 into one register; the first goes above.</summary>
    public static void Packed(Warp warp, Instruction i, uint mask)
    {
        ulong* d = warp[i.D], a = warp[i.A], b = warp[i.B];
        Conversion conversion = i.Conversion!;
        for (; mask != 0; mask &= mask - 1)
        {
            int lane = BitOperations.TrailingZeroCount(mask);
            d[lane] = (conversion.Convert(a[lane]) << 16) | conversion.Convert(b[lane]);
        }
    }
}
