using Facula.Numerics;

namespace Facula;

// Where both are equal each gets half of the gradient, and where one is NaN both get it whole, as in PyTorch.
internal readonly struct MaximumOp : IBinaryOp
{
    public static string Name => "maximum";
    public T Forward<T>(T a, T b) where T : INum<T> => T.Max(a, b);
    public T GradA<T>(T g, T a, T b) where T : INum<T> => T.Select(a < b, T.Zero, T.Select(T.Equal(a, b), g * T.Const(0.5), g));
    public T GradB<T>(T g, T a, T b) where T : INum<T> => T.Select(b < a, T.Zero, T.Select(T.Equal(a, b), g * T.Const(0.5), g));
}

internal readonly struct MinimumOp : IBinaryOp
{
    public static string Name => "minimum";
    public T Forward<T>(T a, T b) where T : INum<T> => T.Min(a, b);
    public T GradA<T>(T g, T a, T b) where T : INum<T> => T.Select(a > b, T.Zero, T.Select(T.Equal(a, b), g * T.Const(0.5), g));
    public T GradB<T>(T g, T a, T b) where T : INum<T> => T.Select(b > a, T.Zero, T.Select(T.Equal(a, b), g * T.Const(0.5), g));
}

public partial class Tensor
{
    /// <summary>The larger of each pair; NaN if either is. torch.maximum.</summary>
    public Tensor Maximum(Tensor other) => Binary(new MaximumOp(), this, other);

    /// <summary>The smaller of each pair; NaN if either is. torch.minimum.</summary>
    public Tensor Minimum(Tensor other) => Binary(new MinimumOp(), this, other);
}
