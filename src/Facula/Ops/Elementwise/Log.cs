using Facula.Numerics;

namespace Facula;

internal readonly struct LogOp : IUnaryOp
{
    public static string Name => "log";
    public T Forward<T>(T x) where T : INum<T> => T.Log(x);
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g / x;
}

public partial class Tensor
{
    /// <summary>The natural logarithm; NaN below 0, -inf at 0. torch.log.</summary>
    public Tensor Log() => Unary(new LogOp(), this);

    static Tensor INum<Tensor>.Log(Tensor a) => a.Log();
}
