using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends;

// What the default bodies are made of.

internal readonly struct SumReduce : IReduce
{
    public double Identity => 0;
    public bool IsSum => true;
    public T Prepare<T>(T x) where T : INum<T> => x;
    public T Combine<T>(T a, T b) where T : INum<T> => a + b;
    public T Finish<T>(T y) where T : INum<T> => y;
}

/// <summary>A sum divided by a count.</summary>
internal readonly struct MeanReduce(double count) : IReduce
{
    public double Identity => 0;
    public bool IsSum => true;
    public T Prepare<T>(T x) where T : INum<T> => x;
    public T Combine<T>(T a, T b) where T : INum<T> => a + b;
    public T Finish<T>(T y) where T : INum<T> => y / T.Parameter(count);
}

/// <summary>The sum of squared differences from a centre, divided; or the root of that.</summary>
internal readonly struct SpreadReduce(double centre, double divisor, bool root) : IReduce
{
    public double Identity => 0;
    public bool IsSum => true;

    public T Prepare<T>(T x) where T : INum<T>
    {
        T d = x - T.Parameter(centre);
        return d * d;
    }

    public T Combine<T>(T a, T b) where T : INum<T> => a + b;
    public T Finish<T>(T y) where T : INum<T> => root ? T.Sqrt(y / T.Parameter(divisor)) : y / T.Parameter(divisor);
}

/// <summary>The largest; NaN if any is.</summary>
internal readonly struct MaxReduce : IReduce
{
    public double Identity => double.NegativeInfinity;
    public bool IsSum => false;
    public T Prepare<T>(T x) where T : INum<T> => x;
    public T Combine<T>(T a, T b) where T : INum<T> => T.Max(a, b);
    public T Finish<T>(T y) where T : INum<T> => y;
}

/// <summary>The smallest; NaN if any is.</summary>
internal readonly struct MinReduce : IReduce
{
    public double Identity => double.PositiveInfinity;
    public bool IsSum => false;
    public T Prepare<T>(T x) where T : INum<T> => x;
    public T Combine<T>(T a, T b) where T : INum<T> => T.Min(a, b);
    public T Finish<T>(T y) where T : INum<T> => y;
}

internal readonly struct AddMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b) where T : INum<T> => a + b;
}

internal readonly struct SubtractMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b) where T : INum<T> => a - b;
}

internal readonly struct MultiplyMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b) where T : INum<T> => a * b;
}

internal readonly struct DivideMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b) where T : INum<T> => a / b;
}

/// <summary>A position where an element is the extreme one of its line, else more than any position.</summary>
internal readonly struct PlaceMap : IMap3
{
    /// <summary>More than any position, and exact in float64.</summary>
    public const double Nowhere = 1L << 52;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T x, T extreme, T position) where T : INum<T> =>
        T.Select(T.Or(T.Equal(x, extreme), T.And(T.IsNaN(x), T.IsNaN(extreme))), position, T.Const(Nowhere));
}

internal readonly struct ExpDifferenceMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b) where T : INum<T> => T.Exp(a - b);
}

internal readonly struct LogShareMap : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T x, T max, T sum) where T : INum<T> => x - max - T.Log(sum);
}

internal readonly struct SoftmaxGradMap : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T g, T y, T sum) where T : INum<T> => y * (g - sum);
}

internal readonly struct LogSoftmaxGradMap : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T g, T y, T sum) where T : INum<T> => g - T.Exp(y) * sum;
}

internal readonly struct AddLogMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b) where T : INum<T> => a + T.Log(b);
}

/// <summary>b, but something else where a is a given number.</summary>
internal readonly struct UnlessMap(double given, double otherwise) : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b) where T : INum<T> => T.Select(T.Equal(a, T.Parameter(given)), T.Parameter(otherwise), b);
}

/// <summary>a b, but 0 where c is a given number.</summary>
internal readonly struct ProductUnlessMap(double given) : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b, T c) where T : INum<T> => T.Select(T.Equal(c, T.Parameter(given)), T.Zero, a * b);
}

/// <summary>(a - b) c factor.</summary>
internal readonly struct ScaledDifferenceMap(double factor) : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b, T c) where T : INum<T> => (a - b) * c * T.Parameter(factor);
}

/// <summary>a + b factor.</summary>
internal readonly struct AddScaledMap(double factor) : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b) where T : INum<T> => a + b * T.Parameter(factor);
}

/// <summary>a - 1 where b and c are equal, else a.</summary>
internal readonly struct LessHotMap : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b, T c) where T : INum<T> => a - T.Select(T.Equal(b, c), T.One, T.Zero);
}

/// <summary>a b + c.</summary>
internal readonly struct MultiplyAddMap : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b, T c) where T : INum<T> => a * b + c;
}

/// <summary>a b - c.</summary>
internal readonly struct MultiplySubtractMap : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b, T c) where T : INum<T> => a * b - c;
}

