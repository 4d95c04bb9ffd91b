namespace Facula.Backends;

internal abstract partial class Backend
{
    /// <summary>
    /// y = the sum of squared differences of x from its mean, divided, or the root of that, over the dimensions that <see cref="Reduce"/> would take away.
    /// Right also where squares, or what rounding has left of equal numbers, are more than float32 holds.
    /// </summary>
    /// <param name="x">Of any floating-point type.</param>
    /// <param name="y">As the result of a reduction.</param>
    /// <param name="count">How many elements become one.</param>
    /// <param name="divisor">What the sums are divided by.</param>
    /// <param name="root">Whether the square root is taken.</param>
    public virtual void Variance(in Operand x, in Operand y, long count, double divisor, bool root)
    {
        // Two passes, so that a large mean costs no digits.
        using var mean = new Scratch(this, y.Layout.Shape, DType.Float64);
        using var difference = new Scratch(this, x.Layout.Shape, DType.Float64);
        Reduce(new MeanReduce(count), DType.Float64, mean.Operand, x);
        Map2(new SubtractMap(), DType.Float64, difference.Operand, x, mean.Operand.With(mean.Operand.Layout.Expand(x.Layout.Shape)!));
        Reduce(new SpreadReduce(0, divisor, root), DType.Float64, y, difference.Operand);
    }
}
