namespace Facula.Tests.Gradients;

public class EngineTests
{
    [Fact]
    public void Backward_adds_to_the_gradients_of_leaves()
    {
        Tensor x = Tensor.From([1f, 2f], requiresGrad: true), y = Tensor.From([3f, 4f], requiresGrad: true), constant = Tensor.From([5f, 6f]);
        ((x * y + constant).Sum() * 2).Backward();
        Assert.Equal([6, 8], x.Grad!.ToArray<float>());
        Assert.Equal([2, 4], y.Grad!.ToArray<float>());
        Assert.Null(constant.Grad);
        x.Sum().Backward();
        Assert.Equal([7, 9], x.Grad!.ToArray<float>());
        x.Grad = null;
        Assert.Null(x.Grad);
    }

    [Fact]
    public void A_tensor_used_many_times_gets_the_sum()
    {
        Tensor x = Tensor.From(3f, requiresGrad: true);
        Tensor y = x * x, z = y + y * x + x;
        z.Backward();
        Assert.Equal(2 * 3 + 3 * 9 + 1, x.Grad!.Item());
    }

    [Fact]
    public void A_leaf_may_itself_be_the_root()
    {
        Tensor x = Tensor.From(3f, requiresGrad: true), g = Tensor.From(5f);
        x.Backward(g);
        g.FillInPlace(0);
        Assert.Equal(5, x.Grad!.Item());
    }

