namespace Facula.NN;

public static partial class Functional
{
    /// <summary>Puts the results of <see cref="MaxPool1d"/> back to where they came from, among zeros. torch.nn.functional.max_unpool1d.</summary>
    /// <param name="input">[n, channels, length], or [channels, length].</param>
    /// <param name="indices">Of the same shape: where each element belongs, as <see cref="MaxPool1dWithIndices"/> tells.</param>
    /// <param name="kernelSize">The pooling's window.</param>
    /// <param name="stride">The pooling's steps between windows; the window's size if left out.</param>
    /// <param name="padding">The pooling's padding.</param>
    /// <param name="outputSize">The length of the result; found from the others if left out, which several may have in common.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor MaxUnpool1d(Tensor input, Tensor indices, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default,
        SpatialSize outputSize = default) =>
        MaxUnpool("MaxUnpool1d", 1, input, indices, kernelSize, stride, padding, outputSize);

    /// <summary>Puts the results of <see cref="MaxPool2d"/> back to where they came from, among zeros. torch.nn.functional.max_unpool2d.</summary>
    /// <param name="input">[n, channels, height, width], or [channels, height, width].</param>
    /// <param name="indices">Of the same shape: where each element belongs, as <see cref="MaxPool2dWithIndices"/> tells.</param>
    /// <param name="kernelSize">The pooling's window.</param>
    /// <param name="stride">The pooling's steps between windows; the window's size if left out.</param>
    /// <param name="padding">The pooling's padding.</param>
    /// <param name="outputSize">Height and width of the result; found from the others if left out, which several may have in common.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor MaxUnpool2d(Tensor input, Tensor indices, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default,
        SpatialSize outputSize = default) =>
        MaxUnpool("MaxUnpool2d", 2, input, indices, kernelSize, stride, padding, outputSize);

    /// <summary>Puts the results of <see cref="MaxPool3d"/> back to where they came from, among zeros. torch.nn.functional.max_unpool3d.</summary>
    /// <param name="input">[n, channels, depth, height, width], or [channels, depth, height, width].</param>
    /// <param name="indices">Of the same shape: where each element belongs, as <see cref="MaxPool3dWithIndices"/> tells.</param>
    /// <param name="kernelSize">The pooling's window.</param>
    /// <param name="stride">The pooling's steps between windows; the window's size if left out.</param>
    /// <param name="padding">The pooling's padding.</param>
    /// <param name="outputSize">Depth, height and width of the result; found from the others if left out, which several may have in common.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor MaxUnpool3d(Tensor input, Tensor indices, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default,
        SpatialSize outputSize = default) =>
        MaxUnpool("MaxUnpool3d", 3, input, indices, kernelSize, stride, padding, outputSize);

    internal static Tensor MaxUnpool(object caller, int rank, Tensor input, Tensor indices, SpatialSize kernelSize, SpatialSize stride, SpatialSize padding,
        SpatialSize outputSize)
    {
        ArgumentNullException.ThrowIfNull(indices);
        Tensor x = CheckPool(caller, rank, input);
        if (indices.Shape != input.Shape)
            throw new ArgumentException($"{caller}: indices of shape {indices.Shape} do not fit an input of shape {input.Shape}: the shapes must be the same.");
        string name = caller as string ?? caller.GetType().Name;
        int[] kernels = kernelSize.Of(rank, name, nameof(kernelSize), 1), strides = stride.IsGiven ? stride.Of(rank, name, nameof(stride), 1) : kernels;
        int[] pads = (padding.IsGiven ? padding : 0).Of(rank, name, nameof(padding), 0), space = new int[rank];
        long area = 1;
        for (int d = 0; d < rank; d++)
        {
            long least = (x.Layout.Shape[d + 2] - 1L) * strides[d] + kernels[d] - 2L * pads[d];
            space[d] = outputSize.IsGiven ? outputSize.Of(rank, name, nameof(outputSize), 0)[d] : Check.Size(caller, least);
            if (space[d] <= least - strides[d] || space[d] >= least + strides[d])
            {
                throw new ArgumentException($"{caller}: an output size of {space[d]} in dimension {d + 2} does not fit an input of shape {input.Shape}: " +
                    $"it must be more than {least - strides[d]} and less than {least + strides[d]}.", nameof(outputSize));
            }
            area = Check.Size(caller, area * space[d], "the number of elements of a channel");
        }
        Tensor zeros = Tensor.Zeros([x.Layout.Shape[0], x.Layout.Shape[1], (int)area], x.DType, x.Device);
        Tensor places = ReferenceEquals(x, input) ? indices : indices.Unsqueeze(0);
        Tensor y = zeros.Scatter(2, places.Flatten(2), x.Flatten(2)).Reshape([x.Layout.Shape[0], x.Layout.Shape[1], .. space]);
        return Unbatch(y, x, input);
    }
}
