using Facula.Optim;

namespace Facula.Tests.Optim;

/// <summary>The rules of torch.amp.GradScaler: https://pytorch.org/docs/stable/amp.html#gradient-scaling.</summary>
public sealed class GradScalerTests
{
    private readonly Tensor _parameter = Tensor.From([1f, 2], requiresGrad: true);

    private void Backward(GradScaler scaler, float slope)
    {
        _parameter.Grad = null;
        scaler.Scale((_parameter * slope).Sum()).Backward();
    }

    [Fact]
    public void A_step_is_the_step_without_a_scale()
    {
        var scaler = new GradScaler();
        var optimizer = new Sgd([_parameter], 0.5);
        Backward(scaler, 3);
        Assert.Equal(3 * 65536f, _parameter.Grad![0].Item());
        Assert.True(scaler.Step(optimizer));
        scaler.Update();
        Assert.Equal<float>([-0.5f, 0.5f], _parameter.ToArray<float>());
        Assert.Equal(65536, scaler.CurrentScale);
    }

    [Fact]
    public void Unscaled_gradients_can_be_clipped_and_are_not_divided_again()
    {
        var scaler = new GradScaler(initialScale: 8);
        var optimizer = new Sgd([_parameter], 1);
        Backward(scaler, 4);
        scaler.Unscale(optimizer);
        Assert.Equal<float>([4, 4], _parameter.Grad!.ToArray<float>());
        Assert.Throws<InvalidOperationException>(() => scaler.Unscale(optimizer));
        Assert.True(scaler.Step(optimizer));
        Assert.Equal<float>([-3, -2], _parameter.ToArray<float>());
        Assert.Throws<InvalidOperationException>(() => scaler.Step(optimizer));
        Assert.Throws<InvalidOperationException>(() => scaler.Unscale(optimizer));
        scaler.Update();
        Assert.Throws<InvalidOperationException>(() => scaler.Update());
    }

    [Theory, InlineData(float.PositiveInfinity), InlineData(float.NaN)]
    public void A_step_with_infinite_gradients_is_left_out_and_the_scale_made_smaller(float slope)
    {
        var scaler = new GradScaler(initialScale: 8, backoffFactor: 0.25);
        var optimizer = new Sgd([_parameter], 1);
        Backward(scaler, slope);
        Assert.False(scaler.Step(optimizer));
        scaler.Update();
        Assert.Equal(2, scaler.CurrentScale);
        Assert.Equal<float>([1, 2], _parameter.ToArray<float>());
    }

    [Fact]
    public void The_scale_grows_after_good_steps_in_a_row()
    {
        var scaler = new GradScaler(initialScale: 8, growthFactor: 4, growthInterval: 2);
        var optimizer = new Sgd([_parameter], 0);
        foreach ((float slope, double scale) in new[] { (1f, 8.0), (1, 32), (1, 32), (float.NaN, 16), (1, 16), (1, 64) })
        {
            Backward(scaler, slope);
            scaler.Step(optimizer);
            scaler.Update();
            Assert.Equal(scale, scaler.CurrentScale);
        }
        scaler.Update(newScale: 5);
        Assert.Equal(5, scaler.CurrentScale);
    }

    [Fact]
    public void One_bad_optimizer_of_two_makes_the_scale_smaller_for_both_and_leaves_out_its_own_step()
    {
        var scaler = new GradScaler(initialScale: 8);
        Tensor other = Tensor.From([1f], requiresGrad: true);
        Sgd good = new([_parameter], 1), bad = new([other], 1);
        scaler.Scale(_parameter.Sum()).Backward();
        scaler.Scale((other * float.PositiveInfinity).Sum()).Backward();
        Assert.True(scaler.Step(good));
        Assert.False(scaler.Step(bad));
        scaler.Update();
        Assert.Equal(4, scaler.CurrentScale);
        Assert.Equal(1, other.Item());
    }

    [Fact]
    public void It_goes_on_from_its_state()
    {
        var scaler = new GradScaler(initialScale: 8, growthInterval: 2);
        var optimizer = new Sgd([_parameter], 0);
        Backward(scaler, 1);
        scaler.Step(optimizer);
        scaler.Update();
        var again = new GradScaler();
        again.LoadStateDict(scaler.StateDict());
        Backward(again, 1);
        again.Step(optimizer);
        again.Update();
        Assert.Equal(16, again.CurrentScale);
        Assert.Throws<ArgumentOutOfRangeException>(() => again.LoadStateDict(new() { Scale = double.NaN }));
        Assert.Equal(16, again.CurrentScale);
    }

    [Fact]
    public void Switched_off_it_does_nothing()
    {
        var scaler = new GradScaler(enabled: false);
        var optimizer = new Sgd([_parameter], 1);
        Backward(scaler, 1);
        Assert.True(scaler.Step(optimizer));
        scaler.Update();
        Assert.Equal(1, scaler.CurrentScale);
        Assert.Equal<float>([0, 1], _parameter.ToArray<float>());
    }

    [Fact]
    public void Wrong_numbers_and_parameters_of_float16_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradScaler(initialScale: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradScaler(growthFactor: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradScaler(backoffFactor: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradScaler(growthInterval: 0));
        Tensor half = Tensor.Ones([2], DType.Float16, requiresGrad: true);
        var optimizer = new Sgd([half], 1);
        half.Sum().Backward();
        Assert.Throws<InvalidOperationException>(() => new GradScaler().Step(optimizer));
        Tensor empty = Tensor.Zeros([0], requiresGrad: true);
        empty.Sum().Backward();
        Assert.True(new GradScaler().Step(new Sgd([empty], 1)));
    }
}
