using Facula.Backends;

namespace Facula.NN;

internal sealed class LinearNode : FusedReluNode
{
    // What only a gradient nobody wants would need is not kept.
    public LinearNode(Tensor input, Tensor weight, Tensor result, bool hasRelu)
        : base(hasRelu) => Save(weight.RequiresGrad ? input : null, input.RequiresGrad ? weight : null, hasRelu ? result : null);

    public override string Name => "linear";

    protected override void BackwardOfOperands(Tensor gradient, Gradients into)
    {
        if (into.Wants(0)) into[0] = gradient.MatMul(B);
        Tensor rows = Rows(gradient);
        if (into.Wants(1)) into[1] = Tensor.Product(rows.T, Rows(A));
        if (into.Count > 2 && into.Wants(2)) into[2] = rows.Sum(0);
    }

    private static Tensor Rows(Tensor x) => x.Rank switch
    {
        2 => x,
        1 => x.Unsqueeze(0),
        _ => x.Flatten(0, -2),
    };
}

public static partial class Functional
{
    /// <summary>input @ weightᵀ + bias. torch.nn.functional.linear.</summary>
    /// <param name="input">[..., in_features].</param>
    /// <param name="weight">[out_features, in_features], or [in_features] for a single output without a dimension of its own.</param>
    /// <param name="bias">[out_features], or [] for such a weight, or null for none.</param>
    /// <returns>[..., out_features], or [...].</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or types or devices differ.</exception>
    public static Tensor Linear(Tensor input, Tensor weight, Tensor? bias = null) => Linear(input, weight, bias, relu: false);

    /// <summary>The same, or its Relu.</summary>
    internal static Tensor Linear(Tensor input, Tensor weight, Tensor? bias, bool relu)
    {
        if (AutocastMode.IsOn) (input, weight, bias) = Narrow(input, weight, bias);
        CheckLinear(input, weight, bias);
        if (weight.Rank == 1) return OfVector(input, weight, bias, relu);
        int[] shape = input.Layout.Shape;
        int inner = weight.Layout.Shape[1], outer = weight.Layout.Shape[0];
        bool isMatrix = shape.Length == 2;
        Layout y, yRows, xRows;
        if (isMatrix)
        {
            y = yRows = Layout.Contiguous([shape[0], outer]);
            xRows = input.Layout;
        }
        else
        {
            int rows = 1;
            foreach (int size in shape.AsSpan(..^1)) rows = Check.Size("Linear", (long)rows * size, "the number of rows, all leading dimensions together,");
            if (input.Layout.Reshape([rows, inner]) is null) input = input.Contiguous();
            xRows = input.Layout.Reshape([rows, inner])!;
            y = Layout.Contiguous([.. shape.AsSpan(..^1), outer]);
            yRows = Layout.Contiguous([rows, outer]);
        }
        Tensor result = Tensor.Allocate(y, input.DType, input.Device);
        input.Device.Backend.MatMul(input.Operand.With(xRows), weight.Operand.With(weight.Layout.Transpose(0, 1)), result.Operand.With(yRows), 1, 0,
            new(bias?.Operand, relu ? ActivationKind.Relu : ActivationKind.None));
        if (bias is null) return GradMode.Records(input, weight) ? new LinearNode(input, weight, result, relu).Record(result, input, weight) : result;
        return GradMode.Records([input, weight, bias]) ? new LinearNode(input, weight, result, relu).Record(result, input, weight, bias) : result;
    }

    /// <summary>With a weight of one row, without the dimension that it would make.</summary>
    private static Tensor OfVector(Tensor input, Tensor weight, Tensor? bias, bool relu)
    {
        Tensor y = input.MatMul(weight);
        if (bias is not null) y = y + bias;
        return relu ? y.Relu() : y;
    }

    /// <summary>The operands of a product in the type that <see cref="Autograd.Autocast"/> wants.</summary>
    private static (Tensor Input, Tensor Weight, Tensor? Bias) Narrow(Tensor input, Tensor weight, Tensor? bias) =>
        (AutocastMode.Narrow(input), AutocastMode.Narrow(weight), bias is null ? null : AutocastMode.Narrow(bias));

    private static void CheckLinear(Tensor input, Tensor weight, Tensor? bias)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weight);
        Check.SameDevice("Linear", input, weight);
        if (bias is not null) Check.SameDevice("Linear", weight, bias);
        Check.SameType("Linear", input, weight, bias);
        if (weight.Rank is not (1 or 2) || input.Rank == 0 || input.Layout.Shape[^1] != weight.Layout.Shape[^1])
        {
            throw new ArgumentException($"Linear: an input of shape {input.Shape} does not fit a weight of shape {weight.Shape}: the last size of the input " +
                "must be in_features, the last of the weight. Flatten images first.");
        }
        if (bias is not null && weight.Rank == 1 && bias.Rank != 0)
            throw new ArgumentException($"Linear: a bias of shape {bias.Shape} does not fit a weight of shape {weight.Shape}, which has a single one, " +
                "of shape [].");
        if (bias is not null && weight.Rank == 2 && (bias.Rank != 1 || bias.Layout.Shape[0] != weight.Layout.Shape[0]))
            throw new ArgumentException($"Linear: a bias of shape {bias.Shape} does not fit a weight of shape {weight.Shape}: " +
                "it needs one element for each row.");
    }
}
