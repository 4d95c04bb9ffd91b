namespace Facula.Numerics;

/// <summary>
/// A number with the arithmetic that machines have: what an optimizer's step is written over, and, with the elementary functions (<see cref="INum{T}"/>),
/// every formula. A comparison gives a mask of the same type; masks feed only <see cref="Select"/>, <see cref="And"/>, <see cref="Or"/> and
/// <see cref="Not"/>.
/// </summary>
internal interface IArithmetic<T> where T : IArithmetic<T>
{
    static abstract T Const(double value);
    /// <summary>The same for a number that only the running kernel knows.</summary>
    static virtual T Parameter(double value) => T.Const(value);
    static virtual T Zero => T.Const(0);
    static virtual T One => T.Const(1);

    static abstract T operator +(T a, T b);
    static abstract T operator -(T a, T b);
    static abstract T operator *(T a, T b);
    static abstract T operator /(T a, T b);
    static abstract T operator -(T a);

    static abstract T operator >(T a, T b);
    static abstract T operator <(T a, T b);
    static abstract T operator >=(T a, T b);
    static abstract T operator <=(T a, T b);
    static abstract T Equal(T a, T b);

    static abstract T Select(T mask, T a, T b);
    static abstract T And(T a, T b);
    static abstract T Or(T a, T b);
    static abstract T Not(T a);

    /// <summary>The smaller; NaN if either is.</summary>
    static abstract T Min(T a, T b);
    /// <summary>The larger; NaN if either is.</summary>
    static abstract T Max(T a, T b);
    static abstract T Abs(T a);
    static abstract T Sqrt(T a);
    static abstract T Floor(T a);
    static abstract T Ceiling(T a);
    /// <summary>To the nearest integer, halves to even.</summary>
    static abstract T Round(T a);
    static abstract T Truncate(T a);
    /// <summary>a * b + c, rounded once where the hardware can.</summary>
    static abstract T MultiplyAdd(T a, T b, T c);

    static virtual T NotEqual(T a, T b) => T.Not(T.Equal(a, b));
    static virtual T IsNaN(T a) => T.Not(T.Equal(a, a));
}
