namespace Facula.Tests.Ops;

/// <summary>Gradients where a function has no derivative, as PyTorch 1.13.1 computes them (run on the CPU, float32).</summary>
public sealed class KinkTests
{
    public static TheoryData<string, double[], double[]> Kinks { get; } = new()
    {
        { "relu", [0, double.NaN], [0, 1] },
        { "relu6", [0, 6], [0, 0] },
        { "leakyRelu", [0], [0.1] },
        { "elu", [0], [0.7] },
        { "selu", [0], [1.7580993408473766] },
        { "hardTanh", [-2, 1], [0, 0] },
        { "hardSigmoid", [-3, 3], [0, 0] },
        { "hardSwish", [-4, -3, 3, 4], [0, -0.5, 1.5, 1] },
        { "softsign", [0], [1] },
        { "softplus", [0, 20, 1000, -1000], [0.5, 1, 1, 0] },
        { "logSigmoid", [0, 1000, -1000], [0.5, 0, 1] },
        { "silu", [0, 1000, -1000], [0.5, 1, 0] },
        { "mish", [0, 1000, -1000], [0.6, 1, 0] },
        { "gelu tanh", [0, 1000, -1000], [0.5, 1, 0] },
        { "clamp", [-1.5, 2.5, 3, double.NaN], [1, 1, 0, 0] },
        { "abs", [0], [0] },
        { "sign", [0, 1], [0, 0] },
        { "floor", [0, 1], [0, 0] },
        { "round", [0.5], [0] },
        { "rsqrt", [0, 4], [double.NegativeInfinity, -0.0625] },
        { "x pow 2", [0], [0] },
        { "x % 1.5", [3], [1] },
    };

    [Theory, MemberData(nameof(Kinks))]
    public void The_gradient_at_a_kink_is_PyTorchs(string name, double[] at, double[] expected)
    {
        Tensor x = Tensor.From(at).To(DType.Float32);
        OpRun run = OpRun.Of(OpCases.Find(name), [x]);
        double[] cotangents = [.. at.Select((_, i) => 0.5 + i % 7 * 0.25)];
        double[] actual = run.Gradients[0]!.ToArray<double>();
        for (int i = 0; i < at.Length; i++) Assert.Equal(expected[i] * cotangents[i], actual[i], 1e-6);
    }

    [Theory, InlineData("maximum"), InlineData("minimum")]
    public void Equal_operands_share_the_gradient(string name)
    {
        Tensor a = Tensor.From([2f, 3f], requiresGrad: true), b = Tensor.From([2f, 3f], requiresGrad: true);
        OpCases.Find(name).Function([a, b])[0].Sum().Backward();
        Assert.Equal([0.5f, 0.5f], a.Grad!.ToArray<float>());
        Assert.Equal([0.5f, 0.5f], b.Grad!.ToArray<float>());
    }

    [Fact]
    public void Zero_to_a_power_has_the_gradient_of_PyTorch()
    {
        Tensor x = Tensor.Zeros([3], requiresGrad: true), power = Tensor.From([0f, 1f, 2f], requiresGrad: true);
        x.Pow(power).Sum().Backward();
        Assert.Equal([0f, 1f, 0f], x.Grad!.ToArray<float>());
        Assert.Equal([0f, 0f, 0f], power.Grad!.ToArray<float>());
    }

    [Theory, InlineData("softplus"), InlineData("mish"), InlineData("silu"), InlineData("elu"), InlineData("gelu tanh"), InlineData("logSigmoid")]
    public void Second_derivatives_survive_overflow(string name)
    {
        Tensor x = Tensor.From([1000f, -1000f, 100f, -100f], requiresGrad: true);
        Tensor y = OpCases.Find(name).Function([x])[0];
        Tensor slope = Autograd.Grad(y, x, y.OnesLike(), createGraph: true);
        Assert.All(Autograd.Grad(slope, x, y.OnesLike()).ToArray<float>(), second => Assert.Equal(0, second, 1e-30f));
    }
}
