namespace Facula.Tests.Gradients;

public class InPlaceTests
{
    [Fact]
    public void A_saved_tensor_changed_in_place_is_an_error_that_names_the_operation()
    {
        Tensor x = Tensor.From([1f, 2f], requiresGrad: true), y = x.Exp();
        y += 1;
        Assert.Contains("'exp'", Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message, StringComparison.Ordinal);

        Tensor a = x * 2, b = a * a;
        a.Detach().FillInPlace(0);
        Assert.Contains("'multiply'", Assert.Throws<InvalidOperationException>(() => b.Sum().Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_of_what_nobody_saved_is_recorded()
    {
        Tensor x = Tensor.From([1f, 2f], requiresGrad: true), y = x * 2, z = y + 1;
        y += x;
        y *= 3;
        (y + z).Sum().Backward();
        Assert.Equal([9, 18], y.ToArray<float>());
        Assert.Equal([11, 11], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Leaves_change_in_place_only_without_recording()
    {
        Tensor w = Tensor.From([1f, 2f], requiresGrad: true);
        Assert.Contains("NoGrad", Assert.Throws<InvalidOperationException>(() => w.AddInPlace(w)).Message, StringComparison.Ordinal);
        (w * w).Sum().Backward();
        Tensor before = w;
        using (Autograd.NoGrad()) w -= w.Grad! * 0.5;
        Assert.Same(before, w);
        Assert.Equal([0, 0], w.ToArray<float>());
        Assert.True(w.RequiresGrad);
        Assert.True(w.IsLeaf);
    }

    [Fact]
    public void A_leaf_without_gradients_takes_part_once_something_with_them_is_added()
    {
        Tensor x = Tensor.From([1f, 2f], requiresGrad: true), sum = Tensor.Zeros(2);
        sum += x;
        sum += x * x;
        Assert.True(sum.RequiresGrad);
        sum.Sum().Backward();
        Assert.Equal([3, 5], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void An_operand_that_overlaps_is_read_first()
    {
        Tensor x = Tensor.Arange(4f);
        x[1..].AddInPlace(x[..^1]);
        Assert.Equal([0, 1, 3, 5], x.ToArray<float>());
        Tensor m = Tensor.Arange(4f).Reshape(2, 2);
        m += m.T;
        Assert.Equal([0, 3, 3, 6], m.ToArray<float>());
    }

    [Fact]
    public void What_the_tensor_cannot_hold_is_refused()
    {
        Tensor x = Tensor.From([1, 2]);
        Assert.Contains("int32", Assert.Throws<ArgumentException>(() => x.AddInPlace(Tensor.From([0.5f, 1]))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => x.AddInPlace(Tensor.Ones([2, 2], DType.Int32)));
    }
}