/// <summary>a - b c.</summary>
internal readonly struct SubtractProductMap : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b, T c) where T : INum<T> => a - b * c;
}

/// <summary>A constant times a.</summary>
internal readonly struct ScaleMap(double factor) : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a) where T : INum<T> => a * T.Parameter(factor);
}

/// <summary>The mean of squares.</summary>
internal readonly struct MeanSquareReduce(double count) : IReduce
{
    public double Identity => 0;
    public bool IsSum => true;
    public T Prepare<T>(T x) where T : INum<T> => x * x;
    public T Combine<T>(T a, T b) where T : INum<T> => a + b;
    public T Finish<T>(T y) where T : INum<T> => y / T.Parameter(count);
}

/// <summary>1 / sqrt(a + eps).</summary>
internal readonly struct InverseRootMap(double eps) : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a) where T : INum<T> => T.One / T.Sqrt(a + T.Parameter(eps));
}

/// <summary>0 where b is not positive, else a: the gradient through a ReLU whose argument is b.</summary>
internal readonly struct WherePositiveMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b) where T : INum<T> => T.Select(b <= T.Zero, T.Zero, a);
}

/// <summary>
/// A number that is least for the element of a window that a max-pooling takes: its position, where it is the first largest, or minus one less that,
/// where it is the last NaN.
/// </summary>
internal readonly struct PoolPlaceMap : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T x, T best, T position) where T : INum<T>
    {
        T nowhere = T.Const(PlaceMap.Nowhere);
        return T.Select(T.IsNaN(best), T.Select(T.IsNaN(x), -T.One - position, nowhere), T.Select(T.Equal(x, best), position, nowhere));
    }
}

/// <summary>The position back from such a number, and which it is where there is none, or the largest element is not positive.</summary>
internal readonly struct TapMap(double nowhere, bool positive) : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T key, T best) where T : INum<T>
    {
        T tap = T.Select(key >= T.Const(PlaceMap.Nowhere), T.Parameter(nowhere), T.Select(key < T.Zero, -T.One - key, key));
        return positive ? T.Select(best <= T.Zero, T.Parameter(nowhere), tap) : tap;
    }
}

/// <summary>An index that counts from the end where it is negative, as one from the beginning; one out of range stays as it is.</summary>
internal readonly struct PlaceFromEndMap(int size) : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T index) where T : INum<T>
    {
        T place = index + T.Parameter(size);
        return T.Select(T.And(index < T.Zero, place >= T.Zero), place, index);
    }
}

/// <summary>Adds what an index along one dimension counts for.</summary>
internal readonly struct LinearIndexMap(long stride) : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T sum, T place) where T : INum<T> => sum + place * T.Parameter(stride);
}

internal readonly struct NonZeroReduce : IReduce
{
    public double Identity => 0;
    public bool IsSum => true;
    public T Prepare<T>(T x) where T : INum<T> => T.Select(T.Equal(x, T.Zero), T.Zero, T.One);
    public T Combine<T>(T a, T b) where T : INum<T> => a + b;
    public T Finish<T>(T y) where T : INum<T> => y;
}

internal readonly struct IsNonZeroMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a) where T : INum<T> => T.Select(T.Equal(a, T.Zero), T.Zero, T.One);
}

/// <summary>The row of an element that is found, given how many have been found up to it; else the row after the last.</summary>
internal readonly struct RowMap(int rows) : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T found, T sum) where T : INum<T> =>
        T.Select(T.Or(T.Equal(found, T.Zero), sum > T.Parameter(rows)), T.Parameter(rows), sum - T.One);
}

/// <summary>The coordinate, in row-major order, along a dimension of a size, inside which so many elements lie.</summary>
internal readonly struct CoordinateMap(long inner, int size) : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a) where T : INum<T> => T.Remainder(a / T.Parameter(inner), T.Parameter(Math.Max(1, size)));
}

/// <summary>A unit number, times a factor, between two bounds, the upper one exclusive.</summary>
internal readonly struct UniformMap(Distribution distribution, double below, double factor) : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a) where T : INum<T> =>
        T.Min(a * T.Parameter(factor) * T.Parameter(distribution.High - distribution.Low) + T.Parameter(distribution.Low), T.Parameter(below));
}

/// <summary>Box and Muller's cosines, or sines.</summary>
internal readonly struct NormalMap(Distribution distribution, double factor) : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T first, T second, T isSine) where T : INum<T>
    {
        T angle = second * T.Parameter(factor) * T.Const(2 * Math.PI), radius = T.Sqrt(T.Const(-2) * T.Log(first * T.Parameter(factor)));
        return T.Parameter(distribution.Low) + T.Parameter(distribution.High) * (radius * T.Select(T.Equal(isSine, T.Zero), T.Cos(angle), T.Sin(angle)));
    }
}

/// <summary>1 below a bound, else 0.</summary>
internal readonly struct BelowMap(double bound) : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a) where T : INum<T> => T.Select(a < T.Parameter(bound), T.One, T.Zero);
}
