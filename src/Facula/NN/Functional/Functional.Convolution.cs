using Facula.Backends;

namespace Facula.NN;

public static partial class Functional
{
    /// <summary>Slides each kernel along sequences and sums the products (a cross-correlation). torch.nn.functional.conv1d.</summary>
    /// <param name="input">[n, channels, length], or [channels, length].</param>
    /// <param name="weight">[outChannels, channels / groups, kernel].</param>
    /// <param name="bias">[outChannels], or null for none.</param>
    /// <param name="stride">Steps between positions; 1 if left out.</param>
    /// <param name="padding">Zeros at both ends.</param>
    /// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
    /// <param name="groups">Parts into which channels are cut, each with kernels of its own.</param>
    /// <returns>[n, outChannels, (length + 2 padding - dilation (kernel - 1) - 1) / stride + 1], or without n.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or types or devices differ.</exception>
    public static Tensor Conv1d(Tensor input, Tensor weight, Tensor? bias = null, SpatialSize stride = default, Padding padding = default,
        SpatialSize dilation = default, int groups = 1) =>
        Convolution("Conv1d", 1, input, weight, bias, stride, padding, dilation, groups);

    /// <summary>Slides each kernel over images and sums the products (a cross-correlation). torch.nn.functional.conv2d.</summary>
    /// <param name="input">[n, channels, height, width], or [channels, height, width].</param>
    /// <param name="weight">[outChannels, channels / groups, kernelHeight, kernelWidth].</param>
    /// <param name="bias">[outChannels], or null for none.</param>
    /// <param name="stride">Steps between positions; 1 if left out.</param>
    /// <param name="padding">Zeros on all sides.</param>
    /// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
    /// <param name="groups">Parts into which channels are cut, each with kernels of its own.</param>
    /// <returns>[n, outChannels, height', width'], or without n; height' is (height + 2 padding - dilation (kernelHeight - 1) - 1) / stride + 1.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or types or devices differ.</exception>
    public static Tensor Conv2d(Tensor input, Tensor weight, Tensor? bias = null, SpatialSize stride = default, Padding padding = default,
        SpatialSize dilation = default, int groups = 1) =>
        Convolution("Conv2d", 2, input, weight, bias, stride, padding, dilation, groups);

    /// <summary>Slides each kernel through volumes and sums the products (a cross-correlation). torch.nn.functional.conv3d.</summary>
    /// <param name="input">[n, channels, depth, height, width], or without n.</param>
    /// <param name="weight">[outChannels, channels / groups, kernelDepth, kernelHeight, kernelWidth].</param>
    /// <param name="bias">[outChannels], or null for none.</param>
    /// <param name="stride">Steps between positions; 1 if left out.</param>
    /// <param name="padding">Zeros on all sides.</param>
    /// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
    /// <param name="groups">Parts into which channels are cut, each with kernels of its own.</param>
    /// <returns>[n, outChannels, depth', height', width'], or without n; each size as for <see cref="Conv2d"/>.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or types or devices differ.</exception>
    public static Tensor Conv3d(Tensor input, Tensor weight, Tensor? bias = null, SpatialSize stride = default, Padding padding = default,
        SpatialSize dilation = default, int groups = 1) =>
        Convolution("Conv3d", 3, input, weight, bias, stride, padding, dilation, groups);

