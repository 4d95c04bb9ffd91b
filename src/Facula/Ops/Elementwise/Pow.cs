using Facula.Numerics;

namespace Facula;

internal readonly struct PowOp : IBinaryOp
{
    public static string Name => "pow";
    public T Forward<T>(T a, T b) where T : INum<T> => T.Pow(a, b);

    // x^0 is constant, also at x = 0, where b x^(b-1) would be 0 times infinity.
    public T GradA<T>(T g, T a, T b) where T : INum<T> => T.Select(T.Equal(b, T.Zero), T.Zero, g * b * T.Pow(a, b - T.One));

    // 0^b is constant for b > 0 (and b = 0, by PyTorch's convention), where the logarithm is not finite.
    public T GradB<T>(T g, T a, T b) where T : INum<T> =>
        T.Select(T.And(T.Equal(a, T.Zero), b >= T.Zero), T.Zero, g * T.Pow(a, b) * T.Log(a));
}

public partial class Tensor
{
    /// <summary>Each element to the power of the other. torch.pow.</summary>
    public Tensor Pow(Tensor exponent) => Binary(new PowOp(), this, exponent);

    /// <summary>Each element to a power; 2 and 0.5 take the short way. torch.pow.</summary>
    public Tensor Pow(Scalar exponent) => exponent.ToDouble() switch
    {
        2 => this * this,
        0.5 when DType.IsFloatingPoint => Sqrt(),
        _ => Binary(new PowOp(), this, WrapFor(this, exponent)),
    };
}
