using Facula.Numerics;

namespace Facula;

internal readonly struct IsNaNOp : IUnaryOp
{
    public static string Name => "isnan";
    public static ResultKind Result => ResultKind.Bool;
    public T Forward<T>(T x) where T : INum<T> => T.IsNaN(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => throw new NotSupportedException();
}

internal readonly struct IsInfOp : IUnaryOp
{
    public static string Name => "isinf";
    public static ResultKind Result => ResultKind.Bool;

    // Infinity is the only number that minus itself is no number; of integers none is.
    public T Forward<T>(T x) where T : INum<T> => T.And(T.IsNaN(x - x), T.Equal(x, x));
    public T Grad<T>(T g, T x, T y) where T : INum<T> => throw new NotSupportedException();
}

public partial class Tensor
{
    /// <summary>Where the element is not a number. torch.isnan.</summary>
    public Tensor IsNaN() => Unary(new IsNaNOp(), this);

    /// <summary>Where the element is infinite. torch.isinf.</summary>
    public Tensor IsInf() => Unary(new IsInfOp(), this);
}
