using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>Tensors in the order in which convolutions leave them give what others give, bit for bit.</summary>
public sealed class ChannelsLastTests
{
    /// <summary>The same elements, as a convolution would leave them.</summary>
    private static Tensor ChannelsLast(Tensor x)
    {
        Tensor y = Tensor.Allocate(Layout.ChannelsLast(x.Layout.Shape), x.DType, x.Device);
        x.Device.Backend.Copy(x.Operand, y.Operand);
        return y;
    }

    public static TheoryData<string> Names => [.. Layers.Keys];

    private static readonly Dictionary<string, Func<Tensor, Tensor>> Layers = new()
    {
        ["maxPool2d"] = x => F.MaxPool2d(x, 2),
        ["maxPool2d overlapping"] = x => F.MaxPool2d(x, 3, 2, 1),
        ["maxPool2d with indices"] = x => F.MaxPool2dWithIndices(x, 2).Output,
        ["maxPool2d rectified"] = x => new MaxPool2d(2).ForwardRelu(x),
        ["avgPool2d"] = x => F.AvgPool2d(x, 3, 2, 1),
        ["adaptiveAvgPool2d"] = x => F.AdaptiveAvgPool2d(x, 1),
        ["adaptiveMaxPool2d"] = x => F.AdaptiveMaxPool2d(x, (2, 3)),
        ["lpPool2d"] = x => F.LPPool2d(x, 2, 2),
        ["batchNorm"] = x => F.BatchNorm(x, null, null, training: true),
        ["batchNorm running"] = x => F.BatchNorm(x, Tensor.Zeros(x.Size(1)), Tensor.Ones(x.Size(1))),
        ["batchNorm rectified"] = x => F.BatchNorm("BatchNorm", x, null, null, null, null, true, 0.1, 1e-5, relu: true),
        ["layerNorm"] = x => F.LayerNorm(x, [x.Size(-1)]),
        ["groupNorm"] = x => F.GroupNorm(x, 1),
        ["instanceNorm"] = x => F.InstanceNorm(x),
        ["localResponseNorm"] = x => F.LocalResponseNorm(x, 3),
        ["dropout2d"] = x => F.Dropout2d(x, 0.4, generator: new Generator(1)),
        ["interpolate"] = x => F.Interpolate(x, scaleFactor: 2, mode: InterpolationMode.Bilinear),
        ["unfold"] = x => F.Unfold(x, 2),
        ["pixelUnshuffle"] = x => F.PixelUnshuffle(x, 2),
        ["pad"] = x => F.Pad(x, [1, 1, 2, 0]),
        ["pad reflected"] = x => F.Pad(x, [1, 1, 2, 0], PaddingMode.Reflect),
    };

    [Theory, MemberData(nameof(Names))]
    public void Order_of_elements_does_not_show(string name)
    {
        Func<Tensor, Tensor> function = Layers[name];
        foreach (int channels in new[] { 1, 3, 16, 21 })
        {
            Tensor x = Tensor.Randn([2, channels, 6, 8], generator: new Generator(channels));
            Tensor plain = x.Clone(), other = ChannelsLast(x);
            (plain.RequiresGrad, other.RequiresGrad) = (true, true);
            Tensor a = function(plain), b = function(other);
            Tensor g = Tensor.Randn(a.Shape, generator: new Generator(7));
            a.Backward(g);
            b.Backward(g.Rank > 2 ? ChannelsLast(g) : g);
            Assert.Equal(a.ToArray<float>(), b.ToArray<float>());
            Assert.Equal(plain.Grad!.ToArray<float>(), other.Grad!.ToArray<float>());
            Assert.Equal(x.ToArray<float>(), other.ToArray<float>());
        }
    }

    [Fact]
    public void Results_stay_in_order_from_layer_to_layer()
    {
        Tensor x = ChannelsLast(Tensor.Randn(2, 16, 8, 8));
        Tensor y = F.BatchNorm(F.MaxPool2d(x, 2), null, null, training: true).Relu();
        Assert.True(y.Layout.IsChannelsLast);
        Assert.True(F.AvgPool2d(y, 2).Layout.IsChannelsLast);
        Assert.True(x.Layout.IsChannelsLast);
        // Whoever looks sees rows.
        Assert.Equal([256L, 16, 4, 1], y.Strides);
    }
}
