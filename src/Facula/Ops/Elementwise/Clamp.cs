using Facula.Numerics;

namespace Facula;

/// <summary>Between bounds, infinite where there is none; the bounds themselves still pass the gradient.</summary>
internal readonly struct ClampOp(double min, double max) : IUnaryOp
{
    public static string Name => "clamp";
    public static ResultKind Result => ResultKind.Same;
    public T Forward<T>(T x) where T : INum<T> => T.Min(T.Max(x, T.Parameter(min)), T.Parameter(max));
    public T Grad<T>(T g, T x, T y) where T : INum<T> => T.Select(T.And(x >= T.Parameter(min), x <= T.Parameter(max)), g, T.Zero);
}

public partial class Tensor
{
    /// <summary>
    /// Elements below min become min, those above max become max; where min is greater than max all become max. NaN stays. The gradient
    /// is passed between the bounds, both included. Bounds of a higher category promote, as in arithmetic. torch.clamp.
    /// </summary>
    /// <exception cref="ArgumentException">Neither bound is given, or one is beyond the range of the type.</exception>
    public Tensor Clamp(Scalar? min = null, Scalar? max = null)
    {
        DType type = ClampType(min, max);
        return type.IsFloatingPoint ? Unary(BoundsOf(min, max), To(type)) : ClampIntegers(To(type), min, max);
    }

    /// <summary>The same with a bound for each element; the bounds broadcast, and get the gradient where they win. torch.clamp.</summary>
    /// <exception cref="ArgumentException">Neither bound is given.</exception>
    public Tensor Clamp(Tensor? min, Tensor? max = null)
    {
        if (min is null && max is null) throw new ArgumentException("Clamp: give min, max or both.");
        Tensor y = this;
        if (min is not null) y = Where((y < min) | min.IsNaN(), min, y);
        if (max is not null) y = Where((y > max) | max.IsNaN(), max, y);
        return y;
    }

    /// <summary><see cref="Clamp(Scalar?, Scalar?)"/> in place. torch.Tensor.clamp_.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ArgumentException">Neither bound is given, the bounds are floating-point and this tensor is not, or one is beyond the range
    /// of its type.</exception>
    public Tensor ClampInPlace(Scalar? min = null, Scalar? max = null)
    {
        DType type = ClampType(min, max);
        if (type.Category > DType.Category)
            throw new ArgumentException($"clamp in place: the result is {type.PyTorchName}, which a {DType.PyTorchName} tensor cannot hold; use Clamp.");
        return type.IsFloatingPoint ? UnaryInPlace(BoundsOf(min, max), this) : CopyInPlace(ClampIntegers(this, min, max));
    }

    private DType ClampType(Scalar? min, Scalar? max)
    {
        if (min is null && max is null) throw new ArgumentException("Clamp: give min, max or both.");
        DType type = min is { } low ? Promote(DType, low) : DType;
        if (max is { } high) type = Promote(type, high);
        min?.CheckFits("Clamp", type);
        max?.CheckFits("Clamp", type);
        return type;
    }

    private static ClampOp BoundsOf(Scalar? min, Scalar? max) =>
        new(min?.ToDouble() ?? double.NegativeInfinity, max?.ToDouble() ?? double.PositiveInfinity);

    // A formula's constants are doubles, which do not hold every integer.
    private static Tensor ClampIntegers(Tensor x, Scalar? min, Scalar? max)
    {
        if (min is { } low) x = Binary(new MaximumOp(), x, Wrap(low));
        return max is { } high ? Binary(new MinimumOp(), x, Wrap(high)) : x;
    }
}
