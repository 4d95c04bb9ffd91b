using Facula.Numerics;

namespace Facula;

internal readonly struct LogicalAndOp : IComparison
{
    public static string Name => "logicalAnd";
    public T Forward<T>(T a, T b) where T : INum<T> => T.And(T.NotEqual(a, T.Zero), T.NotEqual(b, T.Zero));
}

internal readonly struct LogicalOrOp : IComparison
{
    public static string Name => "logicalOr";
    public T Forward<T>(T a, T b) where T : INum<T> => T.Or(T.NotEqual(a, T.Zero), T.NotEqual(b, T.Zero));
}

internal readonly struct LogicalXorOp : IComparison
{
    public static string Name => "logicalXor";

    public T Forward<T>(T a, T b) where T : INum<T>
    {
        T p = T.NotEqual(a, T.Zero), q = T.NotEqual(b, T.Zero);
        return T.And(T.Or(p, q), T.Not(T.And(p, q)));
    }
}

internal readonly struct LogicalNotOp : IUnaryOp
{
    public static string Name => "logicalNot";
    public static ResultKind Result => ResultKind.Bool;
    public T Forward<T>(T x) where T : INum<T> => T.Equal(x, T.Zero);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => throw new NotSupportedException();
}

public partial class Tensor
{
    /// <summary>Where both are not zero. torch.logical_and.</summary>
    public static Tensor operator &(Tensor a, Tensor b) => Binary(new LogicalAndOp(), a, b);
    /// <summary>Where either is not zero. torch.logical_or.</summary>
    public static Tensor operator |(Tensor a, Tensor b) => Binary(new LogicalOrOp(), a, b);
    /// <summary>Where exactly one is not zero. torch.logical_xor.</summary>
    public static Tensor operator ^(Tensor a, Tensor b) => Binary(new LogicalXorOp(), a, b);
    /// <summary>Where the element is zero. torch.logical_not.</summary>
    public static Tensor operator !(Tensor a) => Unary(new LogicalNotOp(), a);
}
