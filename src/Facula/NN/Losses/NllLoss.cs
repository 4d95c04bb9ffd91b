namespace Facula.NN;

public static partial class Functional
{
    /// <summary>The mean of -input[target], of logarithms of probabilities and class labels. torch.nn.functional.nll_loss.</summary>
    public static Tensor NllLoss(Tensor input, Tensor target) => NllLoss(input, target, weight: null);

    /// <summary>-input[target]: the negative logarithm of the probability of the right class. torch.nn.functional.nll_loss.</summary>
    /// <param name="input">Logarithms of probabilities, such as <see cref="LogSoftmax"/> gives: [classes], [batch, classes] or [batch, classes, ...].</param>
    /// <param name="target">Integers of that shape without the classes.</param>
    /// <param name="weight">[classes]: how much each class counts, or null. The mean is weighted by it.</param>
    /// <param name="ignoreIndex">Rows with this label count nothing.</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    public static Tensor NllLoss(Tensor input, Tensor target, Tensor? weight = null, long ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        input = AutocastMode.Widen(input);
        CheckClasses("NllLoss", input, target, weight);
        if (target.DType.IsFloatingPoint)
            throw new ArgumentException($"NllLoss: labels are integers, not {target.DType.PyTorchName}; convert them with To(DType.Int64).");
        Tensor logs = ClassesLast(input), labels = target.To(DType.Int64).Flatten(), counts = labels != ignoreIndex;
        labels = Tensor.Where(counts, labels, labels.ZerosLike());
        Tensor shares = weight is null ? counts.To(logs.DType) : weight.To(logs.DType).IndexSelect(0, labels) * counts;
        Tensor losses = Tensor.Where(counts, -logs.Gather(1, labels.Unsqueeze(1)).Squeeze(1) * shares, logs.Detach().ZerosLike().Select(1, 0));
        return reduction switch
        {
            Reduction.None => losses.Reshape(target.Shape.AsSpan()),
            Reduction.Mean => losses.Sum() / shares.Sum(),
            _ => Reduce("NllLoss", losses, reduction),
        };
    }
}

/// <summary>The negative logarithm of the probability of the right class. torch.nn.NLLLoss.</summary>
public partial class NllLoss : Loss
{
    private readonly long _ignoreIndex;

    /// <summary>A loss; see <see cref="Functional.NllLoss(Tensor, Tensor, Tensor?, long, Reduction)"/>.</summary>
    public NllLoss(Tensor? weight = null, long ignoreIndex = -100, Reduction reduction = Reduction.Mean) : base("NLLLoss", reduction) =>
        (Weight, _ignoreIndex) = (weight?.Detach(), ignoreIndex);

    /// <summary>How much each class counts.</summary>
    [Buffer]
    public Tensor? Weight { get; set; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) => Functional.NllLoss(input, target, Weight, _ignoreIndex, Reduction);
}
