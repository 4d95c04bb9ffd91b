using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>Expected values come from runs of PyTorch 1.13.</summary>
public sealed class ResizeTests
{
    private static Tensor Image => Tensor.From([-5.0, 2, 9, -1, 3, 10, 0, 7, 11, 1, 8, -2], [1, 1, 3, 4]);

    public static TheoryData<InterpolationMode, bool, bool, double[]> Modes => new()
    {
        { InterpolationMode.Nearest, false, false, [-5, 2, 9, -5, 2, 9, 3, 10, 0, 3, 10, 0, 11, 1, 8] },
        { InterpolationMode.Nearest, true, false, [-5, 2, -5, 2, 3, 10, 3, 10, 11, 1] },
        { InterpolationMode.NearestExact, false, false, [-5, 9, -1, -5, 9, -1, 3, 0, 7, 11, 8, -2, 11, 8, -2] },
        { InterpolationMode.NearestExact, true, false, [-5, 9, -5, 9, 3, 0, 11, 8, 11, 8] },
        { InterpolationMode.Bilinear, false, false,
            [-3.83333333, 5.5, 0.666666667, -0.633333333, 5.3, 2.73333333, 4.16666667, 5, 5.83333333, 7.26666667, 4.7, 2.13333333,
            9.33333333, 4.5, -0.333333333] },
        { InterpolationMode.Bilinear, true, false, [-2.66666667, 9, 0.392156863, 5.55882353, 5.09803922, 0.264705882, 6.6372549, 4.47058824, 7.66666667, 8] },
        { InterpolationMode.Bilinear, false, true, [-5, 5.5, -1, -1, 5.25, 3, 3, 5, 7, 7, 4.75, 2.5, 11, 4.5, -2] },
        { InterpolationMode.Bicubic, false, false,
            [-4.91323148, 7.29475, 0.0512685185, -1.27746759, 6.317375, 3.05063426, 4.17824074, 5, 5.82175926, 7.99769907, 4.54325, 2.36663426,
            9.94873148, 4.452, -1.04473148] },
        { InterpolationMode.Bicubic, true, false,
            [-4.0561557, 9.87638027, -0.00488264318, 5.14207205, 5.52086255, 0.0380113983, 7.45333184, 3.7944166, 7.59966802, 8.6419194] },
        { InterpolationMode.Bicubic, false, true, [-5, 7.09375, -1, -1.75, 6.09375, 3.84375, 3, 5, 7, 7.75, 4.55371094, 3.25, 11, 4.5, -2] },
        { InterpolationMode.Area, false, false, [-1.5, 5.5, 4, 2.5, 5.25, 3.75, 6.5, 5, 3.5, 6.25, 4.75, 3.25, 6, 4.5, 3] },
    };

    [Theory, MemberData(nameof(Modes))]
    public void Interpolate_gives_PyTorchs_values(InterpolationMode mode, bool scales, bool alignCorners, double[] expected)
    {
        Tensor y = scales ? F.Interpolate(Image, scaleFactor: (1.7, 0.6), mode: mode, alignCorners: alignCorners)
            : F.Interpolate(Image, (5, 3), mode: mode, alignCorners: alignCorners);
        Assert.Equal(scales ? [1, 1, 5, 2] : [1, 1, 5, 3], y.Shape);
        Values.AssertClose(expected, y, 1e-8);
        Upsample layer = scales ? new(scaleFactor: (1.7, 0.6), mode: mode, alignCorners: alignCorners) : new((5, 3), mode: mode, alignCorners: alignCorners);
        Assert.Equal(y.ToArray<double>(), layer.Call(Image).ToArray<double>());
    }

