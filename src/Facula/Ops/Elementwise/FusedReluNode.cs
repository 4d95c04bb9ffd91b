namespace Facula;

/// <summary>
/// An operation of two saved operands whose kernel may have applied ReLU as its epilogue;
/// then the result is saved as the third tensor, which masks the gradient.
/// </summary>
internal abstract class FusedReluNode(bool hasRelu) : Node
{
    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (!hasRelu)
        {
            BackwardOfOperands(gradient, into);
            return;
        }
        var relu = new ReluOp();
        if (into.CreateGraph)
        {
            BackwardOfOperands(relu.Grad(gradient, null!, C), into);
            return;
        }
        using Tensor masked = Tensor.GradOf(relu, gradient, C);
        BackwardOfOperands(masked, into);
    }

    /// <summary>The gradients of the operands, given that of the result before ReLU.</summary>
    protected abstract void BackwardOfOperands(Tensor gradient, Gradients into);
}
