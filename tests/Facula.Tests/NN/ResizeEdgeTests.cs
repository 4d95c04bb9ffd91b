using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>Resizing, padding and shuffling at their limits. Expected values come from runs of PyTorch 1.13.</summary>
public sealed class ResizeEdgeTests
{
    private static Tensor Image => Tensor.From([-5.0, 2, 9, -1, 3, 10, 0, 7, 11, 1, 8, -2], [1, 1, 3, 4]);

    public static TheoryData<InterpolationMode, bool, double[]> Recomputed => new()
    {
        { InterpolationMode.NearestExact, true, [-5, 2, 9, 9, -1, 3, 10, 0, 0, 7, 11, 1, 8, 8, -2] },
        { InterpolationMode.NearestExact, false, [-5, 2, 2, 9, -1, 3, 10, 10, 0, 7, 3, 10, 10, 0, 7] },
        { InterpolationMode.Bilinear, true, [-5, -0.1, 5.5, 6, -1, 3, 7.9, 5, 2.1, 7, 11, 4, 4.5, 5, -2] },
        {
            InterpolationMode.Bilinear, false,
            [-5, -0.4230769872665405, 4.961538791656494, 7.07692289352417, -0.6153855323791504, 3, 7.57692289352417, 5.769229888916016,
                1.3461542129516602, 6.730770111083984, 11, 4.461538314819336, 3.961538791656494, 6.07692289352417, -1.6153855323791504]
        },
        {
            InterpolationMode.Bicubic, true,
            [-5.425251007080078, -0.7247469425201416, 7.09375, 6.981749534606934, -1.6075003147125244, 2.5747504234313965, 9.149499893188477,
                5, 0.8505020141601562, 7.425251007080078, 11.607501983642578, 3.0182504653930664, 4.5, 5.981749057769775, -2.6075005531311035]
        },
    };

    [Theory, MemberData(nameof(Recomputed))]
    public void Interpolate_by_a_fraction_goes_by_the_scale_or_by_the_sizes(InterpolationMode mode, bool recompute, double[] expected)
    {
        // PyTorch computes places in float.
        Values.AssertClose(expected, F.Interpolate(Image, scaleFactor: 1.3, mode: mode, recomputeScaleFactor: recompute), 1e-5);
        Values.AssertClose(expected, new Upsample(scaleFactor: 1.3, mode: mode, recomputeScaleFactor: recompute).Call(Image), 1e-5);
    }

    [Theory, InlineData(nameof(DType.UInt8)), InlineData(nameof(DType.Int64)), InlineData(nameof(DType.Float16)), InlineData(nameof(DType.BFloat16))]
    public void Interpolate_to_the_nearest_takes_any_type(string dtype)
    {
        DType type = DType.Parse(dtype);
        Tensor y = F.Interpolate(Image.Abs().To(type), 2);
        Assert.Equal(type, y.DType);
        Assert.Equal([5, 9, 3, 0], y.ToArray<int>());
        Assert.Equal([2, 1, 1, 2], F.Interpolate(Image.Abs().To(type), 2, mode: InterpolationMode.NearestExact).ToArray<int>());
    }

    [Theory]
    [InlineData(InterpolationMode.Bilinear, false, 5), InlineData(InterpolationMode.Bilinear, true, -5)]
    [InlineData(InterpolationMode.Bicubic, false, 5), InlineData(InterpolationMode.Bicubic, true, -5)]
    public void Interpolate_to_and_from_a_single_element(InterpolationMode mode, bool alignCorners, double one)
    {
        Assert.Equal([one], F.Interpolate(Image, 1, mode: mode, alignCorners: alignCorners).ToArray<double>());
        Assert.All(F.Interpolate(Image[.., .., ..1, ..1], 3, mode: mode, alignCorners: alignCorners).ToArray<double>(), y => Assert.Equal(-5, y, 1e-12));
        Assert.Equal([0, 1, 3, 3], F.Interpolate(Tensor.Zeros(0, 1, 2, 2), 3, mode: mode, alignCorners: alignCorners).Shape);
    }