    [Fact]
    public void Interpolate_says_what_does_not_fit()
    {
        Assert.Throws<ArgumentException>(() => F.Interpolate(Image));
        Assert.Throws<ArgumentException>(() => F.Interpolate(Image, 3, 2.0));
        Assert.Throws<ArgumentException>(() => F.Interpolate(Image, 3, mode: InterpolationMode.Linear));
        Assert.Throws<ArgumentException>(() => F.Interpolate(Image, (1, 2, 3)));
        Assert.Throws<ArgumentException>(() => F.Interpolate(Image, scaleFactor: 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => F.Interpolate(Image, scaleFactor: -1));
        Assert.Throws<ArgumentException>(() => new Upsample());
    }

    [Fact]
    public void Blocks_unfold_and_fold()
    {
        Assert.Equal([0, 0, 3, 10, 0, 0, 10, 0, 0, 0, 0, 7, -5, 2, 11, 1, 2, 9, 1, 8, 9, -1, 8, -2],
            new Unfold((2, 3), padding: (1, 0), stride: (2, 1)).Call(Image).ToArray<double>());
        Tensor columns = Tensor.Arange(24, dtype: DType.Float64).Reshape(1, 4, 6);
        Assert.Equal([0, 7, 9, 8, 15, 44, 48, 31, 15, 37, 39, 23], new Fold((3, 4), 2).Call(columns).ToArray<double>());
        Assert.Equal([1, 3, 4], new Fold((3, 4), 2).Call(columns.Squeeze(0)).Shape);
        Assert.Throws<ArgumentException>(() => F.Unfold(Image, 5));
        Assert.Throws<ArgumentException>(() => F.Fold(columns, (4, 4), 2));
    }

    [Fact]
    public void Channels_and_pixels_shuffle()
    {
        Tensor x = Tensor.Arange(16).Reshape(1, 4, 2, 2);
        Assert.Equal([0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15], new PixelShuffle(2).Call(x).ToArray<long>());
        Assert.Equal([0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15], new PixelUnshuffle(2).Call(x.Reshape(1, 1, 4, 4)).ToArray<long>());
        Assert.Equal([0, 3, 1, 4, 2, 5], new ChannelShuffle(2).Call(Tensor.Arange(6).Reshape(1, 6, 1)).ToArray<long>());
        Assert.Throws<ArgumentException>(() => F.PixelShuffle(x, 3));
        Assert.Throws<ArgumentException>(() => F.PixelUnshuffle(x, 3));
        Assert.Throws<ArgumentException>(() => F.ChannelShuffle(x, 3));
    }

    [Fact]
    public void Pad_layers_pad_as_the_function()
    {
        Tensor x = Image;
        Assert.Equal(F.Pad(x, [1, 2, 0, 1], PaddingMode.Constant, 3.5).ToArray<double>(), new ConstantPad2d((1, 2, 0, 1), 3.5).Call(x).ToArray<double>());
        Assert.Equal(F.Pad(x, [1, 1, 1, 1]).ToArray<double>(), new ZeroPad2d(1).Call(x).ToArray<double>());
        Assert.Equal(F.Pad(x, [1, 2, 0, 1], PaddingMode.Reflect).ToArray<double>(), new ReflectionPad2d((1, 2, 0, 1)).Call(x).ToArray<double>());
        Assert.Equal(F.Pad(x, [1, 2], PaddingMode.Replicate).ToArray<double>(), new ReplicationPad1d((1, 2)).Call(x.Squeeze(0)).ToArray<double>());
        Assert.Equal([5, 5, 6], new CircularPad3d((1, 1, 1, 1, 0, 0)).Call(x.Expand(1, 5, 3, 4)).Shape.ToArray()[^3..]);
        Assert.Throws<ArgumentException>(() => new ReflectionPad2d(1).Call(Tensor.Zeros(3, 3)));
        Assert.Throws<ArgumentException>(() => new ReflectionPad2d((1, 1)));
    }

    [Fact]
    public void Dropout_of_channels_drops_them_whole()
    {
        Tensor x = Tensor.Ones([50, 40, 3, 2], requiresGrad: true);
        var layer = new Dropout2d(0.3, new Generator(5));
        Tensor y = layer.Call(x);
        float[] values = y.ToArray<float>();
        for (int i = 0; i < values.Length; i++) Assert.Equal(values[i / 6 * 6], values[i]);
        Assert.All(values, v => Assert.True(v == 0 || v == (float)(1 / 0.7)));
        Assert.Equal(0.3, values.Count(v => v == 0) / (double)values.Length, 0.05);
        y.Sum().Backward();
        Assert.Equal(values, x.Grad!.ToArray<float>());
        Assert.Same(x, layer.Eval().Call(x));
        // Without samples each channel is still dropped for itself.
        float[] single = F.Dropout1d(Tensor.Ones(40, 5), generator: new Generator(1)).ToArray<float>();
        for (int i = 0; i < single.Length; i++) Assert.Equal(single[i / 5 * 5], single[i]);
        Assert.Contains(0, single);
        Assert.Contains(2, single);
        Assert.Throws<ArgumentException>(() => F.Dropout2d(Tensor.Ones(3, 3)));
    }

    [Fact]
    public void AlphaDropout_keeps_mean_and_variance()
    {
        Tensor x = Tensor.Randn([200_000], generator: new Generator(1)), y = new AlphaDropout(0.4, new Generator(2)).Call(x);
        Assert.Equal(0, y.Mean().Item<double>(), 0.02);
        Assert.Equal(1, y.Var().Item<double>(), 0.02);
        Assert.Equal(0, new AlphaDropout(1).Call(x).Abs().Max().Item<double>());
    }
}
