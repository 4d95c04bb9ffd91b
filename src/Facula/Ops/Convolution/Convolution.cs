using Facula.Backends;

namespace Facula;

// A convolution and the gradients of its input and of its weight: each is linear in two of input, weight and output, and its own gradients are the other two.

internal sealed class ConvolutionNode : FusedReluNode
{
    private readonly Window _window;
    private readonly int _groups;
    private readonly int[] _input, _weight;

    public ConvolutionNode(Tensor x, Tensor w, Tensor y, Window window, int groups, bool hasRelu)
        : base(hasRelu)
    {
        (_window, _groups, _input, _weight) = (window, groups, x.Layout.Shape, w.Layout.Shape);
        Save(w.RequiresGrad ? x : null, x.RequiresGrad ? w : null, hasRelu ? y : null);
    }

    public override string Name => "convolution";

    protected override void BackwardOfOperands(Tensor gradient, Gradients into)
    {
        if (into.Wants(0)) into[0] = Tensor.ConvolveInputGrad(gradient, B, _input, _window, _groups);
        bool wantsBias = into.Count > 2 && into.Wants(2);
        // One pass over the gradient serves both.
        Tensor? bias = wantsBias && into.Wants(1) && !into.CreateGraph && gradient.Count > 0 && A.Count > 0
            ? Tensor.Allocate(Layout.Contiguous([_weight[0]]), gradient.DType, gradient.Device) : null;
        if (into.Wants(1)) into[1] = Tensor.ConvolveWeightGrad(gradient, A, _weight, _window, _groups, bias);
        if (wantsBias) into[2] = bias ?? gradient.Sum([0, .. Enumerable.Range(2, gradient.Rank - 2)]);
    }
}

internal sealed class ConvolutionInputGradNode : Node
{
    private readonly Window _window;
    private readonly int _groups;
    private readonly int[] _output, _weight;

    public ConvolutionInputGradNode(Tensor g, Tensor w, Window window, int groups)
    {
        (_window, _groups, _output, _weight) = (window, groups, g.Layout.Shape, w.Layout.Shape);
        Save(w.RequiresGrad ? g : null, g.RequiresGrad ? w : null);
    }

    public override string Name => "convolutionTranspose";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (into.Wants(0)) into[0] = Tensor.Convolve(gradient, B, null, _window, _groups, space: _output.AsSpan(2));
        if (into.Wants(1)) into[1] = Tensor.ConvolveWeightGrad(A, gradient, _weight, _window, _groups);
    }
}

internal sealed class ConvolutionWeightGradNode : Node
{
    private readonly Window _window;
    private readonly int _groups;
    private readonly int[] _output, _input;

    public ConvolutionWeightGradNode(Tensor g, Tensor x, Window window, int groups)
    {
        (_window, _groups, _output, _input) = (window, groups, g.Layout.Shape, x.Layout.Shape);
        Save(x.RequiresGrad ? g : null, g.RequiresGrad ? x : null);
    }

    public override string Name => "convolutionWeightGrad";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (into.Wants(0)) into[0] = Tensor.Convolve(B, gradient, null, _window, _groups, space: _output.AsSpan(2));
        if (into.Wants(1)) into[1] = Tensor.ConvolveInputGrad(A, gradient, _input, _window, _groups);
    }
}

public partial class Tensor
{
    /// <summary>
    /// The convolution of x [n, c, space..] with w [k, c / groups, kernel..], whose shapes have been checked; with relu, its Relu.
    /// The sizes of the result are given where it is the gradient of what has these: x, made by a transposed convolution with much output padding, would
    /// hold more.
    /// </summary>
    internal static Tensor Convolve(Tensor x, Tensor w, Tensor? bias, Window window, int groups, bool relu = false, ReadOnlySpan<int> space = default)
    {
        int[] shape = new int[x.Rank];
        (shape[0], shape[1]) = (x.Layout.Shape[0], w.Layout.Shape[0]);
        for (int d = 0; d < window.Rank; d++)
        {
            shape[d + 2] = space.Length > 0 ? space[d]
                : Window.Places("Convolve", x.Layout.Shape[d + 2], window.Kernel[d], window.Stride[d], window.Padding[d], window.Dilation[d]);
        }
        Tensor y = Allocate(x.Device.Backend.ResultLayout(shape), x.DType, x.Device);
        if (y.Count > 0)
            x.Device.Backend.Convolution(x.Operand, w.Operand, y.Operand, window, groups, new(bias?.Operand, relu ? ActivationKind.Relu : ActivationKind.None));
        if (bias is null) return GradMode.Records(x, w) ? new ConvolutionNode(x, w, y, window, groups, relu).Record(y, x, w) : y;
        return GradMode.Records([x, w, bias]) ? new ConvolutionNode(x, w, y, window, groups, relu).Record(y, x, w, bias) : y;
    }

    /// <summary>The gradient of the input, of the given shape, of a convolution with w whose output has the gradient g.</summary>
    internal static Tensor ConvolveInputGrad(Tensor g, Tensor w, int[] shape, Window window, int groups)
    {
        Tensor x = Allocate(g.Device.Backend.ResultLayout(shape), g.DType, g.Device);
        if (g.Count == 0) x.FillInPlace(0);
        else g.Device.Backend.ConvolutionInputGrad(g.Operand, w.Operand, x.Operand, window, groups);
        return GradMode.Records(g, w) ? new ConvolutionInputGradNode(g, w, window, groups).Record(x, g, w) : x;
    }

    /// <summary>The gradient of the weight, of the given shape, of a convolution of x whose output has the gradient g; that of the bias is written, unrecorded,
    /// where it is given.</summary>
    internal static Tensor ConvolveWeightGrad(Tensor g, Tensor x, int[] shape, Window window, int groups, Tensor? bias = null)
    {
        Tensor w = Allocate(Layout.Contiguous(shape), g.DType, g.Device);
        if (g.Count == 0 || x.Count == 0) w.FillInPlace(0);
        else g.Device.Backend.ConvolutionWeightGrad(g.Operand, x.Operand, w.Operand, bias?.Operand, window, groups);
        return GradMode.Records(g, x) ? new ConvolutionWeightGradNode(g, x, window, groups).Record(w, g, x) : w;
    }
}
