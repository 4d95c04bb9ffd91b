using Facula.Backends;

namespace Facula;

internal sealed class MaxPoolNode : Node
{
    private readonly PoolPlan _plan;
    private readonly int[] _input;

    /// <summary>Keeps of the largest elements only where they stood.</summary>
    public MaxPoolNode(Tensor x, Tensor taps, PoolPlan plan)
    {
        (_plan, _input) = (plan, x.Layout.Shape);
        Save(taps);
    }

    public override string Name => "maxPool";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (into.CreateGraph)
        {
            Tensor places = Tensor.PoolIndices(A, _plan).Flatten(2), wanted = Tensor.Where(A == _plan.Nowhere, 0.0, gradient);
            Tensor zeros = Tensor.Zeros([_input[0], _input[1], (int)_plan.InputArea], gradient.DType, gradient.Device);
            into[0] = zeros.ScatterAdd(2, places, wanted.Flatten(2)).Reshape(_input);
            return;
        }
        Tensor result = Tensor.Allocate(gradient.Device.Backend.ResultLayout(_input), gradient.DType, gradient.Device);
        gradient.Device.Backend.MaxPoolGrad(gradient.Operand, A.Operand, result.Operand, _plan);
        into[0] = result;
    }
}

public partial class Tensor
{
    /// <summary>The largest elements of the windows of x [n, c, space..], of which the result has the given sizes; with relu, their Relu.
    /// Taps only where wanted or recorded.</summary>
    internal static (Tensor Y, Tensor? Taps) MaxPool(Tensor x, PoolPlan plan, ReadOnlySpan<int> space, bool wantsTaps, bool relu = false)
    {
        Layout layout = x.Device.Backend.ResultLayout([x.Layout.Shape[0], x.Layout.Shape[1], .. space]);
        bool records = GradMode.Records(x);
        Tensor y = Allocate(layout, x.DType, x.Device);
        Tensor? taps = records || wantsTaps ? Allocate(layout, plan.TapType, x.Device) : null;
        if (y.Count > 0) x.Device.Backend.MaxPool(x.Operand, y.Operand, taps?.Operand, plan, relu ? ActivationKind.Relu : ActivationKind.None);
        return (records ? new MaxPoolNode(x, taps!, plan).Record(y, x) : y, taps);
    }

    /// <summary>Where in its plane of the input each largest element stood, counted in row-major order; 0 where nowhere.</summary>
    internal static Tensor PoolIndices(Tensor taps, PoolPlan plan)
    {
        Tensor starts = Table(taps.Device, (plan, "starts"), static key => Starts(key.plan)),
            steps = Table(taps.Device, (plan, "steps"), static key => Steps(key.plan));
        Tensor whole = taps.To(DType.Int64), nowhere = whole == plan.Nowhere, zero = 0L;
        Tensor inside = steps.IndexSelect(0, Where(nowhere, zero, whole).Flatten()).Reshape(taps.Shape);
        return Where(nowhere, zero, inside + starts.Reshape(taps.Layout.Shape[2..]));
    }

    /// <summary>Where in its plane each window's kernel begins.</summary>
    private static long[] Starts(PoolPlan plan)
    {
        (PoolTable depth, PoolTable height, PoolTable width) = (plan.Depth, plan.Height, plan.Width);
        var starts = new long[plan.OutputArea];
        for (int i = 0; i < starts.Length; i++)
        {
            int w = i % width.Output, h = i / width.Output % height.Output, d = i / width.Output / height.Output;
            starts[i] = (Start(depth, d) * height.Input + Start(height, h)) * width.Input + Start(width, w);
        }
        return starts;

        static long Start(PoolTable axis, int o) => axis.First[o] - (long)axis.Skip[o] * axis.Step;
    }

    /// <summary>How far from there each element of the kernel is.</summary>
    private static long[] Steps(PoolPlan plan)
    {
        (PoolAxis depth, PoolAxis height, PoolAxis width) = (plan.DepthAxis, plan.HeightAxis, plan.WidthAxis);
        var steps = new long[plan.Taps];
        for (int tap = 0; tap < steps.Length; tap++)
        {
            int w = tap % width.Kernel, h = tap / width.Kernel % height.Kernel, d = tap / width.Kernel / height.Kernel;
            steps[tap] = ((long)d * depth.Dilation * height.Input + h * height.Dilation) * width.Input + w * width.Dilation;
        }
        return steps;
    }
}
