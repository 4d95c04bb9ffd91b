using Facula.Numerics;

namespace Facula;

internal readonly struct SquareOp : IUnaryOp
{
    public static string Name => "square";
    public static ResultKind Result => ResultKind.Same;
    public T Forward<T>(T x) where T : INum<T> => x * x;
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * (x + x);
}

public partial class Tensor
{
    /// <summary>x * x; of bool, Int64 as of any power. torch.square.</summary>
    public Tensor Square() => Unary(new SquareOp(), DType == DType.Bool ? To(DType.Int64) : this);
}
