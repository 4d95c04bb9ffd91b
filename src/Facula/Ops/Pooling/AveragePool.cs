using Facula.Backends;

namespace Facula;

// The averages of windows, and their gradient: each is linear, and the gradient of the other.

internal sealed class AveragePoolNode(PoolPlan plan, int[] input) : Node
{
    public override string Name => "averagePool";

    protected override void Backward(Tensor gradient, Gradients into) => into[0] = Tensor.AveragePoolGrad(gradient, plan, input);
}

internal sealed class AveragePoolGradNode(PoolPlan plan, int[] space) : Node
{
    public override string Name => "averagePoolGrad";

    protected override void Backward(Tensor gradient, Gradients into) => into[0] = Tensor.AveragePool(gradient, plan, space);
}

public partial class Tensor
{
    /// <summary>The averages of the windows of x [n, c, space..], of which the result has the given sizes.</summary>
    internal static Tensor AveragePool(Tensor x, PoolPlan plan, int[] space)
    {
        Tensor y = Allocate(x.Device.Backend.ResultLayout([x.Layout.Shape[0], x.Layout.Shape[1], .. space]), x.DType, x.Device);
        if (y.Count > 0) x.Device.Backend.AveragePool(x.Operand, y.Operand, plan);
        return GradMode.Records(x) ? new AveragePoolNode(plan, x.Layout.Shape).Record(y, x) : y;
    }

    /// <summary>The gradient of the input, of the given shape, of a pooling whose output has the gradient g.</summary>
    internal static Tensor AveragePoolGrad(Tensor g, PoolPlan plan, int[] shape)
    {
        Tensor x = Allocate(g.Device.Backend.ResultLayout(shape), g.DType, g.Device);
        if (x.Count > 0 && g.Count == 0) x.ZeroInPlace();
        else if (x.Count > 0) g.Device.Backend.AveragePoolGrad(g.Operand, x.Operand, plan);
        return GradMode.Records(g) ? new AveragePoolGradNode(plan, g.Layout.Shape[2..]).Record(x, g) : x;
    }
}
