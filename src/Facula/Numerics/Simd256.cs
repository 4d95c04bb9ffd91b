using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Facula.Numerics;

/// <summary>256 bits of lanes, by the base library's portable vectors.</summary>
internal readonly unsafe struct Simd256<T>(Vector256<T> value) : ISimd<Simd256<T>, T> where T : unmanaged, INumber<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly Vector256<T> v = value;

    private static bool IsFloat { [MethodImpl(Inline)] get => typeof(T) == typeof(float); }

    public static int Count { [MethodImpl(Inline)] get => Vector256<T>.Count; }
    [MethodImpl(Inline)] public static Simd256<T> Create(T value) => new(Vector256.Create(value));
    [MethodImpl(Inline)] public static Simd256<T> Const(double value) => new(Vector256.Create(T.CreateTruncating(value)));
    public static Simd256<T> Zero { [MethodImpl(Inline)] get => default; }
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

    [MethodImpl(Inline)] public static Simd256<T> Min(Simd256<T> a, Simd256<T> b) => new(Vector256.Min(a.v, b.v));
    [MethodImpl(Inline)] public static Simd256<T> Max(Simd256<T> a, Simd256<T> b) => new(Vector256.Max(a.v, b.v));
    [MethodImpl(Inline)] public static Simd256<T> Abs(Simd256<T> a) => new(Vector256.Abs(a.v));
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
    public static Simd256<T> MultiplyAdd(Simd256<T> a, Simd256<T> b, Simd256<T> c) => new(IsFloat
        ? Vector256.MultiplyAddEstimate(a.v.AsSingle(), b.v.AsSingle(), c.v.AsSingle()).As<float, T>()
        : Vector256.MultiplyAddEstimate(a.v.AsDouble(), b.v.AsDouble(), c.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> PowerOfTwo(Simd256<T> n) => new(IsFloat
        ? ((Vector256.ConvertToInt32Native(n.v.AsSingle()) + Vector256.Create(127)) << 23).As<int, T>()
        : ((Vector256.ConvertToInt64Native(n.v.AsDouble()) + Vector256.Create(1023L)) << 52).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> Exponent(Simd256<T> a) => new(IsFloat
        ? Vector256.ConvertToSingle(((a.v.AsInt32() >>> 23) & Vector256.Create(0xFF)) - Vector256.Create(127)).As<float, T>()
        : Vector256.ConvertToDouble(((a.v.AsInt64() >>> 52) & Vector256.Create(0x7FFL)) - Vector256.Create(1023L)).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd256<T> Mantissa(Simd256<T> a) => new(IsFloat
        ? ((a.v.AsInt32() & Vector256.Create(0x007FFFFF)) | Vector256.Create(0x3F800000)).As<int, T>()
        : ((a.v.AsInt64() & Vector256.Create(0x000FFFFFFFFFFFFFL)) | Vector256.Create(0x3FF0000000000000L)).As<long, T>());

    [MethodImpl(Inline)] public static Simd256<T> Exp(Simd256<T> a) => Elementary.Exp<Simd256<T>, T>(a);
    [MethodImpl(Inline)] public static Simd256<T> Expm1(Simd256<T> a) => Elementary.Expm1<Simd256<T>, T>(a);
    [MethodImpl(Inline)] public static Simd256<T> Log(Simd256<T> a) => Elementary.Log<Simd256<T>, T>(a);
    [MethodImpl(Inline)] public static Simd256<T> Log1p(Simd256<T> a) => Elementary.Log1p<Simd256<T>, T>(a);
    [MethodImpl(Inline)] public static Simd256<T> Sin(Simd256<T> a) => Elementary.Sin<Simd256<T>, T>(a);
    [MethodImpl(Inline)] public static Simd256<T> Cos(Simd256<T> a) => Elementary.Cos<Simd256<T>, T>(a);
    [MethodImpl(Inline)] public static Simd256<T> Tan(Simd256<T> a) => Elementary.Tan<Simd256<T>, T>(a);
    [MethodImpl(Inline)] public static Simd256<T> Tanh(Simd256<T> a) => Elementary.Tanh<Simd256<T>, T>(a);
    [MethodImpl(Inline)] public static Simd256<T> Erf(Simd256<T> a) => Elementary.Erf<Simd256<T>, T>(a);
    [MethodImpl(Inline)] public static Simd256<T> Pow(Simd256<T> a, Simd256<T> b) => Elementary.Pow<Simd256<T>, T>(a, b);
}
