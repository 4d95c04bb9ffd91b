using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>What pins the algorithm for the whole process runs alone.</summary>
[CollectionDefinition(nameof(ConvolutionAlgorithmTests), DisableParallelization = true), Collection(nameof(ConvolutionAlgorithmTests))]
public sealed class ConvolutionAlgorithmTests
{
    /// <summary>The largest error against float64, of the largest element: what docs/notes/convolution.md states.</summary>
    [Theory]
    [InlineData(ConvolutionAlgorithm.Direct, 5e-6), InlineData(ConvolutionAlgorithm.Winograd2, 5e-6), InlineData(ConvolutionAlgorithm.Winograd4, 2e-5)]
    public void Algorithms_agree_with_float64(ConvolutionAlgorithm algorithm, double allowed)
    {
        (int, int, int, int, int, int, int)[] cases =
        [
            (32, 64, 12, 12, 3, 1, 1), (16, 16, 7, 9, 3, 1, 1), (48, 32, 10, 5, 3, 0, 1), (64, 80, 6, 6, 3, 2, 1), (16, 32, 4, 3, 3, 1, 1),
            (32, 16, 9, 14, 3, 2, 2), (16, 48, 10, 13, 3, 1, 3), (16, 16, 5, 4, 3, 4, 4), (32, 48, 12, 11, 5, 2, 1), (16, 16, 6, 5, 5, 0, 1),
            (16, 32, 13, 10, 5, 3, 2),
            // So many tiles that they are cut into chunks, and the weight's gradient into slices.
            (16, 16, 64, 64, 3, 1, 1), (16, 32, 42, 46, 5, 2, 1), (32, 16, 44, 40, 3, 2, 2),
        ];
        foreach ((int inputs, int outputs, int height, int width, int kernel, int padding, int dilation) in cases)
        {
            var generator = new Generator(5);
            Tensor x = Tensor.Randn([3, inputs, height, width], generator: generator),
                w = Tensor.Randn([outputs, inputs, kernel, kernel], generator: generator);
            Tensor bias = Tensor.Randn([outputs], generator: generator);
            int less = 2 * padding - dilation * (kernel - 1);
            Tensor g = Tensor.Randn([3, outputs, height + less, width + less], generator: generator);
            Tensor[] exact = Run(x.To(DType.Float64), w.To(DType.Float64), bias.To(DType.Float64), g.To(DType.Float64), padding, dilation);
            CpuSettings.ConvolutionAlgorithm = algorithm;
            try
            {
                Tensor[] results = Run(x, w, bias, g, padding, dilation);
                for (int i = 0; i < results.Length; i++)
                {
                    double error = ((results[i].To(DType.Float64) - exact[i]).Abs().Max() / exact[i].Abs().Max()).Item<double>();
                    Assert.True(error < allowed,
                        $"{algorithm}, {inputs} to {outputs} channels of {height}x{width}, kernel {kernel}, dilation {dilation}, result {i}: {error}");
                }
            }
            finally
            {
                CpuSettings.ConvolutionAlgorithm = ConvolutionAlgorithm.Automatic;
            }
        }
    }

    [Fact]
    public void Results_are_the_same_bits_for_any_number_of_threads()
    {
        int before = CpuSettings.ThreadCount;
        var generator = new Generator(6);
        foreach ((int samples, int size) in new[] { (1, 16), (3, 64) })
        {
            Tensor x = Tensor.Randn([samples, 32, size, size], generator: generator), w = Tensor.Randn([64, 32, 3, 3], generator: generator);
            Tensor bias = Tensor.Randn([64], generator: generator), g = Tensor.Randn([samples, 64, size, size], generator: generator);
            try
            {
                CpuSettings.ThreadCount = 1;
                Tensor[] alone = Run(x, w, bias, g, 1, 1);
                CpuSettings.ThreadCount = 3;
                Tensor[] together = Run(x, w, bias, g, 1, 1);
                for (int i = 0; i < alone.Length; i++) Assert.Equal(alone[i].ToArray<float>(), together[i].ToArray<float>());
            }
            finally
            {
                CpuSettings.ThreadCount = before;
            }
        }
    }

    private static Tensor[] Run(Tensor x, Tensor w, Tensor bias, Tensor gradient, int padding, int dilation)
    {
        x = x.Detach().Clone();
        w = w.Detach().Clone();
        bias = bias.Detach().Clone();
        (x.RequiresGrad, w.RequiresGrad, bias.RequiresGrad) = (true, true, true);
        Tensor y = F.Conv2d(x, w, bias, padding: padding, dilation: dilation);
        y.Backward(gradient);
        return [y.Detach(), x.Grad!, w.Grad!, bias.Grad!];
    }

    [Fact]
    public void An_unknown_algorithm_is_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CpuSettings.ConvolutionAlgorithm = (ConvolutionAlgorithm)9);
}
