using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.NN;

/// <summary>-(b log a + (1 - b) log(1 - a)), the logarithms no less than -100, so that certain and wrong is bad but finite.</summary>
internal readonly struct BinaryCrossEntropyOp : IBinaryOp
{
    public static string Name => "BinaryCrossEntropy";
    public static ResultKind Result => ResultKind.Float;

    public T Forward<T>(T a, T b) where T : INum<T> => (b - T.One) * Log(T.One - a) - b * Log(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T GradA<T>(T g, T a, T b) where T : INum<T> => g * (a - b) / T.Max((T.One - a) * a, T.Const(1e-12));

    public T GradB<T>(T g, T a, T b) where T : INum<T> => g * (Log(T.One - a) - Log(a));

    private static T Log<T>(T a) where T : INum<T> => T.Max(T.Log(a), T.Const(-100));
}

/// <summary>The same of a's logit: max(a, 0) - a b + log(1 + e^-|a|), which does not overflow.</summary>
internal readonly struct BinaryCrossEntropyWithLogitsOp : IBinaryOp
{
    public static string Name => "BinaryCrossEntropyWithLogits";
    public static ResultKind Result => ResultKind.Float;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b) where T : INum<T> => T.Max(a, T.Zero) - a * b + T.Log1p(T.Exp(-T.Abs(a)));
    public T GradA<T>(T g, T a, T b) where T : INum<T> => g * (T.Sigmoid(a) - b);
    public T GradB<T>(T g, T a, T b) where T : INum<T> => -g * a;
}

public static partial class Functional
{
    /// <summary>The mean cross-entropy of two classes, of probabilities. torch.nn.functional.binary_cross_entropy.</summary>
    public static Tensor BinaryCrossEntropy(Tensor input, Tensor target) => BinaryCrossEntropy(input, target, weight: null);

    /// <summary>Cross-entropy of two classes, of probabilities. torch.nn.functional.binary_cross_entropy.</summary>
    /// <param name="input">Probabilities, in [0, 1]; logarithms are kept at -100 or above.</param>
    /// <param name="target">Probabilities of the same shape.</param>
    /// <param name="weight">What each loss is multiplied by; broadcasts to the losses.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <exception cref="ArgumentException">An element of the input or the target is outside [0, 1] or NaN, or shapes or types do not fit.</exception>
    public static Tensor BinaryCrossEntropy(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Floating(BinaryCrossEntropyOp.Name, input);
        ArgumentNullException.ThrowIfNull(target);
        Check.Probabilities(BinaryCrossEntropyOp.Name, input, "the input");
        Check.Probabilities(BinaryCrossEntropyOp.Name, target, "the target");
        return Weighted(new BinaryCrossEntropyOp(), input, target, weight, reduction);
    }

    /// <summary>The mean cross-entropy of two classes, of logits. torch.nn.functional.binary_cross_entropy_with_logits.</summary>
    public static Tensor BinaryCrossEntropyWithLogits(Tensor input, Tensor target) => BinaryCrossEntropyWithLogits(input, target, weight: null);

    /// <summary>Cross-entropy of two classes, of logits, which is more exact than that of their sigmoid.
    /// torch.nn.functional.binary_cross_entropy_with_logits.</summary>
    /// <param name="input">Logits: what the sigmoid has not yet been taken of.</param>
    /// <param name="target">Probabilities of the same shape.</param>
    /// <param name="weight">What each loss is multiplied by; broadcasts to the losses.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <param name="posWeight">What the losses of positive examples are multiplied by, e.g. one number for each column.</param>
    public static Tensor BinaryCrossEntropyWithLogits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean,
        Tensor? posWeight = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Floating(BinaryCrossEntropyWithLogitsOp.Name, input);
        if (posWeight is null) return Weighted(new BinaryCrossEntropyWithLogitsOp(), input, target, weight, reduction);
        CheckPair(BinaryCrossEntropyWithLogitsOp.Name, input, target);
        (input, target) = (AutocastMode.Widen(input), AutocastMode.Widen(target));
        Tensor losses = (1 - target) * input - ((posWeight - 1) * target + 1) * input.LogSigmoid();
        return Reduce(BinaryCrossEntropyWithLogitsOp.Name, weight is null ? losses : losses * weight, reduction);
    }

    private static Tensor Weighted<TOp>(TOp op, Tensor input, Tensor target, Tensor? weight, Reduction reduction) where TOp : struct, IBinaryOp =>
        weight is null ? Pointwise(op, input, target, reduction) : Reduce(TOp.Name, Pointwise(op, input, target, Reduction.None) * weight, reduction);
}

/// <summary>Cross-entropy of two classes, of probabilities. torch.nn.BCELoss.</summary>
public partial class BinaryCrossEntropyLoss : Loss
{
    /// <summary>A loss; see <see cref="Functional.BinaryCrossEntropy(Tensor, Tensor, Tensor?, Reduction)"/>.</summary>
    public BinaryCrossEntropyLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : base("BCELoss", reduction) => Weight = weight?.Detach();

    /// <summary>What each loss is multiplied by.</summary>
    [Buffer]
    public Tensor? Weight { get; set; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) => Functional.BinaryCrossEntropy(input, target, Weight, Reduction);
}

/// <summary>Cross-entropy of two classes, of logits. torch.nn.BCEWithLogitsLoss.</summary>
public partial class BinaryCrossEntropyWithLogitsLoss : Loss
{
    /// <summary>A loss; see <see cref="Functional.BinaryCrossEntropyWithLogits(Tensor, Tensor, Tensor?, Reduction, Tensor?)"/>.</summary>
    public BinaryCrossEntropyWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? posWeight = null)
        : base("BCEWithLogitsLoss", reduction) => (Weight, PosWeight) = (weight?.Detach(), posWeight?.Detach());

    /// <summary>What each loss is multiplied by.</summary>
    [Buffer]
    public Tensor? Weight { get; set; }

    /// <summary>What the losses of positive examples are multiplied by.</summary>
    [Buffer]
    public Tensor? PosWeight { get; set; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) => Functional.BinaryCrossEntropyWithLogits(input, target, Weight, Reduction, PosWeight);
}
