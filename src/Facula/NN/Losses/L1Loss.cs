using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.NN;

internal readonly struct AbsoluteErrorOp : IBinaryOp
{
    public static string Name => "L1Loss";
    public static ResultKind Result => ResultKind.Float;
    public T Forward<T>(T a, T b) where T : INum<T> => T.Abs(a - b);
    public T GradA<T>(T g, T a, T b) where T : INum<T> => T.Select(a > b, g, T.Select(a < b, -g, T.Zero));
    public T GradB<T>(T g, T a, T b) where T : INum<T> => GradA(g, b, a);
}

/// <summary>Quadratic up to a bound and linear beyond, with slope 1 at the bound times the scale.</summary>
internal readonly struct HuberOp(double bound, double scale) : IBinaryOp
{
    public static string Name => "HuberLoss";
    public static ResultKind Result => ResultKind.Float;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b) where T : INum<T>
    {
        T d = T.Abs(a - b), limit = T.Parameter(bound);
        return T.Select(d < limit, T.Parameter(0.5 * scale / bound) * d * d, T.Parameter(scale) * (d - T.Parameter(0.5 * bound)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T GradA<T>(T g, T a, T b) where T : INum<T>
    {
        T d = a - b, s = g * T.Parameter(scale);
        return T.Select(T.Abs(d) < T.Parameter(bound), s * T.Parameter(1 / bound) * d, T.Select(d < T.Zero, -s, s));
    }

    public T GradB<T>(T g, T a, T b) where T : INum<T> => GradA(g, b, a);
}

public static partial class Functional
{
    /// <summary>The mean of the absolute differences. torch.nn.functional.l1_loss.</summary>
    public static Tensor L1Loss(Tensor input, Tensor target) => L1Loss(input, target, Reduction.Mean);

    /// <summary>The absolute differences, reduced; the gradient where there is none is 0. torch.nn.functional.l1_loss.</summary>
    public static Tensor L1Loss(Tensor input, Tensor target, Reduction reduction) => Pointwise(new AbsoluteErrorOp(), input, target, reduction);

    /// <summary>The mean of d²/2 for differences below 1, |d| - 1/2 for larger ones. torch.nn.functional.smooth_l1_loss.</summary>
    public static Tensor SmoothL1Loss(Tensor input, Tensor target) => SmoothL1Loss(input, target, Reduction.Mean);

    /// <summary>d²/(2 beta) for differences below beta, |d| - beta/2 for larger ones. torch.nn.functional.smooth_l1_loss.</summary>
    /// <param name="input">What came out.</param>
    /// <param name="target">What should have come out.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <param name="beta">Where it becomes linear; 0 gives <see cref="L1Loss(Tensor, Tensor, Reduction)"/>.</param>
    public static Tensor SmoothL1Loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1)
    {
        Check.NotNegative("SmoothL1Loss", beta);
        return beta == 0 ? L1Loss(input, target, reduction) : Pointwise(new HuberOp(beta, 1), input, target, reduction);
    }

    /// <summary>The mean of d²/2 for differences up to 1, |d| - 1/2 for larger ones. torch.nn.functional.huber_loss.</summary>
    public static Tensor HuberLoss(Tensor input, Tensor target) => HuberLoss(input, target, Reduction.Mean);

    /// <summary>d²/2 for differences up to delta, delta (|d| - delta/2) for larger ones. torch.nn.functional.huber_loss.</summary>
    public static Tensor HuberLoss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double delta = 1)
    {
        Check.Positive("HuberLoss", delta);
        return Pointwise(new HuberOp(delta, delta), input, target, reduction);
    }
}

/// <summary>The absolute differences. torch.nn.L1Loss.</summary>
public partial class L1Loss(Reduction reduction = Reduction.Mean) : PointwiseLoss("L1Loss", reduction, Functional.L1Loss);

/// <summary>Squared differences below beta, absolute ones above. torch.nn.SmoothL1Loss.</summary>
public partial class SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1)
    : PointwiseLoss("SmoothL1Loss", reduction, (input, target, how) => Functional.SmoothL1Loss(input, target, how, beta));

/// <summary>Squared differences up to delta, absolute ones above. Huber 1964. torch.nn.HuberLoss.</summary>
public partial class HuberLoss(Reduction reduction = Reduction.Mean, double delta = 1)
    : PointwiseLoss("HuberLoss", reduction, (input, target, how) => Functional.HuberLoss(input, target, how, delta));