    [Fact]
    public void Settings_of_another_mode_are_refused_by_the_layer_s_name()
    {
        var layer = new Upsample(2, mode: InterpolationMode.Nearest, alignCorners: true);
        Assert.Contains("Upsample(size=2, mode='nearest'): alignCorners", Assert.Throws<ArgumentException>(() => layer.Call(Image)).Message);
        Assert.Contains("alignCorners",
            Assert.Throws<ArgumentException>(() => F.Interpolate(Image, 2, mode: InterpolationMode.Area, alignCorners: true)).Message);
        Assert.Contains("recomputeScaleFactor", Assert.Throws<ArgumentException>(() => F.Interpolate(Image, 2, recomputeScaleFactor: true)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => F.Interpolate(Image, scaleFactor: double.PositiveInfinity));
        Assert.Contains("floating-point",
            Assert.Throws<ArgumentException>(() => F.Interpolate(Image.To(DType.Int64), 2, mode: InterpolationMode.Bilinear)).Message);
    }

    [Fact]
    public void Pads_that_take_away()
    {
        Tensor x = Tensor.Arange(6.0).Reshape(1, 2, 3), wide = Tensor.Arange(12.0).Reshape(1, 1, 3, 4);
        Assert.Equal([1, 4], F.Pad(x, [-1, -1]).ToArray<int>());
        Assert.Equal([2, 9, 9, 9, 5, 9, 9, 9], F.Pad(x, [-2, 3], value: 9).ToArray<int>());
        Assert.Equal([1, 2, 0], F.Pad(x, [-2, -1]).Shape);
        Assert.Equal([1, 2, 1, 4, 5, 4], F.Pad(x, [-1, 1], PaddingMode.Reflect).ToArray<int>());
        Assert.Equal([1, 2, 2, 4, 5, 5], F.Pad(x, [-1, 1], PaddingMode.Replicate).ToArray<int>());
        Assert.Equal([1, 2, 1, 4, 5, 4], F.Pad(x, [-1, 1], PaddingMode.Circular).ToArray<int>());
        Tensor five = Tensor.Arange(5.0).Reshape(1, 1, 5);
        Assert.Equal([2, 3, 0, 1, 2, 3], F.Pad(five, [2, -1], PaddingMode.Circular).ToArray<int>());
        Assert.Equal([2, 3, 4, 2, 3], F.Pad(five, [-2, 2], PaddingMode.Circular).ToArray<int>());
        Assert.Equal([3, 2, 1, 0, 1, 2], F.Pad(five, [3, -2], PaddingMode.Reflect).ToArray<int>());
        Assert.Throws<ArgumentException>(() => F.Pad(five, [-1, 5], PaddingMode.Circular));
        Assert.Equal([5, 6, 1, 2, 5, 6, 9, 10, 5, 6], F.Pad(wide, [-1, -1, 1, 1], PaddingMode.Reflect).ToArray<int>());
        Assert.Equal([9, 10, 1, 2, 5, 6, 9, 10, 1, 2], F.Pad(wide, [-1, -1, 1, 1], PaddingMode.Circular).ToArray<int>());
        Assert.Throws<ArgumentException>(() => F.Pad(x, [-4, 3]));
        Assert.Throws<ArgumentException>(() => F.Pad(x, [-4, 9], PaddingMode.Replicate));
    }

    [Fact]
    public void Errors_of_pads_name_the_layer_and_the_shape()
    {
        string message = Assert.Throws<ArgumentException>(() => new ReflectionPad2d(4).Call(Image)).Message;
        Assert.Contains("ReflectionPad2d((4, 4, 4, 4))", message);
        Assert.Contains("[1, 1, 3, 4]", message);
        Assert.Contains("ZeroPad2d", Assert.Throws<ArgumentException>(() => new ZeroPad2d((-3, -3, 0, 0)).Call(Image)).Message);
        Assert.Contains("CircularPad1d", Assert.Throws<ArgumentException>(() => new CircularPad1d(1).Call(Image)).Message);
    }

    public static TheoryData<string, Func<Tensor, Tensor>, int[]> Identities => new()
    {
        { "reflected by nothing", x => F.Pad(x, [0, 0, 0, 0], PaddingMode.Reflect), [1, 1, 2, 2] },
        { "padded by nothing", x => F.Pad(x, [0, 0]), [1, 1, 2, 2] },
        { "to the same size", x => F.Interpolate(x, 2), [1, 1, 2, 2] },
        { "to the same size, between elements", x => F.Interpolate(x, scaleFactor: 1, mode: InterpolationMode.Bilinear), [1, 1, 2, 2] },
        { "pixels by 1", x => F.PixelShuffle(x, 1), [1, 1, 2, 2] },
        { "pixels of single elements", x => F.PixelShuffle(x, 2), [1, 4, 1, 1] },
        { "channels by 1", x => F.PixelUnshuffle(x, 1), [1, 1, 2, 2] },
        { "channels of one image", x => F.PixelUnshuffle(x, 2), [1, 1, 2, 2] },
        { "channels of one group", x => F.ChannelShuffle(x, 1), [1, 4, 1] },
        { "unfolded by 1", x => F.Unfold(x, 1), [1, 1, 2, 2] },
        { "folded by 1", x => F.Fold(x, (2, 2), 1), [1, 1, 4] },
    };

    [Theory, MemberData(nameof(Identities))]
    public void Results_that_move_nothing_are_still_tensors_of_their_own(string name, Func<Tensor, Tensor> function, int[] shape)
    {
        Tensor x = Tensor.From([1f, 2, 3, 4], new Shape(shape)), y = function(x);
        Assert.True(y.ToArray<float>() is [1, 2, 3, 4], name);
        y.FillInPlace(0);
        Assert.Equal([1, 2, 3, 4], x.ToArray<float>());
    }

    [Fact]
    public void Batches_may_be_empty_and_missing()
    {
        Assert.Equal([0, 2, 5], F.Pad(Tensor.Zeros(0, 2, 3), [1, 1], PaddingMode.Reflect).Shape);
        Assert.Equal([2, 2], F.Pad(Tensor.Zeros(2, 0), [1, 1], value: 5).Shape);
        Assert.Equal(3, F.Pad(Tensor.From(3.0), []).Item());
        Assert.Equal([0, 4, 6], F.Unfold(Tensor.Zeros(0, 1, 3, 4), 2).Shape);
        Assert.Equal([0, 1, 3, 4], F.Fold(Tensor.Zeros(0, 4, 6), (3, 4), 2).Shape);
        Assert.Equal([1, 3, 4], F.Fold(Tensor.Ones(4, 6), (3, 4), 2).Shape);
        Assert.Equal([0, 1, 4, 4], F.PixelShuffle(Tensor.Zeros(0, 4, 2, 2), 2).Shape);
        Assert.Equal([1, 4, 4], F.PixelShuffle(Tensor.Zeros(4, 2, 2), 2).Shape);
        Assert.Equal([2, 1, 0, 4], F.PixelShuffle(Tensor.Zeros(2, 4, 0, 2), 2).Shape);
        Assert.Equal([0, 3, 4], F.Dropout1d(Tensor.Zeros(0, 3, 4)).Shape);
        Assert.Equal([0, 3], F.AlphaDropout(Tensor.Zeros(0, 3)).Shape);
    }
}
