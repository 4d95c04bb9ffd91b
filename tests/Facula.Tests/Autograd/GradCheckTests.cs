namespace Facula.Tests.Gradients;

public sealed class GradCheckTests
{
    /// <summary>x², with a gradient of factor x.</summary>
    private sealed class Square(double factor) : Autograd.Function
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            Save(inputs[0]);
            return inputs[0] * inputs[0];
        }

        protected override Tensor?[] Backward(Tensor gradient) => [gradient * Saved(0) * factor];
    }

    /// <summary>x³, whose gradient forgets that it depends on x.</summary>
    private sealed class ForgetfulCube : Autograd.Function
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            Save(inputs[0]);
            return inputs[0] * inputs[0] * inputs[0];
        }

        protected override Tensor?[] Backward(Tensor gradient) => [gradient * (Saved(0) * Saved(0)).Detach() * 3];
    }

    private static Tensor Input(params double[] values) => Tensor.From(values, requiresGrad: true);

    [Fact]
    public void GradCheck_right_gradient_passes()
    {
        Assert.True(Autograd.GradCheck(x => new Square(2).Apply(x), [Input(1, -2, 3)]));
        Assert.True(Autograd.GradGradCheck(x => new Square(2).Apply(x), [Input(1, -2, 3)]));
    }

    [Fact]
    public void GradCheck_wrong_gradient_names_input_element_and_both_values()
    {
        Tensor a = Tensor.From([5.0, 6]), b = Tensor.From([[1.0, 2], [3, 4]], requiresGrad: true);
        Func<Tensor[], Tensor> product = x => x[0] * new Square(2.5).Apply(x[1]);
        var error = Assert.Throws<InvalidOperationException>(() => Autograd.GradCheck(product, [a, b]));
        foreach (string part in new[] { "GradCheck", "input 1", "[0, 0]", "12.5", "10" }) Assert.Contains(part, error.Message);
        Assert.False(Autograd.GradCheck(product, [a, b], raiseException: false));
        Assert.Equal([1.0, 2, 3, 4], b.ToArray<double>());
    }

    [Fact]
    public void GradGradCheck_finds_a_gradient_without_history()
    {
        Assert.True(Autograd.GradCheck(x => new ForgetfulCube().Apply(x), [Input(1, 2)]));
        Assert.Contains("GradGradCheck",
            Assert.Throws<InvalidOperationException>(() => Autograd.GradGradCheck(x => new ForgetfulCube().Apply(x), [Input(1, 2)])).Message);
    }

    [Fact]
    public void GradCheck_several_results_and_strided_inputs()
    {
        Tensor x = Tensor.From([[1.0, 2, 3], [4, 5, 6]]).T.Detach();
        x.RequiresGrad = true;
        Assert.True(Autograd.GradCheck(t => [t[0] * 2, t[0] > 3, t[0].Exp().Sum(0)], [x]));
        var error = Assert.Throws<InvalidOperationException>(() => Autograd.GradCheck(t => [t[0] * 2, new Square(1).Apply(t[0])], [x]));
        Assert.Contains("output 1", error.Message);
    }

    [Fact]
    public void GradCheck_refuses_what_it_cannot_check()
    {
        Assert.Contains("float64", Assert.Throws<ArgumentException>(() => Autograd.GradCheck(x => x[0], [Tensor.Ones([2], requiresGrad: true)])).Message);
        Assert.Throws<ArgumentException>(() => Autograd.GradCheck(x => x[0], [Tensor.From([1.0])]));
        Tensor repeated = Tensor.From([1.0]).Expand(3).Detach();
        repeated.RequiresGrad = true;
        Assert.Contains("Clone", Assert.Throws<ArgumentException>(() => Autograd.GradCheck(x => x[0], [repeated])).Message);
    }
}
