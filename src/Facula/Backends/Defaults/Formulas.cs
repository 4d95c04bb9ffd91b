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
