namespace Facula.NN;

public static partial class Functional
{
    /// <summary>Makes images larger by channels that become pixels. Shi et al. 2016, arXiv:1609.05158. torch.nn.functional.pixel_shuffle.</summary>
    /// <param name="input">[..., channels * factor², height, width].</param>
    /// <param name="upscaleFactor">By how much height and width grow.</param>
    /// <returns>[..., channels, height * factor, width * factor].</returns>
    /// <exception cref="ArgumentException">The number of channels does not fit.</exception>
    public static Tensor PixelShuffle(Tensor input, int upscaleFactor)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(upscaleFactor, 1);
        long square = (long)upscaleFactor * upscaleFactor;
        if (input.Rank < 3 || input.Layout.Shape[^3] % square != 0)
            throw new ArgumentException($"PixelShuffle: an input of shape {input.Shape} does not fit: it must be [.., channels * {square}, height, width].");
        int[] lead = input.Layout.Shape[..^3];
        int channels = (int)(input.Layout.Shape[^3] / square), height = input.Layout.Shape[^2], width = input.Layout.Shape[^1], k = lead.Length;
        Tensor y = input.Reshape([.. lead, channels, upscaleFactor, upscaleFactor, height, width])
            .Permute([.. Enumerable.Range(0, k + 1), k + 3, k + 1, k + 4, k + 2])
            .Reshape([.. lead, channels, Check.Size("PixelShuffle", (long)height * upscaleFactor), Check.Size("PixelShuffle", (long)width * upscaleFactor)]);
        return OwnOf(y, input);
    }

    /// <summary>Makes images smaller by pixels that become channels: the inverse of <see cref="PixelShuffle"/>. torch.nn.functional.pixel_unshuffle.</summary>
    /// <param name="input">[..., channels, height * factor, width * factor].</param>
    /// <param name="downscaleFactor">By how much height and width shrink.</param>
    /// <returns>[..., channels * factor², height, width].</returns>
    /// <exception cref="ArgumentException">The height or width does not fit.</exception>
    public static Tensor PixelUnshuffle(Tensor input, int downscaleFactor)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(downscaleFactor, 1);
        if (input.Rank < 3 || input.Layout.Shape[^2] % downscaleFactor != 0 || input.Layout.Shape[^1] % downscaleFactor != 0)
            throw new ArgumentException($"PixelUnshuffle: an input of shape {input.Shape} does not fit: it must be [.., channels, height, width] with " +
                $"multiples of {downscaleFactor}.");
        int[] lead = input.Layout.Shape[..^3];
        int channels = input.Layout.Shape[^3], height = input.Layout.Shape[^2] / downscaleFactor, width = input.Layout.Shape[^1] / downscaleFactor,
            k = lead.Length;
        Tensor y = input.Reshape([.. lead, channels, height, downscaleFactor, width, downscaleFactor])
            .Permute([.. Enumerable.Range(0, k + 1), k + 2, k + 4, k + 1, k + 3])
            .Reshape([.. lead, Check.Size("PixelUnshuffle", Math.Min((long)channels * downscaleFactor, int.MaxValue) * downscaleFactor), height, width]);
        return OwnOf(y, input);
    }

    /// <summary>Deals the channels of each group out in turn. Zhang et al. 2017, arXiv:1707.01083. torch.nn.functional.channel_shuffle.</summary>
    /// <param name="input">[n, channels, ..].</param>
    /// <param name="groups">How many groups the channels are in; it must divide them.</param>
    /// <exception cref="ArgumentException">The number of channels does not fit.</exception>
    public static Tensor ChannelShuffle(Tensor input, int groups)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        if (input.Rank < 3 || input.Layout.Shape[1] % groups != 0)
            throw new ArgumentException($"ChannelShuffle: an input of shape {input.Shape} does not fit: it must be [n, channels, ..] with a number of " +
                $"channels that {groups} divides.");
        int[] shape = input.Layout.Shape;
        return OwnOf(input.Reshape([shape[0], groups, shape[1] / groups, .. shape[2..]]).Transpose(1, 2).Reshape(shape), input);
    }
}
