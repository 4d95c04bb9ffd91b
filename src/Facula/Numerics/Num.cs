using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Facula.Numerics;

/// <summary>One lane: float or double where the machine has no vectors, long for every integer type.</summary>
internal readonly unsafe struct Num<T>(T value) : ISimd<Num<T>, T> where T : unmanaged, INumber<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly T v = value;

    private static bool IsFloat { [MethodImpl(Inline)] get => typeof(T) == typeof(float); }
    public T Value { [MethodImpl(Inline)] get => v; }
    private static bool IsDouble { [MethodImpl(Inline)] get => typeof(T) == typeof(double); }
    private float F { [MethodImpl(Inline)] get => Unsafe.BitCast<T, float>(v); }
    private double D { [MethodImpl(Inline)] get => Unsafe.BitCast<T, double>(v); }
    [MethodImpl(Inline)] private static Num<T> Of(float value) => new(Unsafe.BitCast<float, T>(value));
    [MethodImpl(Inline)] private static Num<T> Of(double value) => new(Unsafe.BitCast<double, T>(value));

    // A mask is all ones or all zeros, as in the vector types.
    private long Bits { [MethodImpl(Inline)] get => sizeof(T) == 4 ? Unsafe.BitCast<T, int>(v) : Unsafe.BitCast<T, long>(v); }
    [MethodImpl(Inline)] private static Num<T> OfBits(long bits) => new(sizeof(T) == 4 ? Unsafe.BitCast<int, T>((int)bits) : Unsafe.BitCast<long, T>(bits));
    [MethodImpl(Inline)] private static Num<T> Mask(bool condition) => OfBits(condition ? -1L : 0L);

    public static int Count { [MethodImpl(Inline)] get => 1; }
    [MethodImpl(Inline)] public static Num<T> Create(T value) => new(value);
    [MethodImpl(Inline)] public static Num<T> Const(double value) => IsFloat ? Of((float)value) : IsDouble ? Of(value) : new(T.CreateTruncating(value));
    public static Num<T> One { [MethodImpl(Inline)] get => Const(1); }
    [MethodImpl(Inline)] public static Num<T> Load(T* source) => new(*source);
    [MethodImpl(Inline)] public void Store(T* destination) => *destination = v;

    [MethodImpl(Inline)] public static Num<T> operator +(Num<T> a, Num<T> b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static Num<T> operator -(Num<T> a, Num<T> b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static Num<T> operator *(Num<T> a, Num<T> b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static Num<T> operator /(Num<T> a, Num<T> b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static Num<T> operator -(Num<T> a) => new(-a.v);

    [MethodImpl(Inline)] public static Num<T> operator >(Num<T> a, Num<T> b) => Mask(a.v > b.v);
    [MethodImpl(Inline)] public static Num<T> operator <(Num<T> a, Num<T> b) => Mask(a.v < b.v);
    [MethodImpl(Inline)] public static Num<T> operator >=(Num<T> a, Num<T> b) => Mask(a.v >= b.v);
    [MethodImpl(Inline)] public static Num<T> operator <=(Num<T> a, Num<T> b) => Mask(a.v <= b.v);
    [MethodImpl(Inline)] public static Num<T> Equal(Num<T> a, Num<T> b) => Mask(a.v == b.v);

    [MethodImpl(Inline)] public static Num<T> Select(Num<T> mask, Num<T> a, Num<T> b) => mask.Bits != 0 ? a : b;
    [MethodImpl(Inline)] public static Num<T> And(Num<T> a, Num<T> b) => OfBits(a.Bits & b.Bits);
    [MethodImpl(Inline)] public static Num<T> Or(Num<T> a, Num<T> b) => OfBits(a.Bits | b.Bits);
    [MethodImpl(Inline)] public static Num<T> Not(Num<T> a) => OfBits(~a.Bits);

    [MethodImpl(Inline)] public static Num<T> Xor(Num<T> a, Num<T> b) => OfBits(a.Bits ^ b.Bits);
    [MethodImpl(Inline)] public static bool All(Num<T> mask) => mask.Bits != 0;

    [MethodImpl(Inline)] public static Num<T> AtLeast(Num<T> a, Num<T> bound) => new(T.MaxNative(bound.v, a.v));
    [MethodImpl(Inline)] public static Num<T> AtMost(Num<T> a, Num<T> bound) => new(T.MinNative(bound.v, a.v));
    [MethodImpl(Inline)] public static Num<T> Min(Num<T> a, Num<T> b) => new(T.Min(a.v, b.v));
    [MethodImpl(Inline)] public static Num<T> Max(Num<T> a, Num<T> b) => new(T.Max(a.v, b.v));
    [MethodImpl(Inline)] public static Num<T> CopySign(Num<T> a, Num<T> b) => new(T.CopySign(a.v, b.v));

    // T.Abs would throw for the smallest long, where hardware and PyTorch wrap.
    [MethodImpl(Inline)] public static Num<T> Abs(Num<T> a) => IsFloat || IsDouble ? new(T.Abs(a.v)) : new(a.v < T.Zero ? -a.v : a.v);

    [MethodImpl(Inline)] public static Num<T> Sqrt(Num<T> a) => IsFloat ? Of(MathF.Sqrt(a.F)) : Of(Math.Sqrt(a.D));
    [MethodImpl(Inline)] public static Num<T> Floor(Num<T> a) => IsFloat ? Of(MathF.Floor(a.F)) : IsDouble ? Of(Math.Floor(a.D)) : a;
    [MethodImpl(Inline)] public static Num<T> Ceiling(Num<T> a) => IsFloat ? Of(MathF.Ceiling(a.F)) : IsDouble ? Of(Math.Ceiling(a.D)) : a;
    [MethodImpl(Inline)] public static Num<T> Round(Num<T> a) => IsFloat ? Of(MathF.Round(a.F)) : IsDouble ? Of(Math.Round(a.D)) : a;
    [MethodImpl(Inline)] public static Num<T> Truncate(Num<T> a) => IsFloat ? Of(MathF.Truncate(a.F)) : IsDouble ? Of(Math.Truncate(a.D)) : a;

    [MethodImpl(Inline)]
    public static Num<T> MultiplyAdd(Num<T> a, Num<T> b, Num<T> c) =>
        IsFloat ? Of(float.MultiplyAddEstimate(a.F, b.F, c.F)) : IsDouble ? Of(double.MultiplyAddEstimate(a.D, b.D, c.D)) : a * b + c;

    [MethodImpl(Inline)]
    public static Num<T> PowerOfTwo(Num<T> n) => IsFloat
        ? Of(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(n.F + (12582912f + 127f)) << 23))
        : Of(BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(n.D + (6755399441055744.0 + 1023.0)) << 52));

    [MethodImpl(Inline)]
    public static Num<T> Scale(Num<T> a, Num<T> n)
    {
        if (Avx512F.IsSupported)
        {
            return IsFloat ? Of(Avx512F.ScaleScalar(Vector128.CreateScalarUnsafe(a.F), Vector128.CreateScalarUnsafe(n.F)).ToScalar())
                : Of(Avx512F.ScaleScalar(Vector128.CreateScalarUnsafe(a.D), Vector128.CreateScalarUnsafe(n.D)).ToScalar());
        }
        Num<T> half = Round(n * Const(0.5));
        return a * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    [MethodImpl(Inline)]
    public static Num<T> IsPositiveNormal(Num<T> a) => Mask(IsFloat
        ? (int)a.Bits + BitsOf.NormalToSmallest < BitsOf.Normals
        : a.Bits + BitsOf.NormalToSmallestDouble < BitsOf.NormalsDouble);

    [MethodImpl(Inline)]
    public static Num<T> NearestExponent(Num<T> a) =>
        IsFloat ? Of((float)((int)(a.Bits - BitsOf.TwoThirds) >> 23)) : Of((double)((a.Bits - BitsOf.TwoThirdsDouble) >> 52));

    [MethodImpl(Inline)]
    public static Num<T> NearestMantissa(Num<T> a) => OfBits(IsFloat
        ? a.Bits - ((a.Bits - BitsOf.TwoThirds) & 0xFF800000)
        : a.Bits - ((a.Bits - BitsOf.TwoThirdsDouble) & unchecked((long)0xFFF0000000000000)));

    [MethodImpl(Inline)] public static Num<T> LowBitAsSign(Num<T> a) => OfBits(a.Bits << (8 * sizeof(T) - 1));
    [MethodImpl(Inline)] public static Num<T> SecondBitAsSign(Num<T> a) => OfBits((a.Bits & 2) << (8 * sizeof(T) - 2));

    [MethodImpl(Inline)]
    public static Num<T> InDouble<TFunction>(Num<T> a, Num<T> b) where TFunction : struct, IInDouble => IsFloat
        ? Of((float)TFunction.Apply<Num<double>>(new(a.F), new(b.F)).v)
        : Of(TFunction.Apply<Num<double>>(new(a.D), new(b.D)).v);

    [MethodImpl(Inline)] public static Num<T> Pow(Num<T> a, Num<T> b) => IsFloat || IsDouble ? Elementary.Pow<Num<T>, T>(a, b) : OfBits(Power(a.Bits, b.Bits));

    /// <summary>Exact, wrapping like any product of integers; a negative power of anything but 1 and -1 rounds to 0.</summary>
    private static long Power(long x, long exponent)
    {
        if (exponent < 0) return x == 1 ? 1 : x == -1 ? (exponent & 1) == 0 ? 1 : -1 : 0;
        long result = 1;
        for (; exponent != 0; exponent >>= 1, x *= x)
        {
            if ((exponent & 1) != 0) result *= x;
        }
        return result;
    }
}
