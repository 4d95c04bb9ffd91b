using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.NN;

/// <summary>b (log b - a), 0 where b is 0.</summary>
internal readonly struct KlDivOp : IBinaryOp
{
    public static string Name => "KlDiv";
    public static ResultKind Result => ResultKind.Float;
    public T Forward<T>(T a, T b) where T : INum<T> => T.Select(T.Equal(b, T.Zero), T.Zero, b * (T.Log(b) - a));
    public T GradA<T>(T g, T a, T b) where T : INum<T> => -g * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T GradB<T>(T g, T a, T b) where T : INum<T> => T.Select(T.Equal(b, T.Zero), T.Zero, g * (T.Log(b) + T.One - a));
}

/// <summary>The same of b's logarithm.</summary>
internal readonly struct KlDivOfLogOp : IBinaryOp
{
    public static string Name => KlDivOp.Name;
    public static ResultKind Result => ResultKind.Float;
    public T Forward<T>(T a, T b) where T : INum<T> => T.Exp(b) * (b - a);
    public T GradA<T>(T g, T a, T b) where T : INum<T> => -g * T.Exp(b);
    public T GradB<T>(T g, T a, T b) where T : INum<T> => g * T.Exp(b) * (b - a + T.One);
}

public static partial class Functional
{
    /// <summary>The mean Kullback-Leibler divergence of logarithms of probabilities from probabilities. torch.nn.functional.kl_div.</summary>
    public static Tensor KlDiv(Tensor input, Tensor target) => KlDiv(input, target, Reduction.Mean);

    /// <summary>
    /// target (log target - input): how far the distribution of the target is from that of the input (Kullback and Leibler 1951). torch.nn.functional.kl_div.
    /// </summary>
    /// <param name="input">Logarithms of probabilities.</param>
    /// <param name="target">Probabilities, or their logarithms.</param>
    /// <param name="reduction"><see cref="Reduction.BatchMean"/> is the divergence itself; Mean divides by the number of elements.</param>
    /// <param name="logTarget">Whether the target holds logarithms.</param>
    public static Tensor KlDiv(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, bool logTarget = false)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Floating(KlDivOp.Name, input);
        return logTarget ? Pointwise(new KlDivOfLogOp(), input, target, reduction) : Pointwise(new KlDivOp(), input, target, reduction);
    }
}

/// <summary>The Kullback-Leibler divergence of logarithms of probabilities from a target. torch.nn.KLDivLoss.</summary>
public partial class KlDivLoss(Reduction reduction = Reduction.Mean, bool logTarget = false)
    : PointwiseLoss("KLDivLoss", reduction, (input, target, how) => Functional.KlDiv(input, target, how, logTarget));
