using Facula.Backends;

namespace Facula.NN;

public static partial class Functional
{
    /// <summary>The blocks that a kernel sees of images, as columns. torch.nn.functional.unfold.</summary>
    /// <param name="input">[n, channels, height, width], or [channels, height, width].</param>
    /// <param name="kernelSize">The size of the blocks.</param>
    /// <param name="dilation">Steps between elements of a block; 1 if left out.</param>
    /// <param name="padding">Zeros on all sides.</param>
    /// <param name="stride">Steps between blocks; 1 if left out.</param>
    /// <returns>[n, channels * kernelHeight * kernelWidth, blocks], or without n.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Unfold(Tensor input, SpatialSize kernelSize, SpatialSize dilation = default, SpatialSize padding = default,
        SpatialSize stride = default) =>
        Unfold("Unfold", input, kernelSize, dilation, padding, stride);

    /// <summary>Adds columns up to images: the gradient of <see cref="Unfold(Tensor, SpatialSize, SpatialSize, SpatialSize, SpatialSize)"/>.
    /// torch.nn.functional.fold.</summary>
    /// <param name="input">[n, channels * kernelHeight * kernelWidth, blocks], or without n.</param>
    /// <param name="outputSize">Height and width of the images.</param>
    /// <param name="kernelSize">The size of the blocks.</param>
    /// <param name="dilation">Steps between elements of a block; 1 if left out.</param>
    /// <param name="padding">How far blocks reach beyond the edges.</param>
    /// <param name="stride">Steps between blocks; 1 if left out.</param>
    /// <returns>[n, channels, height, width], or without n.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Fold(Tensor input, SpatialSize outputSize, SpatialSize kernelSize, SpatialSize dilation = default, SpatialSize padding = default,
        SpatialSize stride = default) =>
        Fold("Fold", input, outputSize, kernelSize, dilation, padding, stride);

    internal static Tensor Unfold(object caller, Tensor input, SpatialSize kernelSize, SpatialSize dilation, SpatialSize padding, SpatialSize stride)
    {
        Tensor x = CheckPool(caller, 2, input);
        Blocks blocks = BlocksOf(caller, x.Layout.Shape[2], x.Layout.Shape[3], kernelSize, dilation, padding, stride);
        Tensor padded = Pad(x, [blocks.Padding[1], blocks.Padding[1], blocks.Padding[0], blocks.Padding[0]]);
        Tensor picked = padded.IndexSelect(2, blocks.Places(0, x.Device)).IndexSelect(3, blocks.Places(1, x.Device));
        int n = x.Layout.Shape[0], channels = x.Layout.Shape[1];
        Tensor y = picked.Reshape(n, channels, blocks.Kernel[0], blocks.Counts[0], blocks.Kernel[1], blocks.Counts[1]).Permute(0, 1, 2, 4, 3, 5)
            .Reshape(n, Check.Size(caller, channels * (long)blocks.Taps, "the size of a block"), blocks.Count);
        return Unbatch(y, x, input);
    }

    internal static Tensor Fold(object caller, Tensor input, SpatialSize outputSize, SpatialSize kernelSize, SpatialSize dilation, SpatialSize padding,
        SpatialSize stride)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Floating(caller as string ?? caller.GetType().Name, input);
        int[] size = outputSize.Of(2, caller as string ?? caller.GetType().Name, nameof(outputSize), 1);
        Blocks blocks = BlocksOf(caller, size[0], size[1], kernelSize, dilation, padding, stride);
        int taps = blocks.Taps, count = blocks.Count;
        if (input.Rank is not (2 or 3) || input.Layout.Shape[^1] != count || input.Layout.Shape[^2] % taps != 0)
        {
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} does not fit images of {size[0]} x {size[1]}: " +
                $"it must be [n, channels * {taps}, {count}] or [channels * {taps}, {count}].");
        }
        Tensor x = input.Rank == 2 ? input.Unsqueeze(0) : input;
        int n = x.Layout.Shape[0], channels = x.Layout.Shape[1] / taps;
        Tensor spread = x.Reshape(n, channels, blocks.Kernel[0], blocks.Kernel[1], blocks.Counts[0], blocks.Counts[1]).Permute(0, 1, 2, 4, 3, 5)
            .Reshape(n, channels, blocks.Kernel[0] * blocks.Counts[0], blocks.Kernel[1] * blocks.Counts[1]);
        int height = size[0] + 2 * blocks.Padding[0], width = size[1] + 2 * blocks.Padding[1];
        Tensor wide = Tensor.Zeros([n, channels, blocks.Kernel[0] * blocks.Counts[0], width], x.DType, x.Device).IndexAdd(3,
            blocks.Places(1, x.Device), spread);
        Tensor whole = Tensor.Zeros([n, channels, height, width], x.DType, x.Device).IndexAdd(2, blocks.Places(0, x.Device), wide);
        return Unbatch(whole.Narrow(2, blocks.Padding[0], size[0]).Narrow(3, blocks.Padding[1], size[1]), x, input);
    }

    /// <summary>The kernel, how many blocks there are along each dimension, and how they lie.</summary>
    private sealed record Blocks(int[] Kernel, int[] Counts, int[] Padding, int Taps, int Count, int[] Steps, int[] Strides)
    {
        /// <summary>Which rows (or columns) of the padded image the blocks read: element by element of the kernel.</summary>
        public Tensor Places(int d, Device device) => Tensor.Table(device, new BlockKey(Kernel[d], Counts[d], Steps[d], Strides[d]), static key =>
        {
            var places = new long[key.Kernel * key.Count];
            for (int i = 0; i < places.Length; i++) places[i] = (long)(i / key.Count) * key.Step + i % key.Count * (long)key.Stride;
            return places;
        });
    }

    private readonly record struct BlockKey(int Kernel, int Count, int Step, int Stride);

    private static Blocks BlocksOf(object caller, int height, int width, SpatialSize kernelSize, SpatialSize dilation, SpatialSize padding, SpatialSize stride)
    {
        string name = caller as string ?? caller.GetType().Name;
        int[] kernel = kernelSize.Of(2, name, nameof(kernelSize), 1), steps = (dilation.IsGiven ? dilation : 1).Of(2, name, nameof(dilation), 1);
        int[] pads = (padding.IsGiven ? padding : 0).Of(2, name, nameof(padding), 0), strides = (stride.IsGiven ? stride : 1).Of(2, name, nameof(stride), 1);
        var window = new Window(kernel, strides, pads, steps);
        int[] size = [height, width], counts = new int[2];
        for (int d = 0; d < 2; d++)
        {
            counts[d] = Window.Places(caller, size[d], kernel[d], strides[d], pads[d], steps[d]);
            if (counts[d] == 0)
            {
                throw new ArgumentException($"{caller}: images of {height} x {width} are too small: the kernel spans {window.Span(0)} x {window.Span(1)}, " +
                    $"and with padding they have {height + 2L * pads[0]} x {width + 2L * pads[1]}.");
            }
        }
        for (int d = 0; d < 2; d++) Check.Size(caller, (long)kernel[d] * counts[d], "the number of rows (or columns) that blocks read");
        return new(kernel, counts, pads, Check.Size(caller, (long)kernel[0] * kernel[1], "the size of a block in one channel"),
            Check.Size(caller, (long)counts[0] * counts[1], "the number of blocks"), steps, strides);
    }
}
