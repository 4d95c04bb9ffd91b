using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.CudaEmulator;

internal interface IIntegerUnary
{
    static abstract T Do<T>(T a) where T : IBinaryInteger<T>, IMinMaxValue<T>;
}

internal interface IIntegerBinary
{
    static abstract T Do<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T>;
}

internal interface IIntegerTernary
{
    static abstract T Do<T>(T a, T b, T c) where T : IBinaryInteger<T>, IMinMaxValue<T>;
}

/// <summary>A register's 64 bits as an integer, and back with zeros above.</summary>
internal static class Bits
{
    public static T Read<T>(ulong bits) where T : IBinaryInteger<T> => T.CreateTruncating(bits);

    public static ulong Write<T>(T value) where T : IBinaryInteger<T> =>
        Unsafe.SizeOf<T>() == 8 ? ulong.CreateTruncating(value) : ulong.CreateTruncating(value) & ((1UL << (8 * (Unsafe.SizeOf<T>() & 7))) - 1);
}

internal readonly struct IntegerUnary<TOp, T> : IUnary where TOp : struct, IIntegerUnary where T : IBinaryInteger<T>, IMinMaxValue<T>
{
    public static ulong Do(ulong a) => Bits.Write(TOp.Do(Bits.Read<T>(a)));
}

internal readonly struct IntegerBinary<TOp, T> : IBinary where TOp : struct, IIntegerBinary where T : IBinaryInteger<T>, IMinMaxValue<T>
{
    public static ulong Do(ulong a, ulong b) => Bits.Write(TOp.Do(Bits.Read<T>(a), Bits.Read<T>(b)));
}

internal readonly struct IntegerTernary<TOp, T> : ITernary where TOp : struct, IIntegerTernary where T : IBinaryInteger<T>, IMinMaxValue<T>
{
    public static ulong Do(ulong a, ulong b, ulong c) => Bits.Write(TOp.Do(Bits.Read<T>(a), Bits.Read<T>(b), Bits.Read<T>(c)));
}

internal readonly struct Add : IIntegerBinary, IFloatBinary
{
    static T IIntegerBinary.Do<T>(T a, T b) => unchecked(a + b);
    static T IFloatBinary.Do<T>(T a, T b) => a + b;
}

internal readonly struct Subtract : IIntegerBinary, IFloatBinary
{
    static T IIntegerBinary.Do<T>(T a, T b) => unchecked(a - b);
    static T IFloatBinary.Do<T>(T a, T b) => a - b;
}

internal readonly struct Multiply : IIntegerBinary, IFloatBinary
{
    static T IIntegerBinary.Do<T>(T a, T b) => unchecked(a * b);
    static T IFloatBinary.Do<T>(T a, T b) => a * b;
}

/// <summary>By zero the hardware gives all ones.</summary>
internal readonly struct Divide : IIntegerBinary, IFloatBinary
{
    static T IIntegerBinary.Do<T>(T a, T b) => T.IsZero(b) ? T.AllBitsSet : b == T.AllBitsSet && T.MinValue < T.Zero ? unchecked(T.Zero - a) : a / b;
    static T IFloatBinary.Do<T>(T a, T b) => a / b;
}

internal readonly struct Remainder : IIntegerBinary
{
    public static T Do<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T> =>
        T.IsZero(b) ? a : b == T.AllBitsSet && T.MinValue < T.Zero ? T.Zero : a % b;
}

internal readonly struct Minimum : IIntegerBinary, IFloatBinary
{
    static T IIntegerBinary.Do<T>(T a, T b) => T.Min(a, b);
    static T IFloatBinary.Do<T>(T a, T b) => T.MinNumber(a, b);
}

internal readonly struct Maximum : IIntegerBinary, IFloatBinary
{
    static T IIntegerBinary.Do<T>(T a, T b) => T.Max(a, b);
    static T IFloatBinary.Do<T>(T a, T b) => T.MaxNumber(a, b);
}

internal readonly struct MinimumNaN : IFloatBinary
{
    public static T Do<T>(T a, T b) where T : IBinaryFloatingPointIeee754<T> => T.Min(a, b);
}

internal readonly struct MaximumNaN : IFloatBinary
{
    public static T Do<T>(T a, T b) where T : IBinaryFloatingPointIeee754<T> => T.Max(a, b);
}

internal readonly struct And : IIntegerBinary
{
    public static T Do<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T> => a & b;
}

internal readonly struct Or : IIntegerBinary
{
    public static T Do<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T> => a | b;
}

internal readonly struct Xor : IIntegerBinary
{
    public static T Do<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T> => a ^ b;
}

