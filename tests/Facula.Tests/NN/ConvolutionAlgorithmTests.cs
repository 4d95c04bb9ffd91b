using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>What pins the algorithm for the whole process runs alone.</summary>
[CollectionDefinition(nameof(ConvolutionAlgorithmTests), DisableParallelization = true), Collection(nameof(ConvolutionAlgorithmTests))]
public sealed class ConvolutionAlgorithmTests
{
    /// <summary>The largest error against float64, of the largest element: what docs/performance.md states.</summary>
    [Theory]
    [InlineData(ConvolutionAlgorithm.Direct, 5e-6), InlineData(ConvolutionAlgorithm.Winograd2, 5e-6), InlineData(ConvolutionAlgorithm.Winograd4, 2e-5)]
    public void Algorithms_agree_with_float64(ConvolutionAlgorithm algorithm, double allowed)
    {
        foreach ((int inputs, int outputs, int height, int width, int padding) in new[] { (32, 64, 12, 12, 1), (16, 16, 7, 9, 1), (48, 32, 10, 5, 0), (64, 80, 6, 6, 2), (16, 32, 4, 3, 1) })
        {
            var generator = new Generator(5);
            Tensor x = Tensor.Randn([3, inputs, height, width], generator: generator), w = Tensor.Randn([outputs, inputs, 3, 3], generator: generator);
            Tensor bias = Tensor.Randn([outputs], generator: generator);
            Tensor g = Tensor.Randn([3, outputs, height + 2 * padding - 2, width + 2 * padding - 2], generator: generator);
            Tensor[] exact = Run(x.To(DType.Float64), w.To(DType.Float64), bias.To(DType.Float64), g.To(DType.Float64), padding);
            Convolution.Algorithm = algorithm;
            try
            {
                Tensor[] results = Run(x, w, bias, g, padding);
                for (int i = 0; i < results.Length; i++)
                {
                    double error = ((results[i].To(DType.Float64) - exact[i]).Abs().Max() / exact[i].Abs().Max()).Item<double>();
                    Assert.True(error < allowed, $"{algorithm}, {inputs} to {outputs} channels of {height}x{width}, result {i}: {error}");
                }
            }
            finally
            {
                Convolution.Algorithm = ConvolutionAlgorithm.Automatic;
            }
        }
    }

    private static Tensor[] Run(Tensor x, Tensor w, Tensor bias, Tensor gradient, int padding)
    {
        x = x.Detach().Clone();
        w = w.Detach().Clone();
        (x.RequiresGrad, w.RequiresGrad) = (true, true);
        Tensor y = F.Conv2d(x, w, bias, padding: padding);
        y.Backward(gradient);
        return [y.Detach(), x.Grad, w.Grad];
    }

    [Fact]
    public void An_unknown_algorithm_is_an_error() => Assert.Throws<ArgumentOutOfRangeException>(() => Convolution.Algorithm = (ConvolutionAlgorithm)9);
}
