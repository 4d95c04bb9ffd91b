using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>Expected values come from runs of PyTorch 1.13.</summary>
public sealed class PoolTests
{
    private static Tensor Image => Tensor.From([
        -5.0, 2, 9, -1, 6, -4,
        3, 10, 0, 7, -3, 4,
        11, 1, 8, -2, 5, -5,
        2, 9, -1, 6, -4, 3,
        10, 0, 7, -3, 4, 11], [1, 1, 5, 6]);

    [Fact]
    public void MaxPool_gives_PyTorchs_values_and_indices()
    {
        (Tensor y, Tensor indices) = new MaxPool2d(3, 2, 1).ForwardWithIndices(Image);
        Assert.Equal([1, 1, 3, 3], y.Shape);
        Assert.Equal([10, 10, 7, 11, 10, 7, 10, 9, 11], y.ToArray<double>());
        Assert.Equal([7, 7, 9, 12, 7, 9, 24, 19, 29], indices.ToArray<long>());
        (y, indices) = F.MaxPool2dWithIndices(Image, (2, 3), (3, 1), (1, 0), (1, 2), ceilMode: true);
        Assert.Equal([1, 1, 2, 2], y.Shape);
        Assert.Equal([9, 2, 11, 9], y.ToArray<double>());
        Assert.Equal([2, 1, 12, 19], indices.ToArray<long>());
        (y, indices) = F.AdaptiveMaxPool2dWithIndices(Image, (3, 4));
        Assert.Equal([10, 10, 7, 6, 11, 10, 7, 5, 10, 9, 6, 11], y.ToArray<double>());
        Assert.Equal([7, 7, 9, 4, 12, 7, 9, 16, 24, 19, 21, 29], indices.ToArray<long>());
    }

    [Fact]
    public void AvgPool_gives_PyTorchs_values()
    {
        Values.AssertClose([1.11111111, 3, 1, 0, 4, 4.22222222, 1.22222222, 0.333333333, 2.33333333, 2, 1.88888889, 2.33333333],
            F.AvgPool2d(Image, 3, 2, 1, ceilMode: true), 1e-8);
        Values.AssertClose([2.5, 4.5, 1.5, 0, 6, 4.22222222, 1.22222222, 0.666666667, 5.25, 3, 2.83333333, 7],
            new AvgPool2d(3, 2, 1, ceilMode: true, countIncludePad: false).Call(Image), 1e-8);
        Values.AssertClose([3.33333333, 5, 1, 7.66666667, 3.66666667, -0.333333333], F.AvgPool2d(Image, 2, divisorOverride: 3), 1e-8);
        Values.AssertClose([2.5, 5.25, 2.25, 0.75, 6, 4.5, 1.5, 0, 5.25, 3.75, 0.75, 3.5], new AdaptiveAvgPool2d((3, 4)).Call(Image), 1e-8);
        Values.AssertClose([14.7986486, 13.2664992, 10.7470926, 16.4924225, 12.083046, 10.6066017, 17.2626765, 12.1655251, 20.2731349],
            new LPPool2d(2, (2, 3), 2, ceilMode: true).Call(Image), 1e-8);
    }

