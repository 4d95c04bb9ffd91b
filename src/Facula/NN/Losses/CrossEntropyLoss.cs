using Facula.Backends;

namespace Facula.NN;

public static partial class Functional
{
    /// <summary>The mean cross-entropy of logits and class labels or probabilities. torch.nn.functional.cross_entropy.</summary>
    /// <param name="input">Logits: [classes], [batch, classes] or [batch, classes, ...].</param>
    /// <param name="target">Integers of that shape without the classes, or probabilities of that shape.</param>
    public static Tensor CrossEntropy(Tensor input, Tensor target) => CrossEntropy(input, target, weight: null);

    /// <summary>
    /// -log softmax(input)[target]: how little the right class was expected, from what a network gives before softmax. torch.nn.functional.cross_entropy.
    /// </summary>
    /// <param name="input">Logits: [classes], [batch, classes] or [batch, classes, ...].</param>
    /// <param name="target">Integers of that shape without the classes, or probabilities of that shape.</param>
    /// <param name="weight">[classes]: how much each class counts, or null. The mean is weighted by it.</param>
    /// <param name="ignoreIndex">Rows with this label count nothing.</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    /// <param name="labelSmoothing">How much of a target, in [0, 1], is spread over all classes (Szegedy et al. 2015, arXiv:1512.00567).</param>
    /// <returns>A single number; of <see cref="Reduction.None"/> the shape of the input without the classes.</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class.</exception>
    public static Tensor CrossEntropy(Tensor input, Tensor target, Tensor? weight = null, long ignoreIndex = -100, Reduction reduction = Reduction.Mean,
        double labelSmoothing = 0)
    {
        input = AutocastMode.Widen(input);
        CheckClasses("CrossEntropy", input, target, weight);
        Check.Fraction("CrossEntropy", labelSmoothing);
        if (reduction is not (Reduction.None or Reduction.Mean or Reduction.Sum))
            throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "CrossEntropy: use None, Mean or Sum.");
        if (target.DType.IsFloatingPoint) return OfProbabilities(input, target, weight, reduction, labelSmoothing);

        Tensor logits = ClassesLast(input), labels = target.To(DType.Int64).Flatten();
        (Tensor losses, Tensor total) = Tensor.CrossEntropyLosses(logits, labels, weight, new(ignoreIndex, labelSmoothing));
        return reduction switch
        {
            Reduction.None => target.Rank == 1 ? losses : losses.Reshape(target.Shape.AsSpan()),
            Reduction.Sum => losses.Sum(),
            _ => losses.Sum() / total.To(logits.DType),
        };
    }

    private static Tensor OfProbabilities(Tensor input, Tensor target, Tensor? weight, Reduction reduction, double labelSmoothing)
    {
        int dim = ClassDim(input), classes = input.Size(dim);
        if (labelSmoothing > 0) target = target * (1 - labelSmoothing) + labelSmoothing / classes;
        Tensor terms = input.LogSoftmax(dim) * target;
        if (weight is not null) terms = terms * AlongClasses(weight, input);
        Tensor losses = -terms.Sum(dim);
        return Reduce("CrossEntropy", losses, reduction);
    }

    private static int ClassDim(Tensor input) => input.Rank == 1 ? 0 : 1;

    /// <summary>One number a class, shaped to multiply the input.</summary>
    private static Tensor AlongClasses(Tensor weight, Tensor input)
    {
        var shape = new int[input.Rank];
        Array.Fill(shape, 1);
        shape[ClassDim(input)] = -1;
        return weight.Reshape(shape);
    }

    /// <summary>[n, classes], from [classes] or [batch, classes, ...].</summary>
    private static Tensor ClassesLast(Tensor input)
    {
        if (input.Rank == 2) return input;
        if (input.Rank == 1) return input.Unsqueeze(0);
        int[] order = [0, .. Enumerable.Range(2, input.Rank - 2), 1];
        return input.Permute(order).Flatten(0, -2);
    }

    private static void CheckClasses(string operation, Tensor input, Tensor target, Tensor? weight)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(target);
        Check.SameDevice(operation, input, target);
        Check.Floating(operation, input);
        if (input.Rank == 0) throw new ArgumentException($"{operation}: the input is a single number; it needs one for each class.");
        if (target.DType.IsFloatingPoint)
        {
            if (!target.Layout.SameShape(input.Layout))
                throw new ArgumentException($"{operation}: probabilities need the shape of the input, {input.Shape}, but have {target.Shape}. " +
                    "Labels are integers: To(DType.Int64).");
        }
        else
        {
            if (target.DType == DType.Bool) throw new ArgumentException($"{operation}: labels are integers, not bool; convert them with To(DType.Int64).");
            ReadOnlySpan<int> shape = input.Shape.AsSpan();
            int[] expected = input.Rank == 1 ? [] : [shape[0], .. shape[2..]];
            if (!target.Shape.AsSpan().SequenceEqual(expected))
            {
                throw new ArgumentException($"{operation}: labels for an input of shape {input.Shape} need the shape {new Shape(expected)}, one for each row " +
                    $"of classes, but have {target.Shape}.");
            }
        }
        int classes = input.Size(ClassDim(input));
        if (weight is null) return;
        Check.SameDevice(operation, input, weight);
        if (weight.Rank != 1 || weight.Size(0) != classes)
            throw new ArgumentException($"{operation}: the weight needs the shape [{classes}], one for each class, but has {weight.Shape}.");
    }
}

/// <summary>Cross-entropy of logits and class labels or probabilities. torch.nn.CrossEntropyLoss.</summary>
public partial class CrossEntropyLoss : Loss
{
    private readonly long _ignoreIndex;
    private readonly double _labelSmoothing;

    /// <summary>A loss; see <see cref="Functional.CrossEntropy(Tensor, Tensor, Tensor?, long, Reduction, double)"/>.</summary>
    public CrossEntropyLoss(Tensor? weight = null, long ignoreIndex = -100, Reduction reduction = Reduction.Mean, double labelSmoothing = 0)
        : base("CrossEntropyLoss", reduction) =>
        (Weight, _ignoreIndex, _labelSmoothing) = (weight?.Detach(), ignoreIndex, Check.Fraction("CrossEntropyLoss", labelSmoothing));

    /// <summary>How much each class counts.</summary>
    [Buffer]
    public Tensor? Weight { get; set; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) => Functional.CrossEntropy(input, target, Weight, _ignoreIndex, Reduction, _labelSmoothing);
}
