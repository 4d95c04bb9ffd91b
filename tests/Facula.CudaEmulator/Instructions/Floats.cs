using System.Numerics;

namespace Facula.CudaEmulator;

internal interface IFloatUnary
{
    static abstract T Do<T>(T a) where T : IBinaryFloatingPointIeee754<T>;
}

internal interface IFloatBinary
{
    static abstract T Do<T>(T a, T b) where T : IBinaryFloatingPointIeee754<T>;
}

internal interface IFloatTernary
{
    static abstract T Do<T>(T a, T b, T c) where T : IBinaryFloatingPointIeee754<T>;
}

/// <summary>How a floating-point type lies in a register, and in what type it is computed.</summary>
internal interface IFormat<T>
{
    static abstract T Read(ulong bits);
    static abstract ulong Write(T value);
}

/// <summary>float32; a NaN that comes out is the one that the hardware makes.</summary>
internal readonly struct Single32 : IFormat<float>
{
    public static float Read(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);
    public static ulong Write(float value) => float.IsNaN(value) ? 0x7FFFFFFF : BitConverter.SingleToUInt32Bits(value);

    /// <summary>Zero of the same sign for what is subnormal.</summary>
    public static float Flush(float value) => float.IsSubnormal(value) ? MathF.CopySign(0, value) : value;

    /// <summary>From 0 to 1, and NaN as 0.</summary>
    public static float Saturate(float value) => value > 0 ? MathF.Min(value, 1) : 0;
}

internal readonly struct Single32Flushed : IFormat<float>
{
    public static float Read(ulong bits) => Single32.Flush(Single32.Read(bits));
    public static ulong Write(float value) => Single32.Write(Single32.Flush(value));
}

internal readonly struct Single32Saturated : IFormat<float>
{
    public static float Read(ulong bits) => Single32.Read(bits);
    public static ulong Write(float value) => Single32.Write(Single32.Saturate(value));
}

internal readonly struct Single32FlushedSaturated : IFormat<float>
{
    public static float Read(ulong bits) => Single32Flushed.Read(bits);
    public static ulong Write(float value) => Single32Flushed.Write(Single32.Saturate(value));
}

internal readonly struct Double64 : IFormat<double>
{
    public static double Read(ulong bits) => BitConverter.UInt64BitsToDouble(bits);
    public static ulong Write(double value) => BitConverter.DoubleToUInt64Bits(value);
}

/// <summary>IEEE half, computed in double and rounded once.</summary>
internal readonly struct Half16 : IFormat<double>
{
    public static double Read(ulong bits) => (double)BitConverter.UInt16BitsToHalf((ushort)bits);
    public static ulong Write(double value) => double.IsNaN(value) ? 0x7FFFu : BitConverter.HalfToUInt16Bits((Half)value);
}

