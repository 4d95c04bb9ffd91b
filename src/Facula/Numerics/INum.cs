namespace Facula.Numerics;

/// <summary>
/// A number that formulas are written over. One body, many meanings: a scalar, a SIMD vector of any width, the oracle of the tests,
/// a recorder that prints the formula, or a tensor (which makes the gradient of a gradient).
/// A comparison gives a mask of the same type; masks feed only <see cref="Select"/>, <see cref="And"/>, <see cref="Or"/> and <see cref="Not"/>.
/// </summary>
internal interface INum<T> where T : INum<T>
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
    /// <summary>What rounding took from a product: a * b - product, exactly.</summary>
    static abstract T ProductError(T a, T b, T product);

    static abstract T Exp(T a);
    static abstract T Expm1(T a);
    static abstract T Log(T a);
    static abstract T Log1p(T a);
    static abstract T Sin(T a);
    static abstract T Cos(T a);
    static abstract T Tan(T a);
    static abstract T Tanh(T a);
    static abstract T Erf(T a);
    /// <summary>e^(a^2) (1 - erf(a)), for a >= 0 as long as e^(-a^2) is not 0.</summary>
    static abstract T Erfcx(T a);
    static abstract T Pow(T a, T b);
    /// <summary>a - b * truncate(a / b), exactly: C#'s %.</summary>
    static abstract T Remainder(T a, T b);

    static virtual T NotEqual(T a, T b) => T.Not(T.Equal(a, b));
    static virtual T IsNaN(T a) => T.Not(T.Equal(a, a));
    static virtual T Sigmoid(T a) => T.One / (T.One + T.Exp(-a));
    /// <summary>a times the probability that a standard normal number is below a.</summary>
    static virtual T Gelu(T a) => NormalTail.Gelu(a);
}
