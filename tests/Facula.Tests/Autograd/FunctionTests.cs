namespace Facula.Tests.Gradients;

public sealed class FunctionTests
{
    private sealed class Cube(double scale = 1) : Autograd.Function
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            Save(inputs[0]);
            return inputs[0] * inputs[0] * inputs[0] * scale;
        }

        protected override Tensor?[] Backward(Tensor gradient) => [gradient * Saved(0) * Saved(0) * (3 * scale)];
    }

    private sealed class ExpOfOutput : Autograd.Function
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            Tensor y = inputs[0].Exp();
            Save(y);
            return y;
        }

        protected override Tensor?[] Backward(Tensor gradient) => [gradient * Saved(0)];
    }

    private sealed class Sums : Autograd.Function
    {
        public readonly List<bool> Needs = [];

        protected override Tensor Forward(Tensor[] inputs) => inputs[0] + inputs[1];

        protected override Tensor?[] Backward(Tensor gradient)
        {
            Needs.AddRange([NeedsGradient(0), NeedsGradient(1)]);
            return [gradient, null];
        }
    }

    private sealed class Wrong(Func<Tensor, Tensor?[]> backward) : Autograd.Function
    {
        protected override Tensor Forward(Tensor[] inputs) => inputs[0] * 2;
        protected override Tensor?[] Backward(Tensor gradient) => backward(gradient);
    }

    private sealed class Same : Autograd.Function
    {
        protected override Tensor Forward(Tensor[] inputs) => inputs[0];
        protected override Tensor?[] Backward(Tensor gradient) => [gradient * 7];
    }

    private static Tensor X => Tensor.From([1.5, -2.0, 0.25], requiresGrad: true);

    [Fact]
    public void Only_gradients_that_lead_to_what_is_asked_for_are_computed()
    {
        Tensor x = X, w = X;
        var sums = new Sums();
        Autograd.Grad([sums.Apply(x * 2, w).Sum()], [x]);
        Assert.Equal([true, false], sums.Needs);
    }

    [Fact]
    public void Gradients_and_their_gradients_are_right()
    {
        Assert.True(Autograd.GradCheck(x => new Cube(2).Apply(x[0]), [X]));
        Assert.True(Autograd.GradGradCheck(x => new Cube(2).Apply(x[0]), [X]));
        Assert.True(Autograd.GradCheck(x => new ExpOfOutput().Apply(x[0]), [X]));
        Assert.True(Autograd.GradGradCheck(x => new ExpOfOutput().Apply(x[0]), [X]));
    }

    [Fact]
    public void Null_stands_for_no_gradient_and_needs_are_known()
    {
        Tensor a = X, b = Tensor.Ones([3], DType.Float64);
        var sums = new Sums();
        sums.Apply(a, b).Sum().Backward();
        Assert.Equal([true, false], sums.Needs);
        Assert.Equal([1, 1, 1], a.Grad!.ToArray<double>());
    }

    [Fact]
    public void Mistakes_name_the_function()
    {
        var shape = Assert.Throws<InvalidOperationException>(() => new Wrong(g => [g.Sum()]).Apply(X).Sum().Backward());
        Assert.Contains("Wrong", shape.Message);
        Assert.Contains("[3]", shape.Message);
        Assert.Contains("2 gradients for 1", Assert.Throws<InvalidOperationException>(() => new Wrong(g => [g, g]).Apply(X).Sum().Backward()).Message);
        var twice = new Cube();
        twice.Apply(X);
        Assert.Contains("Cube", Assert.Throws<InvalidOperationException>(() => twice.Apply(X)).Message);
    }

    [Fact]
    public void Change_of_a_saved_tensor_is_noticed()
    {
        Tensor x = X, h = x * 1, y = new Cube().Apply(h);
        using (Autograd.NoGrad()) h += 1;
        Assert.Contains("Cube", Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message);
    }

    [Fact]
    public void Input_passed_through_keeps_its_own_history()
    {
        Tensor x = X;
        Tensor y = new Same().Apply(x);
        Assert.Null(x.GradFn);
        Assert.Equal("Same", y.GradFn);
        y.Sum().Backward();
        Assert.Equal([7, 7, 7], x.Grad!.ToArray<double>());
    }

    [Fact]
    public void Without_recording_it_only_computes()
    {
        using (Autograd.NoGrad()) Assert.False(new Cube().Apply(X).RequiresGrad);
        Assert.False(new Cube().Apply(Tensor.Ones(2)).RequiresGrad);
    }
}
