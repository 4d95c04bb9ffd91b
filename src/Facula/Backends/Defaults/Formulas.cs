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
