using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] Pooling =>
    [
        Op("maxPool1d", t => F.MaxPool1d(t[0], 3, 2, 1), [Distinct(2, 3, 7)], large: [Distinct(20, 33, 65)], types: Types.Floats),
        Op("maxPool1d unbatched", t => F.MaxPool1d(t[0], 2, dilation: 2, ceilMode: true), [Distinct(5, 8)], types: Types.Floats),
        Op("maxPool2d", t => F.MaxPool2d(t[0], 2), [Distinct(2, 3, 4, 6)], large: [Distinct(10, 35, 12, 14)], types: Types.Floats),
        Op("maxPool2d one channel", t => F.MaxPool2d(t[0], 2), [Distinct(2, 1, 5, 6)], types: Types.Floats),
        Op("maxPool2d overlapping", t => F.MaxPool2d(t[0], 3, 2, 1), [Distinct(2, 5, 5, 6)], large: [Distinct(10, 17, 15, 14)], types: Types.Floats),
        Op("maxPool2d of all kinds", t => F.MaxPool2d(t[0], (2, 3), (3, 1), (1, 0), (1, 2), ceilMode: true), [Distinct(1, 20, 5, 8)], types: Types.Floats),
        Op("maxPool2d wide kernel", t => F.MaxPool2d(t[0], (17, 16), 1), [Distinct(1, 4, 18, 18)], types: Types.Floats),
        Op("maxPool2d rectified", t => F.MaxPool("MaxPool2d", 2, t[0], 2, default, default, default, false, relu: true),
            [Distinct(2, 17, 4, 4)], types: Types.Floats),
        Op("maxPool2d with indices", t => Both(F.MaxPool2dWithIndices(t[0], 3, 2, 1)), [Distinct(2, 3, 5, 6)], types: Types.Floats),
        Op("maxPool3d", t => F.MaxPool3d(t[0], 2, padding: 1), [Distinct(1, 3, 4, 5, 4)], large: [Distinct(3, 17, 12, 14, 10)], types: Types.Floats),
        Op("avgPool1d", t => F.AvgPool1d(t[0], 3, 2, 1), [[2, 3, 7]], large: [[20, 33, 65]], types: Types.Floats),
        Op("avgPool2d", t => F.AvgPool2d(t[0], 2), [[2, 3, 4, 6]], large: [[10, 35, 12, 14]], types: Types.Floats),
        Op("avgPool2d of all kinds", t => F.AvgPool2d(t[0], (2, 3), (3, 2), 1, ceilMode: true), [[1, 20, 5, 8]], types: Types.Floats),
        Op("avgPool2d without padding", t => F.AvgPool2d(t[0], 3, 2, 1, ceilMode: true, countIncludePad: false), [[2, 5, 6, 6]], large: [[10, 17, 15, 14]],
            types: Types.Floats),
        Op("avgPool2d divisor", t => F.AvgPool2d(t[0], 3, 1, 1, divisorOverride: 5), [[4, 5, 5]], types: Types.Floats),
        Op("avgPool3d", t => F.AvgPool3d(t[0], 2, padding: 1), [[1, 3, 4, 5, 4]], large: [[3, 17, 12, 14, 10]], types: Types.Floats),
        Op("adaptiveAvgPool1d", t => F.AdaptiveAvgPool1d(t[0], 3), [[3, 7]], types: Types.Floats),
        Op("adaptiveAvgPool2d", t => F.AdaptiveAvgPool2d(t[0], (3, -1)), [[2, 3, 7, 4]], large: [[8, 35, 17, 14]], types: Types.Floats),
        Op("adaptiveAvgPool2d of all", t => F.AdaptiveAvgPool2d(t[0], 1), [[2, 3, 7, 4]], large: [[8, 35, 17, 14]], types: Types.Floats),
        Op("adaptiveAvgPool3d", t => F.AdaptiveAvgPool3d(t[0], (2, 3, 5)), [[1, 2, 4, 4, 3]], types: Types.Floats),
        Op("adaptiveMaxPool1d", t => F.AdaptiveMaxPool1d(t[0], 3), [Distinct(2, 3, 7)], types: Types.Floats),
        Op("adaptiveMaxPool2d", t => F.AdaptiveMaxPool2d(t[0], (3, 5)), [Distinct(2, 3, 7, 4)], large: [Distinct(8, 35, 17, 14)], types: Types.Floats),
        Op("adaptiveMaxPool2d with indices", t => Both(F.AdaptiveMaxPool2dWithIndices(t[0], 2)), [Distinct(3, 5, 7)], types: Types.Floats),
        Op("adaptiveMaxPool3d", t => F.AdaptiveMaxPool3d(t[0], 2), [Distinct(1, 2, 4, 3, 3)], types: Types.Floats),
        Op("lpPool1d smaller than its window", t => F.LPPool1d(t[0], 2, 5, 4, ceilMode: true), [Between(0.5, 3, 2, 3, 3)], types: Types.Floats, ulps: 32),
        Op("lpPool1d", t => F.LPPool1d(t[0], 3, 2), [Between(0.5, 3, 2, 3, 7)], types: Types.Floats, ulps: 32),
        Op("lpPool2d", t => F.LPPool2d(t[0], 2, (2, 3), 2, ceilMode: true), [[2, 3, 5, 7]], types: Types.Floats, ulps: 32),
        Op("interpolate nearest", t => F.Interpolate(t[0], (5, 3)), [[2, 3, 3, 4]]),
        Op("interpolate nearest exact", t => F.Interpolate(t[0], scaleFactor: 1.7, mode: InterpolationMode.NearestExact), [[2, 3, 4]]),
        Op("interpolate linear", t => F.Interpolate(t[0], 7, mode: InterpolationMode.Linear), [[2, 3, 4]], types: Types.Floats, ulps: 16),
        Op("interpolate bilinear", t => F.Interpolate(t[0], scaleFactor: (2, 0.5), mode: InterpolationMode.Bilinear), [[2, 3, 3, 4]],
            types: Types.Floats, ulps: 16),
        Op("interpolate bilinear aligned", t => F.Interpolate(t[0], (5, 2), mode: InterpolationMode.Bilinear, alignCorners: true), [[2, 3, 3, 4]],
            types: Types.Floats, ulps: 16),
        Op("interpolate bicubic", t => F.Interpolate(t[0], (5, 7), mode: InterpolationMode.Bicubic), [[1, 2, 3, 4]], types: Types.Floats, ulps: 32),
        Op("interpolate trilinear", t => F.Interpolate(t[0], scaleFactor: 2, mode: InterpolationMode.Trilinear), [[1, 2, 2, 2, 3]],
            types: Types.Floats, ulps: 16),
        Op("interpolate area", t => F.Interpolate(t[0], (2, 3), mode: InterpolationMode.Area), [[1, 2, 3, 4]], types: Types.Floats),
        Op("unfold", t => F.Unfold(t[0], (2, 3), padding: 1, stride: (1, 2)), [[2, 3, 4, 5]], types: Types.Floats),
        Op("unfold dilated", t => F.Unfold(t[0], 2, dilation: 2), [[3, 4, 5]], types: Types.Floats),
        Op("fold", t => F.Fold(t[0], (4, 5), (2, 3), padding: 1, stride: (1, 2)), [[2, 18, 15]], types: Types.Floats),
        Op("pixelShuffle", t => F.PixelShuffle(t[0], 2), [[2, 8, 2, 3]]),
        Op("pixelUnshuffle", t => F.PixelUnshuffle(t[0], 2), [[3, 4, 6]]),
        Op("channelShuffle", t => F.ChannelShuffle(t[0], 3), [[2, 6, 2, 3]]),
        Op("dropout2d", t => F.Dropout2d(t[0], 0.4, generator: new Generator(1)), [[3, 20, 2, 2]], types: Types.Floats),
        Op("alphaDropout", t => F.AlphaDropout(t[0], 0.4, generator: new Generator(1)), [[3, 40]], types: Types.Floats, ulps: 16),
        Op("maxUnpool1d", t => F.MaxUnpool1d(t[0], t[1] + Every(2, t[0]), 2), [[2, 3, 4], Index(2, 2, 3, 4)], types: Types.Floats),
        Op("maxUnpool2d", t => F.MaxUnpool2d(t[0], t[1] + Every(6, t[0]), 3, 2, outputSize: (6, 6)), [[3, 2, 3], Index(6, 3, 2, 3)], types: Types.Floats),
        Op("maxUnpool3d", t => F.MaxUnpool3d(t[0], t[1] + Every(4, t[0]), 2), [[1, 2, 2, 2, 3], Index(4, 1, 2, 2, 2, 3)], types: Types.Floats),
    ];

    /// <summary>0, distance, 2 distance, .. over the space of each channel: places that are apart.</summary>
    private static Tensor Every(int distance, Tensor x)
    {
        int space = x.Rank - (x.Rank == 3 && x.Size(0) == 2 || x.Rank == 5 ? 2 : 1);
        Tensor places = Tensor.Zeros(x.Shape, DType.Int64, x.Device);
        long count = 1;
        for (int d = x.Rank - space; d < x.Rank; d++) count *= x.Size(d);
        return places + (Tensor.Arange(count, device: x.Device) * distance).Reshape([.. x.Shape.ToArray()[^space..]]);
    }
}
