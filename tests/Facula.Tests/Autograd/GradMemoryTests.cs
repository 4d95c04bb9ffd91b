using Facula.Optim;

namespace Facula.Tests.AutogradTests;

public sealed class GradMemoryTests
{
    private sealed class Keeps(Tensor kept) : Autograd.Function
    {
        protected override Tensor Forward(Tensor[] inputs) => inputs[0] * 1;
        protected override Tensor?[] Backward(Tensor gradient) => [kept];
    }

    private static (Tensor Parameter, Sgd Optimizer) Trained()
    {
        Tensor parameter = Tensor.Ones([5000], requiresGrad: true);
        (parameter * 3).Sum().Backward();
        return (parameter, new Sgd([parameter], 0.1));
    }

    [Fact]
    public void ZeroGrad_disposes_a_gradient_that_nobody_was_shown()
    {
        (Tensor parameter, Sgd optimizer) = Trained();
        Tensor gradient = parameter.GradToUse!;
        optimizer.Step();
        optimizer.ZeroGrad();
        Assert.True(gradient.IsDisposed);
        Assert.Null(parameter.Grad);
    }

    [Fact]
    public void ZeroGrad_leaves_a_gradient_alone_that_somebody_was_shown()
    {
        (Tensor parameter, Sgd optimizer) = Trained();
        Tensor gradient = parameter.Grad!;
        optimizer.ZeroGrad();
        Assert.Equal(3, gradient[7].Item());

        parameter.Grad = gradient;
        optimizer.ZeroGrad();
        Assert.Equal(3, gradient[7].Item());
    }

    [Fact]
    public void ZeroGrad_leaves_a_gradient_alone_that_a_hook_was_shown()
    {
        Tensor parameter = Tensor.Ones([5000], requiresGrad: true);
        Tensor? seen = null;
        parameter.RegisterHook(gradient =>
        {
            seen = gradient;
            return null;
        });
        (parameter * 3).Sum().Backward();
        new Sgd([parameter], 0.1).ZeroGrad();
        Assert.Equal(3, seen![7].Item());
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Gradient_that_a_function_keeps_outlives_backward(bool direct)
    {
        Tensor parameter = Tensor.Ones([5000], requiresGrad: true), kept = Tensor.Full([5000], 2.0);
        for (int i = 0; i < 3; i++)
        {
            new Keeps(kept).Apply(direct ? parameter : parameter.Exp()).Sum().Backward();
            new Sgd([parameter], 0.1).ZeroGrad();
        }
        Assert.Equal(2, kept[7].Item());
    }
}
