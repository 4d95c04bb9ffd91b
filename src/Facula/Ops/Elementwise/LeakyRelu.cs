using Facula.Numerics;

namespace Facula;

internal readonly struct LeakyReluOp(double slope) : IUnaryOp
{
    public static string Name => "leakyRelu";
    public T Forward<T>(T x) where T : INum<T> => T.Select(x > T.Zero, x, x * T.Parameter(slope));
    public T Grad<T>(T g, T x, T y) where T : INum<T> => T.Select(x > T.Zero, g, g * T.Parameter(slope));
}

public partial class Tensor
{
    /// <summary>x above 0, slope * x elsewhere; the gradient at 0 is the slope. torch.nn.functional.leaky_relu.</summary>
    public Tensor LeakyRelu(double slope = 0.01) => Unary(new LeakyReluOp(Check.Finite("LeakyRelu", slope)), this);
}
