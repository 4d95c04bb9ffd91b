using Facula.Backends;

namespace Facula.NN;

public static partial class Functional
{
    /// <summary>What a sliding window reads of an input of shape [n, c, space..], and the sizes of what it gives; caller is the function's name or the layer,
    /// for error messages.</summary>
    private static (PoolPlan Plan, int[] Space) SlidingPlan(object caller, int rank, Tensor input, SpatialSize kernel, SpatialSize stride, SpatialSize padding,
        SpatialSize dilation, bool ceilMode, bool countsPadding = false, int? divisor = null)
    {
        string name = caller as string ?? caller.GetType().Name;
        int[] kernels = kernel.Of(rank, name, "kernelSize", 1), strides = stride.IsGiven ? stride.Of(rank, name, "stride", 1) : kernels;
        int[] pads = (padding.IsGiven ? padding : 0).Of(rank, name, "padding", 0), steps = (dilation.IsGiven ? dilation : 1).Of(rank, name, "dilation", 1);
        var axes = new PoolAxis[rank];
        var space = new int[rank];
        for (int d = 0; d < rank; d++)
        {
            int size = input.Layout.Shape[d + 2];
            if (pads[d] > kernels[d] / 2)
            {
                throw new ArgumentException($"{caller}: a padding of {pads[d]} does not fit a kernel of size {kernels[d]}: it may be at most half of that, " +
                    "or windows would lie outside the input.", nameof(padding));
            }
            space[d] = Window.Places(caller, size, kernels[d], strides[d], pads[d], steps[d], ceilMode);
            if (space[d] == 0)
            {
                throw new ArgumentException($"{caller}: an input of shape {input.Shape} is too small: the kernel spans {Window.SpanOf(kernels[d], steps[d])} " +
                    $"elements of dimension {d + 2}, which has {size + 2 * pads[d]} with its padding. Use a larger input, more padding, or a smaller kernel.");
            }
            axes[d] = PoolAxis.Sliding(size, space[d], kernels[d], strides[d], pads[d], steps[d], countsPadding);
        }
        return (PoolPlan.Of(axes, divisor), space);
    }

    /// <summary>What windows read that divide an input of shape [n, c, space..] evenly; -1 stands for the size of the input.</summary>
    private static (PoolPlan Plan, int[] Space) AdaptivePlan(object caller, int rank, Tensor input, SpatialSize outputSize)
    {
        string name = caller as string ?? caller.GetType().Name;
        int[] space = outputSize.Of(rank, name, "outputSize", -1);
        var axes = new PoolAxis[rank];
        for (int d = 0; d < rank; d++)
        {
            int size = input.Layout.Shape[d + 2];
            if (space[d] < 0) space[d] = size;
            axes[d] = PoolAxis.Adaptive(size, space[d]);
        }
        return (PoolPlan.Of(axes), space);
    }

    /// <summary>Gives an input of shape [c, space..] a dimension of samples in front; says what does not fit.</summary>
    private static Tensor CheckPool(object caller, int rank, Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Floating(caller as string ?? caller.GetType().Name, input);
        string space = rank switch { 1 => "length", 2 => "height, width", _ => "depth, height, width" };
        if (input.Rank != rank + 2 && input.Rank != rank + 1)
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} does not fit: it must be [n, channels, {space}] or [channels, {space}].");
        Tensor batched = input.Rank == rank + 1 ? input.Unsqueeze(0) : input;
        for (int d = 1; d < rank + 2; d++)
        {
            if (batched.Layout.Shape[d] == 0)
                throw new ArgumentException($"{caller}: an input of shape {input.Shape} does not fit: only the number of samples may be 0.");
        }
        return batched;
    }

    private static Tensor Unbatch(Tensor result, Tensor batched, Tensor input) => ReferenceEquals(batched, input) ? result : result.Squeeze(0);
}
