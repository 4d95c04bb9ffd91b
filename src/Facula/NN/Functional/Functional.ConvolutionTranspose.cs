using Facula.Backends;

namespace Facula.NN;

public static partial class Functional
{
    /// <summary>The transposed convolution of sequences: what computes a convolution's input gradient, as a layer.
    /// torch.nn.functional.conv_transpose1d.</summary>
    /// <param name="input">[n, channels, length], or [channels, length].</param>
    /// <param name="weight">[channels, outChannels / groups, kernel].</param>
    /// <param name="bias">[outChannels], or null for none.</param>
    /// <param name="stride">Steps between the places that neighbouring inputs are spread to; 1 if left out.</param>
    /// <param name="padding">Elements cut off at both ends of the output.</param>
    /// <param name="outputPadding">Elements added at the end of the output; less than stride or dilation.</param>
    /// <param name="groups">Parts into which channels are cut, each with kernels of its own.</param>
    /// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
    /// <returns>[n, outChannels, (length - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1], or without n.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or types or devices differ.</exception>
    public static Tensor ConvTranspose1d(Tensor input, Tensor weight, Tensor? bias = null, SpatialSize stride = default, SpatialSize padding = default,
        SpatialSize outputPadding = default, int groups = 1, SpatialSize dilation = default) =>
        ConvolutionTranspose("ConvTranspose1d", 1, input, weight, bias, stride, padding, outputPadding, groups, dilation);

    /// <summary>The transposed convolution of images: what computes a convolution's input gradient, as a layer. torch.nn.functional.conv_transpose2d.</summary>
    /// <param name="input">[n, channels, height, width], or [channels, height, width].</param>
    /// <param name="weight">[channels, outChannels / groups, kernelHeight, kernelWidth].</param>
    /// <param name="bias">[outChannels], or null for none.</param>
    /// <param name="stride">Steps between the places that neighbouring inputs are spread to; 1 if left out.</param>
    /// <param name="padding">Elements cut off on all sides of the output.</param>
    /// <param name="outputPadding">Elements added at the end of each dimension of the output; less than stride or dilation.</param>
    /// <param name="groups">Parts into which channels are cut, each with kernels of its own.</param>
    /// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
    /// <returns>[n, outChannels, height', width'], or without n; each size as for <see cref="ConvTranspose1d"/>.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or types or devices differ.</exception>
    public static Tensor ConvTranspose2d(Tensor input, Tensor weight, Tensor? bias = null, SpatialSize stride = default, SpatialSize padding = default,
        SpatialSize outputPadding = default, int groups = 1, SpatialSize dilation = default) =>
        ConvolutionTranspose("ConvTranspose2d", 2, input, weight, bias, stride, padding, outputPadding, groups, dilation);

    /// <summary>The transposed convolution of volumes: what computes a convolution's input gradient, as a layer.
    /// torch.nn.functional.conv_transpose3d.</summary>
    /// <param name="input">[n, channels, depth, height, width], or without n.</param>
    /// <param name="weight">[channels, outChannels / groups, kernelDepth, kernelHeight, kernelWidth].</param>
    /// <param name="bias">[outChannels], or null for none.</param>
    /// <param name="stride">Steps between the places that neighbouring inputs are spread to; 1 if left out.</param>
    /// <param name="padding">Elements cut off on all sides of the output.</param>
    /// <param name="outputPadding">Elements added at the end of each dimension of the output; less than stride or dilation.</param>
    /// <param name="groups">Parts into which channels are cut, each with kernels of its own.</param>
    /// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
    /// <returns>[n, outChannels, depth', height', width'], or without n; each size as for <see cref="ConvTranspose1d"/>.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or types or devices differ.</exception>
    public static Tensor ConvTranspose3d(Tensor input, Tensor weight, Tensor? bias = null, SpatialSize stride = default, SpatialSize padding = default,
        SpatialSize outputPadding = default, int groups = 1, SpatialSize dilation = default) =>
        ConvolutionTranspose("ConvTranspose3d", 3, input, weight, bias, stride, padding, outputPadding, groups, dilation);

    /// <summary>The life of a transposed convolution of any rank; caller is the function's name or the layer, for error messages.</summary>
    internal static Tensor ConvolutionTranspose(object caller, int rank, Tensor input, Tensor weight, Tensor? bias, SpatialSize stride, SpatialSize padding,
        SpatialSize outputPadding, int groups, SpatialSize dilation)
    {
        if (AutocastMode.IsOn) (input, weight, bias) = Narrow(input, weight, bias);
        CheckConvolution(caller, rank, input, weight, bias, groups);
        if (input.Rank == rank + 1)
            return ConvolutionTranspose(caller, rank, input.Unsqueeze(0), weight, bias, stride, padding, outputPadding, groups, dilation).Squeeze(0);
        int channels = weight.Layout.Shape[0], outputs = weight.Layout.Shape[1] * groups;
        if (input.Layout.Shape[1] != channels || channels % groups != 0)
        {
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} does not fit a weight of shape {weight.Shape} in {groups} group(s): " +
                "the input needs " +
                $"{channels} channels in its second dimension" + (channels % groups == 0 ? "." : ", and their number must be a multiple of the groups."));
        }
        if (bias is not null && (bias.Rank != 1 || bias.Layout.Shape[0] != outputs))
            throw new ArgumentException($"{caller}: a bias of shape {bias.Shape} does not fit a weight of shape {weight.Shape}: it needs {outputs} elements, " +
                "one for each output channel.");
        string name = caller as string ?? caller.GetType().Name;
        Padding cut = padding.IsGiven ? Padding.Of(padding) : Padding.Valid;
        (Window window, _) = WindowOf(caller, rank, weight.Layout.Shape.AsSpan(2).ToArray(), stride, cut, dilation);
        int[] extra = (outputPadding.IsGiven ? outputPadding : 0).Of(rank, name, "outputPadding", 0);
        var shape = new int[rank + 2];
        (shape[0], shape[1]) = (input.Layout.Shape[0], outputs);
        for (int d = 0; d < rank; d++)
        {
            if (extra[d] >= Math.Max(window.Stride[d], window.Dilation[d]))
            {
                throw new ArgumentException($"{caller}: output padding of {extra[d]} is more than the stride of {window.Stride[d]} and the dilation " +
                    $"of {window.Dilation[d]} leave open; it must be less than one of them.");
            }
            long padded = (input.Layout.Shape[d + 2] - 1L) * window.Stride[d] + window.Span(d) + extra[d];
            shape[d + 2] = (int)Math.Max(0, Check.Size(caller, padded, "the size of the output with what padding cuts off") - 2L * window.Padding[d]);
            if (shape[d + 2] < 1)
            {
                throw new ArgumentException($"{caller}: an input of shape {input.Shape} and a weight of shape {weight.Shape} leave nothing in " +
                    $"dimension {d + 2}; use a larger input or less padding.");
            }
        }
        Tensor y = Tensor.ConvolveInputGrad(input, weight, shape, window, groups);
        return bias is null ? y : y + bias.Reshape([1, -1, .. Enumerable.Repeat(1, rank)]);
    }
}
