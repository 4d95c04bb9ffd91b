namespace Facula.NN;

/// <summary>Makes sequences, images or volumes larger or smaller. torch.nn.Upsample.</summary>
public partial class Upsample : Module<Tensor, Tensor>
{
    private readonly SpatialSize _size;
    private readonly ScaleFactor _scaleFactor;
    private readonly InterpolationMode _mode;
    private readonly bool _alignCorners;
    private readonly bool _recomputeScaleFactor;

    /// <summary>A layer with either a size or a scale.</summary>
    /// <param name="size">The sizes of the result's dimensions of space; or give a scale.</param>
    /// <param name="scaleFactor">What the sizes are multiplied by, rounded down; or give a size.</param>
    /// <param name="mode">How values between elements are found.</param>
    /// <param name="alignCorners">Whether the centres of the corner elements stay at the corners, rather than their edges.</param>
    /// <param name="recomputeScaleFactor">Whether places are computed from the sizes, which are rounded, rather than from the scale as it was given.</param>
    /// <exception cref="ArgumentException">Neither or both of size and scale are given.</exception>
    public Upsample(SpatialSize size = default, ScaleFactor scaleFactor = default, InterpolationMode mode = InterpolationMode.Nearest,
        bool alignCorners = false, bool recomputeScaleFactor = false)
    {
        if (size.IsGiven == scaleFactor.IsGiven) throw new ArgumentException("Upsample: either a size or a scale must be given.");
        (_size, _scaleFactor, _mode, _alignCorners, _recomputeScaleFactor) = (size, scaleFactor, mode, alignCorners, recomputeScaleFactor);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Interpolate(this, input, _size, _scaleFactor, _mode, _alignCorners, _recomputeScaleFactor);

    /// <inheritdoc/>
    protected override string ExtraText => $"{(_size.IsGiven ? $"size={_size}" : $"scale_factor={_scaleFactor}")}, mode='{ModeText}'";

    private string ModeText => _mode == InterpolationMode.NearestExact ? "nearest-exact" : _mode.ToString().ToLowerInvariant();
}

/// <summary>Makes images larger by channels that become pixels. torch.nn.PixelShuffle.</summary>
/// <param name="upscaleFactor">By how much height and width grow.</param>
public partial class PixelShuffle(int upscaleFactor) : Activation("PixelShuffle", x => Functional.PixelShuffle(x, upscaleFactor),
    $"upscale_factor={upscaleFactor}");

/// <summary>Makes images smaller by pixels that become channels. torch.nn.PixelUnshuffle.</summary>
/// <param name="downscaleFactor">By how much height and width shrink.</param>
public partial class PixelUnshuffle(int downscaleFactor)
    : Activation("PixelUnshuffle", x => Functional.PixelUnshuffle(x, downscaleFactor), $"downscale_factor={downscaleFactor}");

/// <summary>Deals the channels of each group out in turn. torch.nn.ChannelShuffle.</summary>
/// <param name="groups">How many groups the channels are in.</param>
public partial class ChannelShuffle(int groups) : Activation("ChannelShuffle", x => Functional.ChannelShuffle(x, groups), $"groups={groups}");

/// <summary>The blocks that a kernel sees of images, as columns. torch.nn.Unfold.</summary>
/// <param name="kernelSize">The size of the blocks.</param>
/// <param name="dilation">Steps between elements of a block; 1 if left out.</param>
/// <param name="padding">Zeros on all sides.</param>
/// <param name="stride">Steps between blocks; 1 if left out.</param>
public partial class Unfold(SpatialSize kernelSize, SpatialSize dilation = default, SpatialSize padding = default, SpatialSize stride = default)
    : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Unfold(this, input, kernelSize, dilation, padding, stride);

    /// <inheritdoc/>
    protected override string ExtraText => $"kernel_size={kernelSize}, dilation={Or(dilation, 1)}, padding={Or(padding, 0)}, stride={Or(stride, 1)}";

    internal static SpatialSize Or(SpatialSize value, int otherwise) => value.IsGiven ? value : otherwise;
}

/// <summary>Adds columns up to images. torch.nn.Fold.</summary>
/// <param name="outputSize">Height and width of the images.</param>
/// <param name="kernelSize">The size of the blocks.</param>
/// <param name="dilation">Steps between elements of a block; 1 if left out.</param>
/// <param name="padding">How far blocks reach beyond the edges.</param>
/// <param name="stride">Steps between blocks; 1 if left out.</param>
public partial class Fold(SpatialSize outputSize, SpatialSize kernelSize, SpatialSize dilation = default, SpatialSize padding = default,
    SpatialSize stride = default) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Fold(this, input, outputSize, kernelSize, dilation, padding, stride);

    /// <inheritdoc/>
    protected override string ExtraText =>
        $"output_size={outputSize}, kernel_size={kernelSize}, dilation={Unfold.Or(dilation, 1)}, padding={Unfold.Or(padding, 0)}, " +
        $"stride={Unfold.Or(stride, 1)}";
}
