using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Facula.Numerics;

/// <summary>512 bits of lanes, by the base library's portable vectors.</summary>
internal readonly unsafe struct Simd512<T>(Vector512<T> value) : ISimd<Simd512<T>, T> where T : unmanaged, INumber<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly Vector512<T> v = value;

    private static bool IsFloat { [MethodImpl(Inline)] get => typeof(T) == typeof(float); }

    public static int Count { [MethodImpl(Inline)] get => Vector512<T>.Count; }
    [MethodImpl(Inline)] public static Simd512<T> Create(T value) => new(Vector512.Create(value));
    [MethodImpl(Inline)] public static Simd512<T> Const(double value) => new(Vector512.Create(T.CreateTruncating(value)));
    public static Simd512<T> Zero { [MethodImpl(Inline)] get => default; }
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

    [MethodImpl(Inline)] public static Simd512<T> Min(Simd512<T> a, Simd512<T> b) => new(Vector512.Min(a.v, b.v));
    [MethodImpl(Inline)] public static Simd512<T> Max(Simd512<T> a, Simd512<T> b) => new(Vector512.Max(a.v, b.v));
    [MethodImpl(Inline)] public static Simd512<T> Abs(Simd512<T> a) => new(Vector512.Abs(a.v));
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
    public static Simd512<T> MultiplyAdd(Simd512<T> a, Simd512<T> b, Simd512<T> c) => new(IsFloat
        ? Vector512.MultiplyAddEstimate(a.v.AsSingle(), b.v.AsSingle(), c.v.AsSingle()).As<float, T>()
        : Vector512.MultiplyAddEstimate(a.v.AsDouble(), b.v.AsDouble(), c.v.AsDouble()).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> PowerOfTwo(Simd512<T> n) => new(IsFloat
        ? ((Vector512.ConvertToInt32Native(n.v.AsSingle()) + Vector512.Create(127)) << 23).As<int, T>()
        : ((Vector512.ConvertToInt64Native(n.v.AsDouble()) + Vector512.Create(1023L)) << 52).As<long, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> Exponent(Simd512<T> a) => new(IsFloat
        ? Vector512.ConvertToSingle(((a.v.AsInt32() >>> 23) & Vector512.Create(0xFF)) - Vector512.Create(127)).As<float, T>()
        : Vector512.ConvertToDouble(((a.v.AsInt64() >>> 52) & Vector512.Create(0x7FFL)) - Vector512.Create(1023L)).As<double, T>());

    [MethodImpl(Inline)]
    public static Simd512<T> Mantissa(Simd512<T> a) => new(IsFloat
        ? ((a.v.AsInt32() & Vector512.Create(0x007FFFFF)) | Vector512.Create(0x3F800000)).As<int, T>()
        : ((a.v.AsInt64() & Vector512.Create(0x000FFFFFFFFFFFFFL)) | Vector512.Create(0x3FF0000000000000L)).As<long, T>());

    [MethodImpl(Inline)] public static Simd512<T> Exp(Simd512<T> a) => Elementary.Exp<Simd512<T>, T>(a);
    [MethodImpl(Inline)] public static Simd512<T> Expm1(Simd512<T> a) => Elementary.Expm1<Simd512<T>, T>(a);
    [MethodImpl(Inline)] public static Simd512<T> Log(Simd512<T> a) => Elementary.Log<Simd512<T>, T>(a);
    [MethodImpl(Inline)] public static Simd512<T> Log1p(Simd512<T> a) => Elementary.Log1p<Simd512<T>, T>(a);
    [MethodImpl(Inline)] public static Simd512<T> Sin(Simd512<T> a) => Elementary.Sin<Simd512<T>, T>(a);
    [MethodImpl(Inline)] public static Simd512<T> Cos(Simd512<T> a) => Elementary.Cos<Simd512<T>, T>(a);
    [MethodImpl(Inline)] public static Simd512<T> Tan(Simd512<T> a) => Elementary.Tan<Simd512<T>, T>(a);
    [MethodImpl(Inline)] public static Simd512<T> Tanh(Simd512<T> a) => Elementary.Tanh<Simd512<T>, T>(a);
    [MethodImpl(Inline)] public static Simd512<T> Erf(Simd512<T> a) => Elementary.Erf<Simd512<T>, T>(a);
    [MethodImpl(Inline)] public static Simd512<T> Pow(Simd512<T> a, Simd512<T> b) => Elementary.Pow<Simd512<T>, T>(a, b);
}