    [Fact]
    public void MaxUnpool_puts_the_largest_back()
    {
        (Tensor y, Tensor indices) = F.MaxPool2dWithIndices(Image, 2);
        double[] expected = [0, 0, 9, 0, 6, 0, 0, 10, 0, 0, 0, 0, 11, 0, 8, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(expected, new MaxUnpool2d(2).Forward(y, indices, (5, 6)).ToArray<double>());
        Assert.Equal([1, 1, 4, 6], new MaxUnpool2d(2).Call(y, indices).Shape);
        Assert.Throws<ArgumentException>(() => F.MaxUnpool2d(y, indices, 2, outputSize: (6, 6)));
        Assert.Throws<ArgumentException>(() => F.MaxUnpool2d(y, indices.Narrow(3, 0, 2), 2));
    }

    [Fact]
    public void MaxPool_takes_NaN_for_the_largest_and_finds_minus_infinity()
    {
        Tensor x = Tensor.From([1, double.NaN, 3, double.NaN, 5, 5, 2, double.NegativeInfinity], [1, 2, 4]);
        (Tensor y, Tensor indices) = F.MaxPool1dWithIndices(x, 4);
        Assert.Equal([double.NaN, 5], y.ToArray<double>());
        Assert.Equal([3, 0], indices.ToArray<long>());
        (y, indices) = F.MaxPool1dWithIndices(Tensor.Full([1, 1, 4], double.NegativeInfinity), 2);
        Assert.Equal([double.NegativeInfinity, double.NegativeInfinity], y.ToArray<double>());
        Assert.Equal([0, 2], indices.ToArray<long>());
    }

    [Theory, InlineData(nameof(DType.Float32)), InlineData(nameof(DType.Float64)), InlineData(nameof(DType.BFloat16))]
    public void Pool_with_relu_is_the_pool_of_the_relu(string dtype)
    {
        DType type = DType.Parse(dtype);
        var generator = new Generator(1);
        foreach (int channels in new[] { 1, 5, 8, 16, 19, 32 })
        {
            Tensor x = (Tensor.Randn([3, channels, 7, 6], DType.Float32, generator: generator) - 1).To(type), a = x.Clone(), b = x.Clone();
            x = null!;
            (a.RequiresGrad, b.RequiresGrad) = (true, true);
            var layer = new MaxPool2d(2);
            Tensor fused = layer.ForwardRelu(a), plain = layer.Call(b.Relu());
            Assert.Equal(plain.ToArray<double>(), fused.ToArray<double>());
            Tensor g = Tensor.Randn(fused.Shape, type, generator: generator);
            fused.Backward(g);
            plain.Backward(g);
            Assert.Equal(b.Grad!.ToArray<double>(), a.Grad!.ToArray<double>());
            Assert.Contains(a.Grad!.ToArray<double>(), v => v != 0);
        }
    }

    [Fact]
    public void MaxPool_keeps_a_byte_for_each_result()
    {
        Tensor x = Tensor.Randn([2, 16, 8, 8], requiresGrad: true);
        Tensor y = F.MaxPool2d(x, 2);
        // What backward needs is not the input, so that it may change.
        using (Autograd.NoGrad()) x.ZeroInPlace();
        y.Sum().Backward();
        Assert.Equal(2 * 16 * 16, x.Grad!.Sum().Item<double>());
    }

    [Fact]
    public void Pools_take_single_samples_and_none_at_all()
    {
        Tensor x = Tensor.Randn(3, 4, 6);
        Assert.Equal(F.MaxPool2d(x.Unsqueeze(0), 2).ToArray<float>(), F.MaxPool2d(x, 2).ToArray<float>());
        Assert.Equal([3, 2, 3], F.MaxPool2d(x, 2).Shape);
        Assert.Equal([3, 2, 3], F.MaxPool2dWithIndices(x, 2).Indices.Shape);
        Assert.Equal([3, 1, 1], F.AdaptiveAvgPool2d(x, 1).Shape);
        Assert.Equal([3, 4, 2], F.AvgPool2d(x, (1, 3)).Shape);
        Tensor none = Tensor.Zeros([0, 3, 4, 6], requiresGrad: true);
        Tensor y = F.MaxPool2d(none, 2);
        Assert.Equal([0, 3, 2, 3], y.Shape);
        y.Sum().Backward();
        Assert.Equal([0, 3, 4, 6], none.Grad!.Shape);
        Assert.Equal([0, 3, 1, 1], F.AdaptiveAvgPool2d(none, 1).Shape);
    }

    [Fact]
    public void Pools_say_what_does_not_fit()
    {
        var error = Assert.Throws<ArgumentException>(() => new MaxPool2d(5).Call(Tensor.Zeros(1, 3, 4, 6)));
        Assert.Contains("MaxPool2d(kernel_size=5", error.Message, StringComparison.Ordinal);
        Assert.Contains("[1, 3, 4, 6]", error.Message, StringComparison.Ordinal);
        Assert.Contains("spans 5", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => F.AvgPool1d(Tensor.Zeros(3), 2));
        Assert.Contains("[n, channels, length]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => F.MaxPool2d(Tensor.Zeros(1, 1, 8, 8), 2, padding: 2));
        Assert.Throws<ArgumentException>(() => F.MaxPool2d(Tensor.Zeros(1, 0, 8, 8), 2));
        Assert.Throws<ArgumentException>(() => F.MaxPool2d(Tensor.Zeros([1, 1, 8, 8], DType.Int64), 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MaxPool2d(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => F.AvgPool2d(Tensor.Zeros(1, 1, 8, 8), 2, divisorOverride: 0));
        Assert.Throws<ArgumentException>(() => new MaxPool3d((2, 2)));
    }
}