internal readonly struct Not : IIntegerUnary
{
    public static T Do<T>(T a) where T : IBinaryInteger<T>, IMinMaxValue<T> => ~a;
}

internal readonly struct LogicalNot : IIntegerUnary
{
    public static T Do<T>(T a) where T : IBinaryInteger<T>, IMinMaxValue<T> => T.IsZero(a) ? T.One : T.Zero;
}

internal readonly struct Negate : IIntegerUnary, IFloatUnary
{
    static T IIntegerUnary.Do<T>(T a) => unchecked(T.Zero - a);
    static T IFloatUnary.Do<T>(T a) => -a;
}

internal readonly struct Absolute : IIntegerUnary, IFloatUnary
{
    static T IIntegerUnary.Do<T>(T a) => a < T.Zero ? unchecked(T.Zero - a) : a;
    static T IFloatUnary.Do<T>(T a) => T.Abs(a);
}

internal readonly struct MultiplyAdd : IIntegerTernary, IFloatTernary
{
    static T IIntegerTernary.Do<T>(T a, T b, T c) => unchecked((a * b) + c);
    static T IFloatTernary.Do<T>(T a, T b, T c) => T.FusedMultiplyAdd(a, b, c);
}

internal readonly struct SumOfDifference : IIntegerTernary
{
    public static T Do<T>(T a, T b, T c) where T : IBinaryInteger<T>, IMinMaxValue<T> => unchecked((a < b ? b - a : a - b) + c);
}

/// <summary>The upper half of the product.</summary>
internal readonly struct MultiplyHigh<T> : IBinary where T : IBinaryInteger<T>, IMinMaxValue<T>
{
    public static ulong Do(ulong a, ulong b)
    {
        int bits = 8 * Unsafe.SizeOf<T>();
        Int128 product = T.MinValue < T.Zero ? (Int128)long.CreateTruncating(Bits.Read<T>(a)) * long.CreateTruncating(Bits.Read<T>(b))
            : (Int128)((UInt128)ulong.CreateTruncating(Bits.Read<T>(a)) * ulong.CreateTruncating(Bits.Read<T>(b)));
        return Bits.Write(T.CreateTruncating(product >> bits));
    }
}

internal readonly struct MultiplyHighAdd<T> : ITernary where T : IBinaryInteger<T>, IMinMaxValue<T>
{
    public static ulong Do(ulong a, ulong b, ulong c) => Bits.Write(unchecked(Bits.Read<T>(MultiplyHigh<T>.Do(a, b)) + Bits.Read<T>(c)));
}

/// <summary>The whole product, of twice the size.</summary>
internal readonly struct MultiplyWide<T, TWide> : IBinary where T : IBinaryInteger<T> where TWide : IBinaryInteger<TWide>
{
    public static ulong Do(ulong a, ulong b) => Bits.Write(unchecked(TWide.CreateTruncating(Bits.Read<T>(a)) * TWide.CreateTruncating(Bits.Read<T>(b))));
}

internal readonly struct MultiplyWideAdd<T, TWide> : ITernary where T : IBinaryInteger<T> where TWide : IBinaryInteger<TWide>
{
    public static ulong Do(ulong a, ulong b, ulong c) => Bits.Write(unchecked(Bits.Read<TWide>(MultiplyWide<T, TWide>.Do(a, b)) + Bits.Read<TWide>(c)));
}

internal readonly struct AddSaturated : IBinary
{
    public static ulong Do(ulong a, ulong b) => (uint)Math.Clamp((long)(int)a + (int)b, int.MinValue, int.MaxValue);
}

internal readonly struct SubtractSaturated : IBinary
{
    public static ulong Do(ulong a, ulong b) => (uint)Math.Clamp((long)(int)a - (int)b, int.MinValue, int.MaxValue);
}

/// <summary>A shift by as much as the type has bits, or more, leaves nothing.</summary>
internal readonly struct ShiftLeft<T> : IBinary where T : IBinaryInteger<T>
{
    public static ulong Do(ulong a, ulong b) => (uint)b >= 8 * Unsafe.SizeOf<T>() ? 0 : Bits.Write(Bits.Read<T>(a) << (int)(uint)b);
}

/// <summary>A shift by as much as the type has bits, or more, leaves the sign.</summary>
internal readonly struct ShiftRight<T> : IBinary where T : IBinaryInteger<T>
{
    public static ulong Do(ulong a, ulong b)
    {
        int last = (8 * Unsafe.SizeOf<T>()) - 1;
        T value = Bits.Read<T>(a);
        return (uint)b <= last ? Bits.Write(value >> (int)(uint)b) : T.IsNegative(value) ? Bits.Write(value >> last) : 0;
    }
}
