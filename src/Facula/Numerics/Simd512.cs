using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Facula.Numerics;

/// <summary>512 bits of lanes, by the base library's portable vectors.</summary>
internal readonly unsafe struct Simd512<T>(Vector512<T> value) : ISimd<Simd512<T>, T> where T : unmanaged, INumber<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly Vector512<T> v = value;

    private static bool IsFloat { [MethodImpl(Inline)] get => typeof(T) == typeof(float); }

    public static int Count { [MethodImpl(Inline)] get => Vector512<T>.Count; }
    [MethodImpl(Inline)] public static Simd512<T> Create(T value) => new(Vector512.Create(value));

    // The two float types by themselves: T.CreateTruncating is a deep chain for the JIT to inline, and formulas are full of constants.
    [MethodImpl(Inline)]
    public static Simd512<T> Const(double value) => new(IsFloat ? Vector512.Create((float)value).As<float, T>()
        : typeof(T) == typeof(double) ? Vector512.Create(value).As<double, T>() : Vector512.Create(T.CreateTruncating(value)));

    public static Simd512<T> Zero { [MethodImpl(Inline)] get => default; }
    public static Simd512<T> One { [MethodImpl(Inline)] get => Const(1); }
    [MethodImpl(Inline)] public static Simd512<T> Load(T* source) => new(Vector512.Load(source));
    [MethodImpl(Inline)] public void Store(T* destination) => v.Store(destination);

    [MethodImpl(Inline)] public static Simd512<T> operator +(Simd512<T> a, Simd512<T> b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static Simd512<T> operator -(Simd512<T> a, Simd512<T> b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static Simd512<T> operator *(Simd512<T> a, Simd512<T> b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static Simd512<T> operator /(Simd512<T> a, Simd512<T> b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static Simd512<T> operator -(Simd512<T> a) => new(-a.v);

    [MethodImpl(Inline)] public static Simd512<T> operator >(Simd512<T> a, Simd512<T> b) => new(Vector512.GreaterThan(a.v, b.v));
    [MethodImpl(Inline)] public static Simd512<T> operator <(Simd512<T> a, Simd512<T> b) => new(Vector512.LessThan(a.v, b.v));
    [MethodImpl(Inline)] public static Simd512<T> operator >=(Simd512<T> a, Simd512<T> b) => new(Vector512.GreaterThanOrEqual(a.v, b.v));
    [MethodImpl(Inline)] public static Simd512<T> operator <=(Simd512<T> a, Simd512<T> b) => new(Vector512.LessThanOrEqual(a.v, b.v));
    [MethodImpl(Inline)] public static Simd512<T> Equal(Simd512<T> a, Simd512<T> b) => new(Vector512.Equals(a.v, b.v));

    [MethodImpl(Inline)] public static Simd512<T> Select(Simd512<T> mask, Simd512<T> a, Simd512<T> b) => new(Vector512.ConditionalSelect(mask.v, a.v, b.v));
    [MethodImpl(Inline)] public static Simd512<T> And(Simd512<T> a, Simd512<T> b) => new(a.v & b.v);
    [MethodImpl(Inline)] public static Simd512<T> Or(Simd512<T> a, Simd512<T> b) => new(a.v | b.v);
    [MethodImpl(Inline)] public static Simd512<T> Not(Simd512<T> a) => new(~a.v);
    [MethodImpl(Inline)] public static Simd512<T> Xor(Simd512<T> a, Simd512<T> b) => new(a.v ^ b.v);
    [MethodImpl(Inline)] public static bool All(Simd512<T> mask) => mask.v.ExtractMostSignificantBits() == (1UL << Vector512<T>.Count) - 1;

    [MethodImpl(Inline)] public static Simd512<T> Min(Simd512<T> a, Simd512<T> b) => new(Vector512.Min(a.v, b.v));
    [MethodImpl(Inline)] public static Simd512<T> Max(Simd512<T> a, Simd512<T> b) => new(Vector512.Max(a.v, b.v));
    [MethodImpl(Inline)] public static Simd512<T> Abs(Simd512<T> a) => new(Vector512.Abs(a.v));
    [MethodImpl(Inline)] public static Simd512<T> AtLeast(Simd512<T> a, Simd512<T> bound) => new(Vector512.MaxNative(bound.v, a.v));
    [MethodImpl(Inline)] public static Simd512<T> AtMost(Simd512<T> a, Simd512<T> bound) => new(Vector512.MinNative(bound.v, a.v));
    [MethodImpl(Inline)] public static Simd512<T> Sqrt(Simd512<T> a) => new(Vector512.Sqrt(a.v));
    [MethodImpl(Inline)] public static Simd512<T> CopySign(Simd512<T> a, Simd512<T> b) => new(Vector512.CopySign(a.v, b.v));

    [MethodImpl(Inline)]
    public static Simd512<T> Floor(Simd512<T> a) =>
        new(IsFloat ? Vector512.Floor(a.v.AsSingle()).As<float, T>() : Vector512.Floor(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> Ceiling(Simd512<T> a) =>
        new(IsFloat ? Vector512.Ceiling(a.v.AsSingle()).As<float, T>() : Vector512.Ceiling(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> Round(Simd512<T> a) =>
        new(IsFloat ? Vector512.Round(a.v.AsSingle()).As<float, T>() : Vector512.Round(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> Truncate(Simd512<T> a) =>
        new(IsFloat ? Vector512.Truncate(a.v.AsSingle()).As<float, T>() : Vector512.Truncate(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> MultiplyAdd(Simd512<T> a, Simd512<T> b, double c) => new(IsFloat
        ? Vector512.MultiplyAddEstimate(a.v.AsSingle(), b.v.AsSingle(), Vector512.Create((float)c)).As<float, T>()
        : Vector512.MultiplyAddEstimate(a.v.AsDouble(), b.v.AsDouble(), Vector512.Create(c)).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> MultiplyAdd(Simd512<T> a, Simd512<T> b, Simd512<T> c) => new(IsFloat
        ? Vector512.MultiplyAddEstimate(a.v.AsSingle(), b.v.AsSingle(), c.v.AsSingle()).As<float, T>()
        : Vector512.MultiplyAddEstimate(a.v.AsDouble(), b.v.AsDouble(), c.v.AsDouble()).As<double, T>());

    // Adding 1.5 * 2^(bits of the fraction) leaves the integer in the low bits, on machines without a conversion to long too.
    [MethodImpl(Inline)]
    public static Simd512<T> PowerOfTwo(Simd512<T> n) => new(IsFloat
        ? ((n.v.AsSingle() + Vector512.Create(12582912f + 127f)).AsInt32() << 23).As<int, T>()
        : ((n.v.AsDouble() + Vector512.Create(6755399441055744.0 + 1023.0)).AsInt64() << 52).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> Scale(Simd512<T> a, Simd512<T> n)
    {
        if (Avx512F.IsSupported)
            return new(IsFloat ? Avx512F.Scale(a.v.AsSingle(), n.v.AsSingle()).As<float, T>() : Avx512F.Scale(a.v.AsDouble(), n.v.AsDouble()).As<double, T>());
        Simd512<T> half = Round(n * Const(0.5));
        return a * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    [MethodImpl(Inline)]
    public static Simd512<T> IsPositiveNormal(Simd512<T> a) => new(IsFloat
        ? Vector512.LessThan(a.v.AsInt32() + Vector512.Create(BitsOf.NormalToSmallest), Vector512.Create(BitsOf.Normals)).As<int, T>()
        : Vector512.LessThan(a.v.AsInt64() + Vector512.Create(BitsOf.NormalToSmallestDouble), Vector512.Create(BitsOf.NormalsDouble)).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> NearestExponent(Simd512<T> a) => new(IsFloat
        ? Vector512.ConvertToSingle((a.v.AsInt32() - Vector512.Create(BitsOf.TwoThirds)) >> 23).As<float, T>()
        : (((a.v.AsInt64() - Vector512.Create(BitsOf.TwoThirdsBiased)) >>> 52 | Vector512.Create(0x4330000000000000L)).AsDouble()
            - Vector512.Create(4503599627370496.0 + 2048.0)).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> NearestMantissa(Simd512<T> a) => new(IsFloat
        ? (a.v.AsInt32() - ((a.v.AsInt32() - Vector512.Create(BitsOf.TwoThirds)) & Vector512.Create(unchecked((int)0xFF800000)))).As<int, T>()
        : (a.v.AsInt64() - ((a.v.AsInt64() - Vector512.Create(BitsOf.TwoThirdsDouble)) & Vector512.Create(unchecked((long)0xFFF0000000000000)))).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> LowBitAsSign(Simd512<T> a) => new(IsFloat ? (a.v.AsInt32() << 31).As<int, T>() : (a.v.AsInt64() << 63).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> SecondBitAsSign(Simd512<T> a) => new(IsFloat
        ? ((a.v.AsInt32() << 30) & Vector512.Create(int.MinValue)).As<int, T>() : ((a.v.AsInt64() << 62) & Vector512.Create(long.MinValue)).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> InDouble<TFunction>(Simd512<T> a, Simd512<T> b) where TFunction : struct, IInDouble
    {
        if (!IsFloat) return TFunction.Apply<Simd512<double>>(new(a.v.AsDouble()), new(b.v.AsDouble())).As<T>();
        Vector512<float> x = a.v.AsSingle(), y = b.v.AsSingle();
        Simd512<double> low = TFunction.Apply<Simd512<double>>(new(Vector512.WidenLower(x)), new(Vector512.WidenLower(y)));
        Simd512<double> high = TFunction.Apply<Simd512<double>>(new(Vector512.WidenUpper(x)), new(Vector512.WidenUpper(y)));
        return new(Vector512.Narrow(low.v, high.v).As<float, T>());
    }

    [MethodImpl(Inline)] private Simd512<TTo> As<TTo>() where TTo : unmanaged, INumber<TTo> => new(v.As<T, TTo>());
}
