namespace Facula;

/// <summary>An operation of two saved operands that may have rectified its result while it had it at hand; if so it has saved that as its third,
/// which masks the gradient.</summary>
internal abstract class RectifiedNode(bool rectified) : Node
{
    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (!rectified)
        {
            Spread(gradient, into);
            return;
        }
        var relu = new ReluOp();
        if (into.CreateGraph)
        {
            Spread(relu.Grad(gradient, null!, C), into);
            return;
        }
        using Tensor masked = Tensor.GradOf(relu, gradient, C);
        Spread(masked, into);
    }

    /// <summary>The gradients of the operands, given that of the result before it was rectified.</summary>
    protected abstract void Spread(Tensor gradient, Gradients into);
}