    /// <summary>The life of a convolution of any rank; caller is the function's name or the layer, for error messages.</summary>
    internal static Tensor Convolution(object caller, int rank, Tensor input, Tensor weight, Tensor? bias, SpatialSize stride, Padding padding,
        SpatialSize dilation, int groups, PaddingMode mode = PaddingMode.Constant, bool relu = false)
    {
        if (AutocastMode.IsOn) (input, weight, bias) = Narrow(input, weight, bias);
        CheckConvolution(caller, rank, input, weight, bias, groups);
        if (input.Rank == rank + 1)
            return Convolution(caller, rank, input.Unsqueeze(0), weight, bias, stride, padding, dilation, groups, mode, relu).Squeeze(0);
        int outputs = weight.Layout.Shape[0], channels = weight.Layout.Shape[1] * groups;
        if (input.Layout.Shape[1] != channels || outputs % groups != 0)
        {
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} does not fit a weight of shape {weight.Shape} in {groups} group(s): " +
                "the input needs " +
                $"{channels} channels in its second dimension" +
                (outputs % groups == 0 ? "." : $", and the weight's first size, {outputs}, must be a multiple of the groups."));
        }
        if (bias is not null && (bias.Rank != 1 || bias.Layout.Shape[0] != outputs))
            throw new ArgumentException($"{caller}: a bias of shape {bias.Shape} does not fit a weight of shape {weight.Shape}: it needs {outputs} elements, " +
                "one for each output channel.");
        (Window window, int[] after) = WindowOf(caller, rank, weight.Layout.Shape.AsSpan(2).ToArray(), stride, padding, dilation);
        (input, window) = PadForConvolution(input, window, after, mode);
        for (int d = 0; d < rank; d++)
        {
            int size = input.Layout.Shape[d + 2];
            if (Window.Places(caller, size, window.Kernel[d], window.Stride[d], window.Padding[d], window.Dilation[d]) == 0)
            {
                throw new ArgumentException($"{caller}: an input of shape {input.Shape} is too small for a weight of shape {weight.Shape}: " +
                    "with padding and dilation the kernel " +
                    $"spans {window.Span(d)} elements of dimension {d + 2}, which has {size + 2 * window.Padding[d]} with its padding. " +
                    "Use a larger input, more padding, or a smaller kernel.");
            }
        }
        return Tensor.Convolve(input, weight, bias?.Contiguous(), window, groups, relu);
    }

    private static (Window Window, int[] After) WindowOf(object caller, int rank, int[] kernel, SpatialSize stride, Padding padding, SpatialSize dilation)
    {
        string name = caller as string ?? caller.GetType().Name;
        int[] steps = (stride.IsGiven ? stride : 1).Of(rank, name, "stride", 1), spacing = (dilation.IsGiven ? dilation : 1).Of(rank, name, "dilation", 1);
        (int[] before, int[] after) = padding.Of(rank, name, kernel, steps, spacing);
        return (new(kernel, steps, before, spacing), after);
    }

    /// <summary>What the kernels cannot do themselves: padding that is not of zeros, or of another width at the end than at the start.</summary>
    private static (Tensor Input, Window Window) PadForConvolution(Tensor input, Window window, int[] after, PaddingMode mode)
    {
        int rank = window.Rank;
        bool isEven = window.Padding.AsSpan().SequenceEqual(after);
        if (mode == PaddingMode.Constant && isEven) return (input, window);
        var widths = new int[2 * rank];
        for (int d = 0; d < rank; d++)
        {
            int before = mode == PaddingMode.Constant ? 0 : window.Padding[d];
            (widths[2 * (rank - 1 - d)], widths[2 * (rank - 1 - d) + 1]) = (before, mode == PaddingMode.Constant ? after[d] - window.Padding[d] : after[d]);
        }
        return (Pad(input, widths, mode), mode == PaddingMode.Constant ? window : window with { Padding = new int[rank] });
    }

    private static void CheckConvolution(object caller, int rank, Tensor input, Tensor weight, Tensor? bias, int groups)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weight);
        string name = caller as string ?? caller.GetType().Name;
        Check.SameDevice(name, input, weight);
        if (bias is not null) Check.SameDevice(name, weight, bias);
        Check.Floating(name, input);
        Check.SameType(name, input, weight, bias);
        string space = rank switch { 1 => "length", 2 => "height, width", _ => "depth, height, width" };
        if (weight.Rank != rank + 2 || (input.Rank != rank + 2 && input.Rank != rank + 1))
        {
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} does not fit a weight of shape {weight.Shape}: " +
                $"the input must be [n, channels, {space}] or [channels, {space}], the weight of rank {rank + 2}.");
        }
        if (groups < 1) throw new ArgumentOutOfRangeException(nameof(groups), groups, $"{caller}: there must be at least one group.");
        foreach (int size in weight.Layout.Shape)
        {
            if (size == 0) throw new ArgumentException($"{caller}: a weight of shape {weight.Shape} has no elements.");
        }
    }
}