/// <summary>bfloat16, computed in double and rounded once.</summary>
internal readonly struct Brain16 : IFormat<double>
{
    public static double Read(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    public static ulong Write(double value)
    {
        if (double.IsNaN(value)) return 0x7FFF;
        // Rounded to float towards zero first, with what was lost in the last bit, so that the second rounding sees it.
        float single = (float)value;
        uint bits = BitConverter.SingleToUInt32Bits(single);
        if (single != value && !float.IsInfinity(single))
        {
            if (Math.Abs((double)single) > Math.Abs(value)) bits--;
            bits |= 1;
        }
        return float.IsInfinity(single) ? bits >> 16 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    }
}

internal readonly struct FloatUnary<TOp, TFormat, T> : IUnary
    where TOp : struct, IFloatUnary where TFormat : struct, IFormat<T> where T : IBinaryFloatingPointIeee754<T>
{
    public static ulong Do(ulong a) => TFormat.Write(TOp.Do(TFormat.Read(a)));
}

internal readonly struct FloatBinary<TOp, TFormat, T> : IBinary
    where TOp : struct, IFloatBinary where TFormat : struct, IFormat<T> where T : IBinaryFloatingPointIeee754<T>
{
    public static ulong Do(ulong a, ulong b) => TFormat.Write(TOp.Do(TFormat.Read(a), TFormat.Read(b)));
}

internal readonly struct FloatTernary<TOp, TFormat, T> : ITernary
    where TOp : struct, IFloatTernary where TFormat : struct, IFormat<T> where T : IBinaryFloatingPointIeee754<T>
{
    public static ulong Do(ulong a, ulong b, ulong c) => TFormat.Write(TOp.Do(TFormat.Read(a), TFormat.Read(b), TFormat.Read(c)));
}

/// <summary>Two values of 16 bits in one register.</summary>
internal readonly struct PackedUnary<T> : IUnary where T : struct, IUnary
{
    public static ulong Do(ulong a) => T.Do(a & 0xFFFF) | (T.Do(a >> 16) << 16);
}

internal readonly struct PackedBinary<T> : IBinary where T : struct, IBinary
{
    public static ulong Do(ulong a, ulong b) => T.Do(a & 0xFFFF, b & 0xFFFF) | (T.Do(a >> 16, b >> 16) << 16);
}

internal readonly struct PackedTernary<T> : ITernary where T : struct, ITernary
{
    public static ulong Do(ulong a, ulong b, ulong c) => T.Do(a & 0xFFFF, b & 0xFFFF, c & 0xFFFF) | (T.Do(a >> 16, b >> 16, c >> 16) << 16);
}

internal readonly struct SquareRoot : IFloatUnary
{
    public static T Do<T>(T a) where T : IBinaryFloatingPointIeee754<T> => T.Sqrt(a);
}

internal readonly struct Reciprocal : IFloatUnary
{
    public static T Do<T>(T a) where T : IBinaryFloatingPointIeee754<T> => T.One / a;
}

internal readonly struct ReciprocalSquareRoot : IFloatUnary
{
    public static T Do<T>(T a) where T : IBinaryFloatingPointIeee754<T> => T.CreateTruncating(1 / Math.Sqrt(double.CreateTruncating(a)));
}

internal readonly struct PowerOfTwo : IFloatUnary
{
    public static T Do<T>(T a) where T : IBinaryFloatingPointIeee754<T> => T.CreateTruncating(Math.Pow(2, double.CreateTruncating(a)));
}

internal readonly struct LogarithmOfTwo : IFloatUnary
{
    public static T Do<T>(T a) where T : IBinaryFloatingPointIeee754<T> => T.CreateTruncating(Math.Log2(double.CreateTruncating(a)));
}

internal readonly struct Sine : IFloatUnary
{
    public static T Do<T>(T a) where T : IBinaryFloatingPointIeee754<T> => T.CreateTruncating(Math.Sin(double.CreateTruncating(a)));
}

internal readonly struct Cosine : IFloatUnary
{
    public static T Do<T>(T a) where T : IBinaryFloatingPointIeee754<T> => T.CreateTruncating(Math.Cos(double.CreateTruncating(a)));
}

/// <summary>tanh.approx has 11 bits, and so has this.</summary>
internal readonly struct HyperbolicTangent : IFloatUnary
{
    public static T Do<T>(T a) where T : IBinaryFloatingPointIeee754<T>
    {
        double exact = Math.Tanh(double.CreateTruncating(a));
        return T.CreateTruncating(BitConverter.UInt64BitsToDouble((BitConverter.DoubleToUInt64Bits(exact) + (1UL << 40)) & ~((1UL << 41) - 1)));
    }
}

/// <summary>copysign: the sign of a on the value of b.</summary>
internal readonly struct CopySign32 : IBinary
{
    public static ulong Do(ulong a, ulong b) => (b & 0x7FFFFFFF) | (a & 0x80000000);
}

internal readonly struct CopySign64 : IBinary
{
    public static ulong Do(ulong a, ulong b) => (b & long.MaxValue) | (a & (1UL << 63));
}
