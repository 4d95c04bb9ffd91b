using Facula.NN;

namespace Facula.Tests.NN;

public sealed class InitTests
{
    private static (double Mean, double Std, double Low, double High) Statistics(Tensor tensor)
    {
        double[] values = tensor.ToArray<double>();
        double mean = values.Average();
        return (mean, Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), values.Min(), values.Max());
    }

    /// <summary>Of weights [200, 300]: fan in 300, fan out 200. The formulas are those of torch.nn.init's documentation.</summary>
    public static TheoryData<string, double, double> Spreads => new()
    {
        // Name, deviation, bound (0: none).
        { "uniform", 0.5 / Math.Sqrt(3), 0.5 },
        { "normal", 0.2, 0 },
        { "xavier uniform", 2 * Math.Sqrt(2.0 / 500), 2 * Math.Sqrt(6.0 / 500) },
        { "xavier normal", Math.Sqrt(2.0 / 500), 0 },
        { "kaiming uniform", Math.Sqrt(2.0 / 300), Math.Sqrt(6.0 / 300) },
        { "kaiming uniform slope", Math.Sqrt(2.0 / 6 / 300), Math.Sqrt(1.0 / 300) },
        { "kaiming normal", Math.Sqrt(2.0 / 200), 0 },
        { "kaiming tanh", 5.0 / 3 / Math.Sqrt(300), 5.0 / 3 * Math.Sqrt(3.0 / 300) },
    };

    private static Tensor Run(string name, Tensor t, Generator g) => name switch
    {
        "uniform" => Init.Uniform(t, -0.5, 0.5, g),
        "normal" => Init.Normal(t, 0, 0.2, g),
        "xavier uniform" => Init.XavierUniform(t, 2, g),
        "xavier normal" => Init.XavierNormal(t, generator: g),
        "kaiming uniform" => Init.KaimingUniform(t, generator: g),
        "kaiming uniform slope" => Init.KaimingUniform(t, Math.Sqrt(5), generator: g),
        "kaiming normal" => Init.KaimingNormal(t, mode: FanMode.FanOut, nonlinearity: Nonlinearity.Relu, generator: g),
        "kaiming tanh" => Init.KaimingUniform(t, nonlinearity: Nonlinearity.Tanh, generator: g),
        _ => throw new ArgumentException(name),
    };

    [Theory, MemberData(nameof(Spreads))]
    public void Spread_is_as_documented(string name, double std, double bound)
    {
        Parameter weight = new(Tensor.Empty([200, 300]));
        Assert.Same(weight, Run(name, weight, new(11)));
        (double mean, double actual, double low, double high) = Statistics(weight);
        // 60,000 numbers: the mean is within 4 of its standard errors, the deviation within 2 %.
        Assert.Equal(0, mean, 4 * std / Math.Sqrt(60_000));
        Assert.Equal(std, actual, 0.02 * std);
        if (bound > 0)
        {
            Assert.InRange(low, -bound - 1e-7, -0.99 * bound);
            Assert.InRange(high, 0.99 * bound, bound + 1e-7);
        }
        Assert.True(weight.RequiresGrad && weight.IsLeaf);
        Assert.Equal(weight.ToArray<float>(), Run(name, Tensor.Empty([200, 300]), new(11)).ToArray<float>());
        Assert.NotEqual(weight.ToArray<float>(), Run(name, Tensor.Empty([200, 300]), new(12)).ToArray<float>());
    }

    [Fact]
    public void Fans_count_the_field_of_convolutions()
    {
        Assert.Equal((27, 144), Init.Fans(Tensor.Empty([16, 3, 3, 3])));
        Assert.Throws<ArgumentException>(() => Init.Fans(Tensor.Empty([4])));
    }

    [Fact]
    public void Truncated_normal_numbers_stay_inside()
    {
        // Of a standard normal number within ±1: the deviation is sqrt(1 - 2 phi(1) / (2 Phi(1) - 1)) = 0.539560.
        (double mean, double std, double low, double high) = Statistics(Init.TruncNormal(Tensor.Empty([100_000], DType.Float64), 3, 2, 1, 5, new(7)));
        Assert.Equal(3, mean, 0.02);
        Assert.Equal(2 * 0.539560, std, 0.01);
        Assert.InRange(low, 1, 1.01);
        Assert.InRange(high, 4.99, 5);
        // Far out in the tail too, where drawing again would take forever.
        Assert.InRange(Statistics(Init.TruncNormal(Tensor.Empty([1000], DType.Float64), 0, 1, 6, 7, new(7))).Low, 6, 6.1);
    }

    [Fact]
    public void Normal_quantiles_are_exact()
    {
        // scipy.stats.norm.ppf and cdf.
        foreach ((double p, double x) in new[] { (0.5, 0.0), (0.975, 1.959963984540054), (0.001, -3.090232306167813), (1e-10, -6.361340902404056),
            (0.8, 0.8416212335729143) })
        {
            Assert.Equal(x, NormalQuantile.Of(p), 1e-14);
            Assert.Equal(p, NormalQuantile.Cdf(x), 1e-15);
        }
    }

    [Fact]
    public void Constants_and_eye()
    {
        Assert.Equal([7, 7], Init.Constant(new Parameter(Tensor.Empty([2])), 7).ToArray<float>());
        Assert.Equal([1, 1], Init.Ones(Tensor.Empty([2])).ToArray<float>());
        Assert.Equal([0, 0], Init.Zeros(Tensor.Empty([2])).ToArray<float>());
        Assert.Equal([1, 0, 0, 0, 1, 0], Init.Eye(new Parameter(Tensor.Empty([2, 3]))).ToArray<float>());
        Assert.Throws<ArgumentException>(() => Init.Eye(Tensor.Empty([2])));
    }

    [Theory, InlineData(new[] { 5, 8 }), InlineData(new[] { 8, 5 }), InlineData(new[] { 6, 2, 3 })]
    public void Orthogonal_vectors_have_length_gain(int[] shape)
    {
        Tensor w = Init.Orthogonal(Tensor.Empty(shape, DType.Float64), 3, new(2)).Reshape(shape[0], -1);
        Tensor gram = w.Size(0) <= w.Size(1) ? w.MatMul(w.T) : w.T.MatMul(w);
        Values.AssertClose((Init.Eye(gram.ZerosLike()) * 9).ToArray<double>(), gram, 1e-13);
    }

    [Fact]
    public void Gains_are_PyTorchs()
    {
        Assert.Equal(1, Init.CalculateGain(Nonlinearity.Linear));
        Assert.Equal(1.6666666666666667, Init.CalculateGain(Nonlinearity.Tanh));
        Assert.Equal(1.4142135623730951, Init.CalculateGain(Nonlinearity.Relu));
        Assert.Equal(1.4141428569978354, Init.CalculateGain(Nonlinearity.LeakyRelu));
        Assert.Equal(0.75, Init.CalculateGain(Nonlinearity.Selu));
    }
}
