namespace Facula.Numerics;

/// <summary>
/// A number that formulas are written over. One body, many meanings: a scalar, a SIMD vector of any width, the oracle of the tests,
/// a recorder that prints the formula, or a tensor (which makes the gradient of a gradient).
/// </summary>
/// <remarks>Each elementary function is declared where its body is, in Elementary.*.cs.</remarks>
internal partial interface INum<T> : IArithmetic<T> where T : INum<T>
{
    /// <summary>What rounding took from a product: a * b - product, exactly.</summary>
    static abstract T ProductError(T a, T b, T product);
    /// <summary>a - b * truncate(a / b), exactly: C#'s %.</summary>
    static abstract T Remainder(T a, T b);
}
