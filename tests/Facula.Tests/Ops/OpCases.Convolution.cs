using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] Convolutions =>
    [
        Conv("conv1d", t => F.Conv1d(t[0], t[1], t[2], padding: 1), [[2, 3, 7], [4, 3, 3], [4]], large: [[3, 16, 500], [24, 16, 5], [24]]),
        Conv("conv1d strided", t => F.Conv1d(t[0], t[1], stride: 2, dilation: 2), [[2, 3, 9], [4, 3, 3]]),
        Conv("conv1d of long rows", t => F.Conv1d(t[0], t[1], t[2], stride: 2, padding: 3), [[1, 2, 130], [3, 2, 5], [3]],
            large: [[2, 12, 4001], [20, 12, 7], [20]]),
        Conv("conv2d", t => F.Conv2d(t[0], t[1], t[2], padding: 1), [[2, 3, 5, 6], [4, 3, 3, 3], [4]], large: [[3, 20, 33, 30], [36, 20, 3, 3], [36]]),
        Conv("conv2d without padding", t => F.Conv2d(t[0], t[1]), [[2, 3, 4, 5], [4, 3, 3, 2]], large: [[2, 16, 30, 41], [16, 16, 3, 3]]),
        Conv("conv2d strided", t => F.Conv2d(t[0], t[1], t[2], stride: (2, 1), padding: (1, 2)), [[2, 2, 5, 4], [3, 2, 3, 3], [3]],
            large: [[3, 16, 31, 29], [20, 16, 3, 3], [20]]),
        Conv("conv2d dilated", t => F.Conv2d(t[0], t[1], padding: 2, dilation: 2), [[1, 2, 6, 5], [3, 2, 3, 3]], large: [[2, 16, 31, 29], [20, 16, 3, 3]]),
        Conv("conv2d in groups", t => F.Conv2d(t[0], t[1], t[2], padding: 1, groups: 2), [[2, 4, 4, 3], [6, 2, 3, 3], [6]],
            large: [[3, 32, 31, 29], [48, 16, 3, 3], [48]]),
        Conv("conv2d depthwise", t => F.Conv2d(t[0], t[1], t[2], padding: 1, groups: t[0].Size(1)), [[2, 4, 4, 5], [4, 1, 3, 3], [4]],
            large: [[3, 70, 21, 29], [70, 1, 3, 3], [70]]),
        Conv("conv2d depthwise strided", t => F.Conv2d(t[0], t[1], stride: 2, padding: 1, groups: t[0].Size(1)), [[2, 2, 5, 6], [4, 1, 3, 3]],
            large: [[3, 40, 21, 30], [80, 1, 3, 3]]),
        Conv("conv2d pointwise", t => F.Conv2d(t[0], t[1], t[2]), [[2, 3, 4, 2], [5, 3, 1, 1], [5]], large: [[3, 40, 21, 29], [70, 40, 1, 1], [70]]),
        Conv("conv2d pointwise strided", t => F.Conv2d(t[0], t[1], stride: 2), [[2, 3, 4, 5], [5, 3, 1, 1]], large: [[3, 40, 21, 29], [70, 40, 1, 1]]),
        Conv("conv2d same", t => F.Conv2d(t[0], t[1], padding: Padding.Same), [[2, 2, 4, 5], [3, 2, 2, 4]]),
        Conv("conv2d of one image", t => F.Conv2d(t[0], t[1], t[2], padding: 1), [[3, 4, 4], [2, 3, 3, 3], [2]]),
        Conv("conv2d of large kernels", t => F.Conv2d(t[0], t[1], stride: 2, padding: 3), [[1, 2, 7, 8], [2, 2, 7, 7]], large: [[2, 3, 60, 60], [40, 3, 7, 7]]),
        Conv("conv2d of kernels smaller than strides", t => F.Conv2d(t[0], t[1], stride: 3, padding: 1), [[1, 2, 7, 13], [3, 2, 2, 2]],
            large: [[2, 20, 30, 31], [40, 20, 2, 1]]),
        Conv("conv2d of wide edges", t => F.Conv2d(t[0], t[1], stride: 2, padding: 2), [[1, 2, 6, 9], [3, 2, 3, 3]], large: [[2, 20, 23, 34], [36, 20, 3, 3]]),
        Conv("conv3d", t => F.Conv3d(t[0], t[1], t[2], padding: 1), [[1, 2, 3, 4, 3], [2, 2, 3, 2, 3], [2]],
            large: [[2, 16, 9, 10, 11], [20, 16, 3, 3, 3], [20]]),
        Conv("conv3d strided", t => F.Conv3d(t[0], t[1], stride: (2, 1, 2), padding: (0, 1, 1)), [[1, 2, 4, 3, 5], [2, 2, 2, 3, 3]]),
        Conv("convTranspose1d", t => F.ConvTranspose1d(t[0], t[1], t[2], stride: 2, padding: 1, outputPadding: 1), [[2, 3, 5], [3, 4, 3], [4]]),
        Conv("convTranspose2d", t => F.ConvTranspose2d(t[0], t[1], t[2], stride: 2, padding: 1, outputPadding: 1), [[2, 3, 3, 4], [3, 2, 3, 3], [2]],
            large: [[3, 20, 13, 14], [20, 24, 3, 3], [24]]),
        Conv("convTranspose2d plain", t => F.ConvTranspose2d(t[0], t[1]), [[1, 3, 3, 4], [3, 2, 3, 2]], large: [[3, 16, 13, 14], [16, 32, 3, 3]]),
        Conv("convTranspose2d in groups", t => F.ConvTranspose2d(t[0], t[1], groups: 2, dilation: 2), [[1, 4, 3, 2], [4, 2, 2, 2]]),
        Conv("convTranspose1d padded beyond the stride", t => F.ConvTranspose1d(t[0], t[1], t[2], padding: 1, outputPadding: 2, dilation: 3),
            [[2, 3, 4], [3, 2, 3], [2]]),
        Conv("convTranspose2d padded beyond the stride",
            t => F.ConvTranspose2d(t[0], t[1], stride: (2, 1), padding: (1, 0), outputPadding: (3, 1), groups: 2, dilation: (4, 2)),
            [[2, 4, 3, 2], [4, 1, 2, 3]]),
        Conv("convTranspose1d of single taps padded beyond the stride", t => F.ConvTranspose1d(t[0], t[1], t[2], outputPadding: 2, groups: 2, dilation: 3),
            [[2, 4, 3], [4, 2, 1], [4]]),
        Conv("convTranspose2d of single taps padded beyond the stride", t => F.ConvTranspose2d(t[0], t[1], outputPadding: (0, 1), dilation: 2),
            [[2, 3, 2, 4], [3, 4, 1, 1]]),
        Conv("convTranspose3d padded beyond the stride", t => F.ConvTranspose3d(t[0], t[1], outputPadding: (1, 0, 1), dilation: 2),
            [[1, 2, 2, 2, 2], [2, 2, 2, 1, 2]]),
        Conv("convTranspose3d", t => F.ConvTranspose3d(t[0], t[1], stride: 2), [[1, 2, 2, 3, 2], [2, 2, 2, 2, 3]]),
        Op("pad", t => F.Pad(t[0], [1, 2, 0, -1]), [[2, 3, 4]], large: [[100, 20, 30]]),
        Op("pad reflected", t => F.Pad(t[0], [2, 1, 1, 0], PaddingMode.Reflect), [[2, 3, 4]]),
        Op("pad replicated", t => F.Pad(t[0], [2, 1, 1, 3], PaddingMode.Replicate), [[2, 3, 4]]),
        Op("pad circular", t => F.Pad(t[0], [2, 1, 1, 3], PaddingMode.Circular), [[2, 3, 4]]),
    ];

    /// <summary>Long sums of products: their errors add up, more so where products are saved by forming sums and differences.</summary>
    private static OpCase Conv(string name, Func<Tensor[], Tensor> function, Arg[] shapes, Arg[]? large = null,
        [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(function))] string source = "") =>
        Op(name, function, shapes, large, types: Types.Floats, ulps: 256, source: source);
}