    [Fact]
    public void Backward_without_gradient_needs_a_single_number()
    {
        Tensor x = Tensor.Ones([3], requiresGrad: true), y = x * 2;
        Assert.Contains("[3]", Assert.Throws<InvalidOperationException>(() => y.Backward()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => y.Backward(Tensor.Ones(2)));
        Assert.Throws<InvalidOperationException>(() => Tensor.From(1f).Backward());
        y.Backward(Tensor.From([1f, 2f, 3f]));
        Assert.Equal([2, 4, 6], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void A_used_up_graph_is_an_error_unless_retained()
    {
        Tensor x = Tensor.From(3f, requiresGrad: true), y = x * x;
        y.Backward(retainGraph: true);
        y.Backward();
        Assert.Equal(12, x.Grad!.Item());
        Assert.Contains("retainGraph", Assert.Throws<InvalidOperationException>(() => y.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_have_the_type_and_shape_of_what_they_are_for()
    {
        Tensor x = Tensor.Ones([3, 1], DType.Float16, requiresGrad: true), y = Tensor.Ones([4], DType.Float64, requiresGrad: true);
        (x * y).Sum().Backward();
        Assert.Equal((DType.Float16, [3, 1]), (x.Grad!.DType, x.Grad!.Shape));
        Assert.Equal((DType.Float64, [4]), (y.Grad!.DType, y.Grad!.Shape));
        Assert.Equal([4, 4, 4], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Integers_carry_no_gradients()
    {
        Assert.Throws<InvalidOperationException>(() => Tensor.From([1, 2]).RequiresGrad = true);
        Tensor x = Tensor.From([1f, 2f], requiresGrad: true);
        Assert.False((x > 1).RequiresGrad);
        Assert.False(x.To(DType.Int64).RequiresGrad);
        Assert.False(x.ArgSort().RequiresGrad);
    }

    [Fact]
    public void RequiresGrad_is_for_leaves_to_change()
    {
        Tensor x = Tensor.From([1f], requiresGrad: true), y = x * 2;
        Assert.True(y.RequiresGrad);
        Assert.False(y.IsLeaf);
        Assert.Equal("multiply", y.GradFn);
        Assert.Throws<InvalidOperationException>(() => y.RequiresGrad = false);
        x.RequiresGrad = false;
        Assert.False((x * 2).RequiresGrad);
        Assert.True(x.IsLeaf);
    }

    [Fact]
    public void A_chain_of_a_million_nodes_does_not_overflow_the_stack()
    {
        Tensor x = Tensor.From(1f, requiresGrad: true), y = x;
        for (int i = 0; i < 1_000_000; i++) y = -y;
        y.Backward();
        Assert.Equal(1, x.Grad!.Item());
    }

    [Fact]
    public void A_deep_diamond_takes_time_in_proportion_to_its_nodes()
    {
        Tensor x = Tensor.From(1.0, requiresGrad: true), y = x;
        for (int i = 0; i < 60; i++) y = (y + y) * 0.5;
        y.Backward();
        Assert.Equal(1, x.Grad!.Item<double>());
    }

    [Fact]
    public void Gradients_of_gradients_by_createGraph()
    {
        Tensor x = Tensor.From(2.0, requiresGrad: true), y = x * x * x;
        Tensor first = Autograd.Grad(y, x, createGraph: true), second = Autograd.Grad(first, x, createGraph: true), third = Autograd.Grad(second, x);
        Assert.Equal((12.0, 12.0, 6.0), (first.Item<double>(), second.Item<double>(), third.Item<double>()));
        Assert.Null(x.Grad);
        y = x.Exp();
        y.Backward(createGraph: true);
        Tensor g = x.Grad!;
        x.Grad = null;
        g!.Backward();
        Assert.Equal(Math.Exp(2), x.Grad!.Item<double>(), 1e-12);
    }

    [Fact]
    public void Grad_is_a_function_that_leaves_Grad_alone()
    {
        Tensor x = Tensor.From([1f, 2f], requiresGrad: true), y = Tensor.From([3f, 4f], requiresGrad: true), unused = Tensor.From(1f, requiresGrad: true);
        Tensor z = x * y, w = z.Sum();
        Tensor[] gradients = Autograd.Grad([w], [x, z], retainGraph: true);
        Assert.Equal([3, 4], gradients[0].ToArray<float>());
        Assert.Equal([1, 1], gradients[1].ToArray<float>());
        Assert.Null(x.Grad);
        Assert.Null(y.Grad);
        Assert.Contains("input 0", Assert.Throws<InvalidOperationException>(() => Autograd.Grad([w], [unused], retainGraph: true)).Message,
            StringComparison.Ordinal);
        Assert.Null(Autograd.Grad([w], [unused], retainGraph: true, allowUnused: true)[0]);
        Assert.Throws<InvalidOperationException>(() => Autograd.Grad(w, Tensor.Ones(2)));
        Assert.Throws<ArgumentException>(() => Autograd.Grad([w], [x], [null, null]));
        Assert.Equal([6, 12], Autograd.Grad([z, w], [x], [Tensor.From([1f, 2f]), null])[0].ToArray<float>());
    }

    [Fact]
    public void RetainGrad_keeps_the_gradient_of_a_result()
    {
        Tensor x = Tensor.From(3f, requiresGrad: true), y = x * 2, z = y * y;
        Assert.Null(y.Grad);
        y.RetainGrad();
        z.Backward();
        Assert.Equal(12, y.Grad!.Item());
        Assert.Equal(24, x.Grad!.Item());
        x.RetainGrad();
        Assert.Throws<InvalidOperationException>(() => Tensor.From(1f).RetainGrad());
    }

    [Fact]
    public void Hooks_see_and_replace_gradients_until_taken_away()
    {
        Tensor x = Tensor.From(3f, requiresGrad: true);
        var seen = new List<float>();
        IDisposable onLeaf = x.RegisterHook(g =>
        {
            seen.Add(g.Item());
            return g * 10;
        });
        Tensor y = x * 2;
        IDisposable onResult = y.RegisterHook(g => g + 1);
        y.Backward(retainGraph: true);
        Assert.Equal([4], seen);
        Assert.Equal(40, x.Grad!.Item());
        onResult.Dispose();
        onLeaf.Dispose();
        y.Backward();
        Assert.Equal([4], seen);
        Assert.Equal(42, x.Grad!.Item());
        Assert.Throws<InvalidOperationException>(() => Tensor.From(1f).RegisterHook(g => g));
    }

    [Fact]
    public void A_hook_may_keep_the_gradient_it_is_shown()
    {
        Tensor x = Tensor.Ones([10_000], requiresGrad: true), y = x * 2;
        Tensor? kept = null;
        y.RegisterHook(g =>
        {
            kept = g;
            return null;
        });
        y.Exp().Sum().Backward();
        for (int i = 0; i < 20; i++) Tensor.Zeros(10_000);
        Assert.Equal(MathF.Exp(2), kept![5000].Item(), 1e-4f);
    }

    [Fact]
    public void A_parameter_that_changed_its_type_gets_gradients_of_the_new_one()
    {
        Tensor x = Tensor.From([1f, 2f], requiresGrad: true);
        x.Sum().Backward();
        x.Grad = null;
        x.ReplaceData(x.Detach().To(DType.Float64));
        (x * 2).Sum().Backward();
        Assert.Equal(DType.Float64, x.Grad!.DType);
    }
}
