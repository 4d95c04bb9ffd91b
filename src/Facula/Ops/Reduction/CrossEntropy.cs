using Facula.Backends;

namespace Facula;

internal sealed class CrossEntropyNode : Node
{
    private readonly CrossEntropyOptions _options;
    private readonly bool _isWeighted;

    public CrossEntropyNode(Tensor logits, Tensor labels, Tensor? weights, Tensor norms, in CrossEntropyOptions options)
    {
        Save(logits, labels);
        SaveMore(norms, weights);
        (_options, _isWeighted) = (options, weights is not null);
    }

    public override string Name => "crossEntropy";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        Tensor logits = A, labels = B;
        Tensor? weights = _isWeighted ? More(1) : null;
        if (into.CreateGraph)
        {
            into[0] = Composite(gradient, logits, labels, weights);
            return;
        }
        Tensor result = Tensor.Allocate(logits.Layout, logits.DType, logits.Device);
        logits.Device.Backend.CrossEntropyGrad(gradient.Operand, logits.Operand, labels.Operand, weights?.Operand, _options, More(0).Operand, result.Operand);
        into[0] = result;
    }

    /// <summary>The same out of operations that can be differentiated again.</summary>
    private Tensor Composite(Tensor gradient, Tensor logits, Tensor labels, Tensor? weights)
    {
        int classes = logits.Layout.Shape[1];
        Tensor label = labels.Unsqueeze(1), hot = label == Tensor.Iota([classes], 0, logits.Device);
        Tensor zero = 0.0, one = 1.0;
        Tensor own = (weights is null ? Tensor.Where(hot, one, zero) : Tensor.Where(hot, weights, zero)).To(logits.DType) * (1 - _options.LabelSmoothing);
        double each = _options.LabelSmoothing / classes;
        Tensor shares = logits.Softmax(1), slope = shares * own.Sum(1, keepDim: true) - own;
        if (each > 0) slope += weights is null ? shares * _options.LabelSmoothing - each : (shares * weights.Sum() - weights) * each;
        return Tensor.Where(label == _options.IgnoreIndex, zero, slope * gradient.Unsqueeze(1));
    }
}

public partial class Tensor
{
    /// <summary>
    /// The cross-entropy of each row of logits [n, c] and its class label [n]: -log softmax(logits)[label], times the class's weight,
    /// mixed with the mean over all classes where labels are smoothed; 0 for rows to ignore. Recorded; backward is one fused pass. The mean as PyTorch
    /// takes it is the sum of the losses divided by the total weight.
    /// </summary>
    /// <returns>The losses [n], in the type of the logits, and the sum of the weights of the labels that counted, a single number that carries
    /// no gradient.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A label is neither a class nor the one to ignore.</exception>
    internal static (Tensor Losses, Tensor TotalWeight) CrossEntropyLosses(Tensor logits, Tensor labels, Tensor? weights, in CrossEntropyOptions options)
    {
        const string Name = "crossEntropy";
        CheckOperands(Name, logits, labels);
        Check.Floating(Name, logits);
        if (logits.Rank != 2 || labels.Rank != 1 || logits.Layout.Shape[0] != labels.Layout.Shape[0])
            throw new ArgumentException($"{Name}: needs logits [n, c] and labels [n], but their shapes are {logits.Shape} and {labels.Shape}.");
        if (!labels.DType.IsInteger)
            throw new ArgumentException($"{Name}: labels are class numbers, so of an integer type, but these are {labels.DType.PyTorchName}; " +
                "convert them with To(DType.Int64).");
        if (weights is not null)
        {
            Check.SameDevice(Name, logits, weights);
            if (weights.Rank != 1 || weights.Layout.Shape[0] != logits.Layout.Shape[1])
                throw new ArgumentException($"{Name}: needs one weight for each of {logits.Layout.Shape[1]} classes, but the weights have " +
                    $"shape {weights.Shape}.");
        }
        Check.Fraction(Name, options.LabelSmoothing);

        Tensor losses = Allocate(labels.Layout, logits.DType, logits.Device), total = Allocate(Layout.Scalar, logits.DType.Compute, logits.Device);
        Tensor norms = Allocate(labels.Layout, DType.Float64, logits.Device);
        logits.Device.Backend.CrossEntropy(logits.Operand, labels.Operand, weights?.Operand, options, losses.Operand, norms.Operand, total.Operand);
        if (GradMode.Records(logits)) new CrossEntropyNode(logits, labels, weights, norms, options).Record(losses, logits);
        norms.Dispose();
        return (losses, total);
    }
}
