using Facula.Numerics;

namespace Facula.NN;

internal readonly struct SquaredErrorOp : IBinaryOp
{
    public static string Name => "MseLoss";
    public static ResultKind Result => ResultKind.Float;
    public T Forward<T>(T a, T b) where T : INum<T> => (a - b) * (a - b);
    public T GradA<T>(T g, T a, T b) where T : INum<T> => g * T.Const(2) * (a - b);
    public T GradB<T>(T g, T a, T b) where T : INum<T> => g * T.Const(2) * (b - a);
}

public static partial class Functional
{
    /// <summary>The mean of the squared differences. torch.nn.functional.mse_loss.</summary>
    public static Tensor MseLoss(Tensor input, Tensor target) => MseLoss(input, target, Reduction.Mean);

    /// <summary>The squared differences, reduced. torch.nn.functional.mse_loss.</summary>
    /// <exception cref="ArgumentException">The target's shape is not the input's and does not expand to it.</exception>
    public static Tensor MseLoss(Tensor input, Tensor target, Reduction reduction) => Pointwise(new SquaredErrorOp(), input, target, reduction);
}

/// <summary>The squared differences. torch.nn.MSELoss.</summary>
public partial class MseLoss(Reduction reduction = Reduction.Mean) : PointwiseLoss("MSELoss", reduction, Functional.MseLoss);
