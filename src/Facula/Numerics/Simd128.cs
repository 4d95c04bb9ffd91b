using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Facula.Numerics;

/// <summary>128 bits of lanes, by the base library's portable vectors.</summary>
internal readonly unsafe struct Simd128<T>(Vector128<T> value) : ISimd<Simd128<T>, T> where T : unmanaged, INumber<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly Vector128<T> v = value;

    private static bool IsFloat { [MethodImpl(Inline)] get => typeof(T) == typeof(float); }

    public static int Count { [MethodImpl(Inline)] get => Vector128<T>.Count; }
    [MethodImpl(Inline)] public static Simd128<T> Create(T value) => new(Vector128.Create(value));

    // The two float types by themselves: T.CreateTruncating is a deep chain for the JIT to inline, and formulas are full of constants.
    [MethodImpl(Inline)]
    public static Simd128<T> Const(double value) => new(IsFloat ? Vector128.Create((float)value).As<float, T>()
        : typeof(T) == typeof(double) ? Vector128.Create(value).As<double, T>() : Vector128.Create(T.CreateTruncating(value)));

    public static Simd128<T> Zero { [MethodImpl(Inline)] get => default; }
    public static Simd128<T> One { [MethodImpl(Inline)] get => Const(1); }
    [MethodImpl(Inline)] public static Simd128<T> Load(T* source) => new(Vector128.Load(source));
    [MethodImpl(Inline)] public void Store(T* destination) => v.Store(destination);

    [MethodImpl(Inline)] public static Simd128<T> operator +(Simd128<T> a, Simd128<T> b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static Simd128<T> operator -(Simd128<T> a, Simd128<T> b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static Simd128<T> operator *(Simd128<T> a, Simd128<T> b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static Simd128<T> operator /(Simd128<T> a, Simd128<T> b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static Simd128<T> operator -(Simd128<T> a) => new(-a.v);

    [MethodImpl(Inline)] public static Simd128<T> operator >(Simd128<T> a, Simd128<T> b) => new(Vector128.GreaterThan(a.v, b.v));
    [MethodImpl(Inline)] public static Simd128<T> operator <(Simd128<T> a, Simd128<T> b) => new(Vector128.LessThan(a.v, b.v));
    [MethodImpl(Inline)] public static Simd128<T> operator >=(Simd128<T> a, Simd128<T> b) => new(Vector128.GreaterThanOrEqual(a.v, b.v));
    [MethodImpl(Inline)] public static Simd128<T> operator <=(Simd128<T> a, Simd128<T> b) => new(Vector128.LessThanOrEqual(a.v, b.v));
    [MethodImpl(Inline)] public static Simd128<T> Equal(Simd128<T> a, Simd128<T> b) => new(Vector128.Equals(a.v, b.v));

    [MethodImpl(Inline)] public static Simd128<T> Select(Simd128<T> mask, Simd128<T> a, Simd128<T> b) => new(Vector128.ConditionalSelect(mask.v, a.v, b.v));
    [MethodImpl(Inline)] public static Simd128<T> And(Simd128<T> a, Simd128<T> b) => new(a.v & b.v);
    [MethodImpl(Inline)] public static Simd128<T> Or(Simd128<T> a, Simd128<T> b) => new(a.v | b.v);
    [MethodImpl(Inline)] public static Simd128<T> Not(Simd128<T> a) => new(~a.v);
    [MethodImpl(Inline)] public static Simd128<T> Xor(Simd128<T> a, Simd128<T> b) => new(a.v ^ b.v);
    [MethodImpl(Inline)] public static bool All(Simd128<T> mask) => mask.v.ExtractMostSignificantBits() == (1UL << Vector128<T>.Count) - 1;

    [MethodImpl(Inline)] public static Simd128<T> Min(Simd128<T> a, Simd128<T> b) => new(Vector128.Min(a.v, b.v));
    [MethodImpl(Inline)] public static Simd128<T> Max(Simd128<T> a, Simd128<T> b) => new(Vector128.Max(a.v, b.v));
    [MethodImpl(Inline)] public static Simd128<T> Abs(Simd128<T> a) => new(Vector128.Abs(a.v));
    [MethodImpl(Inline)] public static Simd128<T> AtLeast(Simd128<T> a, Simd128<T> bound) => new(Vector128.MaxNative(bound.v, a.v));
    [MethodImpl(Inline)] public static Simd128<T> AtMost(Simd128<T> a, Simd128<T> bound) => new(Vector128.MinNative(bound.v, a.v));
    [MethodImpl(Inline)] public static Simd128<T> Sqrt(Simd128<T> a) => new(Vector128.Sqrt(a.v));
    [MethodImpl(Inline)] public static Simd128<T> CopySign(Simd128<T> a, Simd128<T> b) => new(Vector128.CopySign(a.v, b.v));

    [MethodImpl(Inline)]
    public static Simd128<T> Floor(Simd128<T> a) =>
        new(IsFloat ? Vector128.Floor(a.v.AsSingle()).As<float, T>() : Vector128.Floor(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd128<T> Ceiling(Simd128<T> a) =>
        new(IsFloat ? Vector128.Ceiling(a.v.AsSingle()).As<float, T>() : Vector128.Ceiling(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd128<T> Round(Simd128<T> a) =>
        new(IsFloat ? Vector128.Round(a.v.AsSingle()).As<float, T>() : Vector128.Round(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd128<T> Truncate(Simd128<T> a) =>
        new(IsFloat ? Vector128.Truncate(a.v.AsSingle()).As<float, T>() : Vector128.Truncate(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd128<T> MultiplyAdd(Simd128<T> a, Simd128<T> b, double c) => new(IsFloat
        ? Vector128.MultiplyAddEstimate(a.v.AsSingle(), b.v.AsSingle(), Vector128.Create((float)c)).As<float, T>()
        : Vector128.MultiplyAddEstimate(a.v.AsDouble(), b.v.AsDouble(), Vector128.Create(c)).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd128<T> MultiplyAdd(Simd128<T> a, Simd128<T> b, Simd128<T> c) => new(IsFloat
        ? Vector128.MultiplyAddEstimate(a.v.AsSingle(), b.v.AsSingle(), c.v.AsSingle()).As<float, T>()
        : Vector128.MultiplyAddEstimate(a.v.AsDouble(), b.v.AsDouble(), c.v.AsDouble()).As<double, T>());

    // Adding 1.5 * 2^(bits of the fraction) leaves the integer in the low bits, on machines without a conversion to long too.
    [MethodImpl(Inline)]
    public static Simd128<T> PowerOfTwo(Simd128<T> n) => new(IsFloat
        ? ((n.v.AsSingle() + Vector128.Create(12582912f + 127f)).AsInt32() << 23).As<int, T>()
        : ((n.v.AsDouble() + Vector128.Create(6755399441055744.0 + 1023.0)).AsInt64() << 52).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd128<T> Scale(Simd128<T> a, Simd128<T> n)
    {
        if (Avx512F.VL.IsSupported)
            return new(IsFloat ? Avx512F.VL.Scale(a.v.AsSingle(), n.v.AsSingle()).As<float, T>()
                : Avx512F.VL.Scale(a.v.AsDouble(), n.v.AsDouble()).As<double, T>());
        Simd128<T> half = Round(n * Const(0.5));
        return a * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    [MethodImpl(Inline)]
    public static Simd128<T> IsPositiveNormal(Simd128<T> a) => new(IsFloat
        ? Vector128.LessThan(a.v.AsInt32() + Vector128.Create(BitsOf.NormalToSmallest), Vector128.Create(BitsOf.Normals)).As<int, T>()
        : Vector128.LessThan(a.v.AsInt64() + Vector128.Create(BitsOf.NormalToSmallestDouble), Vector128.Create(BitsOf.NormalsDouble)).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd128<T> NearestExponent(Simd128<T> a) => new(IsFloat
        ? Vector128.ConvertToSingle((a.v.AsInt32() - Vector128.Create(BitsOf.TwoThirds)) >> 23).As<float, T>()
        : (((a.v.AsInt64() - Vector128.Create(BitsOf.TwoThirdsBiased)) >>> 52 | Vector128.Create(0x4330000000000000L)).AsDouble()
            - Vector128.Create(4503599627370496.0 + 2048.0)).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd128<T> NearestMantissa(Simd128<T> a) => new(IsFloat
        ? (a.v.AsInt32() - ((a.v.AsInt32() - Vector128.Create(BitsOf.TwoThirds)) & Vector128.Create(unchecked((int)0xFF800000)))).As<int, T>()
        : (a.v.AsInt64() - ((a.v.AsInt64() - Vector128.Create(BitsOf.TwoThirdsDouble)) & Vector128.Create(unchecked((long)0xFFF0000000000000)))).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd128<T> LowBitAsSign(Simd128<T> a) => new(IsFloat ? (a.v.AsInt32() << 31).As<int, T>() : (a.v.AsInt64() << 63).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd128<T> SecondBitAsSign(Simd128<T> a) => new(IsFloat
        ? ((a.v.AsInt32() << 30) & Vector128.Create(int.MinValue)).As<int, T>() : ((a.v.AsInt64() << 62) & Vector128.Create(long.MinValue)).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd128<T> InDouble<TFunction>(Simd128<T> a, Simd128<T> b) where TFunction : struct, IInDouble
    {
        if (!IsFloat) return TFunction.Apply<Simd128<double>>(new(a.v.AsDouble()), new(b.v.AsDouble())).As<T>();
        Vector128<float> x = a.v.AsSingle(), y = b.v.AsSingle();
        Simd128<double> low = TFunction.Apply<Simd128<double>>(new(Vector128.WidenLower(x)), new(Vector128.WidenLower(y)));
        Simd128<double> high = TFunction.Apply<Simd128<double>>(new(Vector128.WidenUpper(x)), new(Vector128.WidenUpper(y)));
        return new(Vector128.Narrow(low.v, high.v).As<float, T>());
    }

    [MethodImpl(Inline)] private Simd128<TTo> As<TTo>() where TTo : unmanaged, INumber<TTo> => new(v.As<T, TTo>());
}
