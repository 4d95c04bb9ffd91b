using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Facula.Numerics;

/// <summary>256 bits of lanes, by the base library's portable vectors. The build makes the types of 128 and of 512 bits of this file (Facula.csproj).</summary>
internal readonly unsafe struct Simd256<T>(Vector256<T> value) : ISimd<Simd256<T>, T> where T : unmanaged, INumber<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly Vector256<T> v = value;

    private static bool IsFloat { [MethodImpl(Inline)] get => typeof(T) == typeof(float); }

    public static int Count { [MethodImpl(Inline)] get => Vector256<T>.Count; }
    [MethodImpl(Inline)] public static Simd256<T> Create(T value) => new(Vector256.Create(value));

    // The two float types by themselves: T.CreateTruncating is a deep chain for the JIT to inline, and formulas are full of constants.
    [MethodImpl(Inline)]
    public static Simd256<T> Const(double value) => new(IsFloat ? Vector256.Create((float)value).As<float, T>()
        : typeof(T) == typeof(double) ? Vector256.Create(value).As<double, T>() : Vector256.Create(T.CreateTruncating(value)));

    public static Simd256<T> Zero { [MethodImpl(Inline)] get => default; }
    public static Simd256<T> One { [MethodImpl(Inline)] get => Const(1); }
    [MethodImpl(Inline)] public static Simd256<T> Load(T* source) => new(Vector256.Load(source));
    [MethodImpl(Inline)] public void Store(T* destination) => v.Store(destination);

    [MethodImpl(Inline)] public static Simd256<T> operator +(Simd256<T> a, Simd256<T> b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static Simd256<T> operator -(Simd256<T> a, Simd256<T> b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static Simd256<T> operator *(Simd256<T> a, Simd256<T> b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static Simd256<T> operator /(Simd256<T> a, Simd256<T> b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static Simd256<T> operator -(Simd256<T> a) => new(-a.v);

    [MethodImpl(Inline)] public static Simd256<T> operator >(Simd256<T> a, Simd256<T> b) => new(Vector256.GreaterThan(a.v, b.v));
    [MethodImpl(Inline)] public static Simd256<T> operator <(Simd256<T> a, Simd256<T> b) => new(Vector256.LessThan(a.v, b.v));
    [MethodImpl(Inline)] public static Simd256<T> operator >=(Simd256<T> a, Simd256<T> b) => new(Vector256.GreaterThanOrEqual(a.v, b.v));
    [MethodImpl(Inline)] public static Simd256<T> operator <=(Simd256<T> a, Simd256<T> b) => new(Vector256.LessThanOrEqual(a.v, b.v));
    [MethodImpl(Inline)] public static Simd256<T> Equal(Simd256<T> a, Simd256<T> b) => new(Vector256.Equals(a.v, b.v));

    [MethodImpl(Inline)] public static Simd256<T> Select(Simd256<T> mask, Simd256<T> a, Simd256<T> b) => new(Vector256.ConditionalSelect(mask.v, a.v, b.v));
    [MethodImpl(Inline)] public static Simd256<T> And(Simd256<T> a, Simd256<T> b) => new(a.v & b.v);
    [MethodImpl(Inline)] public static Simd256<T> Or(Simd256<T> a, Simd256<T> b) => new(a.v | b.v);
    [MethodImpl(Inline)] public static Simd256<T> Not(Simd256<T> a) => new(~a.v);
    [MethodImpl(Inline)] public static Simd256<T> Xor(Simd256<T> a, Simd256<T> b) => new(a.v ^ b.v);
    [MethodImpl(Inline)] public static bool All(Simd256<T> mask) => mask.v.ExtractMostSignificantBits() == (1UL << Vector256<T>.Count) - 1;

    [MethodImpl(Inline)] public static Simd256<T> Min(Simd256<T> a, Simd256<T> b) => new(Vector256.Min(a.v, b.v));
    [MethodImpl(Inline)] public static Simd256<T> Max(Simd256<T> a, Simd256<T> b) => new(Vector256.Max(a.v, b.v));
    [MethodImpl(Inline)] public static Simd256<T> Abs(Simd256<T> a) => new(Vector256.Abs(a.v));
    [MethodImpl(Inline)] public static Simd256<T> AtLeast(Simd256<T> a, Simd256<T> bound) => new(Vector256.MaxNative(bound.v, a.v));
    [MethodImpl(Inline)] public static Simd256<T> AtMost(Simd256<T> a, Simd256<T> bound) => new(Vector256.MinNative(bound.v, a.v));
    [MethodImpl(Inline)] public static Simd256<T> Sqrt(Simd256<T> a) => new(Vector256.Sqrt(a.v));
    [MethodImpl(Inline)] public static Simd256<T> CopySign(Simd256<T> a, Simd256<T> b) => new(Vector256.CopySign(a.v, b.v));

    [MethodImpl(Inline)]
    public static Simd256<T> Floor(Simd256<T> a) =>
        new(IsFloat ? Vector256.Floor(a.v.AsSingle()).As<float, T>() : Vector256.Floor(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> Ceiling(Simd256<T> a) =>
        new(IsFloat ? Vector256.Ceiling(a.v.AsSingle()).As<float, T>() : Vector256.Ceiling(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> Round(Simd256<T> a) =>
        new(IsFloat ? Vector256.Round(a.v.AsSingle()).As<float, T>() : Vector256.Round(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> Truncate(Simd256<T> a) =>
        new(IsFloat ? Vector256.Truncate(a.v.AsSingle()).As<float, T>() : Vector256.Truncate(a.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> MultiplyAdd(Simd256<T> a, Simd256<T> b, double c) => new(IsFloat
        ? Vector256.MultiplyAddEstimate(a.v.AsSingle(), b.v.AsSingle(), Vector256.Create((float)c)).As<float, T>()
        : Vector256.MultiplyAddEstimate(a.v.AsDouble(), b.v.AsDouble(), Vector256.Create(c)).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> MultiplyAdd(Simd256<T> a, Simd256<T> b, Simd256<T> c) => new(IsFloat
        ? Vector256.MultiplyAddEstimate(a.v.AsSingle(), b.v.AsSingle(), c.v.AsSingle()).As<float, T>()
        : Vector256.MultiplyAddEstimate(a.v.AsDouble(), b.v.AsDouble(), c.v.AsDouble()).As<double, T>());

    // Adding 1.5 * 2^(bits of the fraction) leaves the integer in the low bits, on machines without a conversion to long too.
    [MethodImpl(Inline)]
    public static Simd256<T> PowerOfTwo(Simd256<T> n) => new(IsFloat
        ? ((n.v.AsSingle() + Vector256.Create(12582912f + 127f)).AsInt32() << 23).As<int, T>()
        : ((n.v.AsDouble() + Vector256.Create(6755399441055744.0 + 1023.0)).AsInt64() << 52).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> Scale(Simd256<T> a, Simd256<T> n)
    {
        if (Avx512F.VL.IsSupported)
            return new(IsFloat ? Scaling.Of(a.v.AsSingle(), n.v.AsSingle()).As<float, T>() : Scaling.Of(a.v.AsDouble(), n.v.AsDouble()).As<double, T>());
        Simd256<T> half = Round(n * Const(0.5));
        return a * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    [MethodImpl(Inline)]
    public static Simd256<T> IsPositiveNormal(Simd256<T> a) => new(IsFloat
        ? Vector256.LessThan(a.v.AsInt32() + Vector256.Create(BitsOf.NormalToSmallest), Vector256.Create(BitsOf.Normals)).As<int, T>()
        : Vector256.LessThan(a.v.AsInt64() + Vector256.Create(BitsOf.NormalToSmallestDouble), Vector256.Create(BitsOf.NormalsDouble)).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> NearestExponent(Simd256<T> a) => new(IsFloat
        ? Vector256.ConvertToSingle((a.v.AsInt32() - Vector256.Create(BitsOf.TwoThirds)) >> 23).As<float, T>()
        : (((a.v.AsInt64() - Vector256.Create(BitsOf.TwoThirdsBiased)) >>> 52 | Vector256.Create(0x4330000000000000L)).AsDouble()
            - Vector256.Create(4503599627370496.0 + 2048.0)).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> NearestMantissa(Simd256<T> a) => new(IsFloat
        ? (a.v.AsInt32() - ((a.v.AsInt32() - Vector256.Create(BitsOf.TwoThirds)) & Vector256.Create(unchecked((int)0xFF800000)))).As<int, T>()
        : (a.v.AsInt64() - ((a.v.AsInt64() - Vector256.Create(BitsOf.TwoThirdsDouble)) & Vector256.Create(unchecked((long)0xFFF0000000000000)))).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> LowBitAsSign(Simd256<T> a) => new(IsFloat ? (a.v.AsInt32() << 31).As<int, T>() : (a.v.AsInt64() << 63).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> SecondBitAsSign(Simd256<T> a) => new(IsFloat
        ? ((a.v.AsInt32() << 30) & Vector256.Create(int.MinValue)).As<int, T>() : ((a.v.AsInt64() << 62) & Vector256.Create(long.MinValue)).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> InDouble<TFunction>(Simd256<T> a, Simd256<T> b) where TFunction : struct, IInDouble
    {
        if (!IsFloat) return TFunction.Apply<Simd256<double>>(new(a.v.AsDouble()), new(b.v.AsDouble())).As<T>();
        Vector256<float> x = a.v.AsSingle(), y = b.v.AsSingle();
        Simd256<double> low = TFunction.Apply<Simd256<double>>(new(Vector256.WidenLower(x)), new(Vector256.WidenLower(y)));
        Simd256<double> high = TFunction.Apply<Simd256<double>>(new(Vector256.WidenUpper(x)), new(Vector256.WidenUpper(y)));
        return new(Vector256.Narrow(low.v, high.v).As<float, T>());
    }

    [MethodImpl(Inline)] private Simd256<TTo> As<TTo>() where TTo : unmanaged, INumber<TTo> => new(v.As<T, TTo>());
}
