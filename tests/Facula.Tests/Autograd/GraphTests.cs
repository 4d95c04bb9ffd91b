namespace Facula.Tests.Gradients;

public sealed class GraphTests
{
    private static Tensor Leaf(params double[] values) => Tensor.From(values, requiresGrad: true);

    /// <summary>The tutorial's first program and its output.</summary>
    [Fact]
    public void Tutorial_gradients()
    {
        Tensor x = Tensor.From(3f), w = Tensor.From(4f, requiresGrad: true), b = Tensor.From(5f, requiresGrad: true);
        (w * x + b).Backward();
        Assert.Null(x.Grad);
        Assert.Equal("tensor(3.)", w.Grad!.ToString());
        Assert.Equal("tensor(1.)", b.Grad!.ToString());
    }

    [Fact]
    public void Gradients_add_up_over_uses_and_calls()
    {
        Tensor x = Leaf(2);
        (x * x + x).Sum().Backward();
        (x * 3).Sum().Backward();
        Assert.Equal(5 + 3, x.Grad!.Item<double>());
    }

    [Fact]
    public void A_second_backward_needs_retainGraph()
    {
        Tensor x = Leaf(2), y = (x * x).Sum();
        y.Backward(retainGraph: true);
        y.Backward();
        Assert.Equal(8, x.Grad!.Item<double>());
        Assert.Contains("retainGraph", Assert.Throws<InvalidOperationException>(() => y.Backward()).Message);
    }

    [Fact]
    public void Backward_says_what_is_missing()
    {
        Assert.Contains("RequiresGrad", Assert.Throws<InvalidOperationException>(() => Tensor.Ones(1).Backward()).Message);
        Assert.Contains("[2]", Assert.Throws<InvalidOperationException>(() => (Leaf(1, 2) * 2).Backward()).Message);
        Assert.Contains("[3]", Assert.Throws<ArgumentException>(() => (Leaf(1, 2) * 2).Backward(Tensor.Ones([3], DType.Float64))).Message);
        Tensor x = Leaf(1);
        Assert.Contains("Backward", Assert.ThrowsAny<ArgumentException>(() => x.Grad! * 2).Message);
    }

    [Fact]
    public void In_place_change_of_what_was_saved_is_noticed_and_named()
    {
        Tensor x = Leaf(1, 2), h = x * 2, y = h.Exp();
        y.AddInPlace(Tensor.Ones([2], DType.Float64));
        string message = Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message;
        Assert.Contains("exp", message);
        Assert.Contains("in place", message);
    }

    [Fact]
    public void Leaf_changes_in_place_only_inside_NoGrad()
    {
        Tensor w = Leaf(1, 2), same = w;
        Assert.Contains("NoGrad", Assert.Throws<InvalidOperationException>(() => w -= 1).Message);
        using (Autograd.NoGrad()) w -= 1;
        Assert.Same(same, w);
        Assert.Equal([0, 1], w.ToArray<double>());
        Assert.True(w.RequiresGrad);
    }

    [Fact]
    public void In_place_change_inside_a_graph_is_recorded()
    {
        Tensor x = Leaf(1, 2), y = x * 3;
        y *= x;
        y += 1;
        y.Sum().Backward();
        Assert.Equal([6, 12], x.Grad!.ToArray<double>());
    }

    [Fact]
    public void Modes_nest_and_end()
    {
        Tensor x = Leaf(1);
        using (Autograd.NoGrad())
        {
            Assert.False((x * 2).RequiresGrad);
            using (Autograd.EnableGrad()) Assert.True((x * 2).RequiresGrad);
            Assert.False(Autograd.IsGradEnabled);
        }
        Assert.True(Autograd.IsGradEnabled);
        Tensor inferred;
        using (Autograd.InferenceMode()) inferred = x * 2;
        Assert.Contains("InferenceMode", Assert.Throws<InvalidOperationException>(() => inferred * x).Message);
        Assert.True((inferred.Clone() * x).RequiresGrad);
        Assert.False(x.Detach().RequiresGrad);
    }

    [Fact]
    public void Hooks_see_and_change_gradients()
    {
        Tensor x = Leaf(1, 2), h = x * 2;
        var seen = new List<double[]>();
        using (h.RegisterHook(g =>
        {
            seen.Add(g.ToArray<double>());
            return g * 10;
        }))
        {
            h.RetainGrad();
            h.Sum().Backward();
        }
        Assert.Equal([1, 1], Assert.Single(seen));
        Assert.Equal([10, 10], h.Grad!.ToArray<double>());
        Assert.Equal([20, 20], x.Grad!.ToArray<double>());
    }

    [Fact]
    public void Grad_gives_gradients_without_storing_them()
    {
        Tensor x = Leaf(3), y = Leaf(5), unused = Leaf(1);
        Tensor z = x * x * y;
        Tensor[] first = Autograd.Grad([z.Sum()], [x, y], createGraph: true);
        Assert.Equal([30, 9], [first[0].Item<double>(), first[1].Item<double>()]);
        Assert.Equal(10, Autograd.Grad(first[0].Sum(), x, retainGraph: true).Item<double>());
        Assert.Null(x.Grad);
        Assert.Contains("input 1", Assert.Throws<InvalidOperationException>(() => Autograd.Grad([z.Sum()], [x, unused], retainGraph: true)).Message);
        Assert.Null(Autograd.Grad([z.Sum()], [x, unused], allowUnused: true)[1]);
    }

    [Fact]
    public void A_chain_of_a_million_nodes_does_not_overflow()
    {
        Tensor x = Tensor.From(1f, requiresGrad: true), y = x;
        for (int i = 0; i < 1_000_000; i++) y = y + 0f;
        y.Backward();
        Assert.Equal(1, x.Grad!.Item());
    }

    [Fact]
    public void Threads_with_graphs_of_their_own_share_leaves()
    {
        Tensor w = Tensor.Full([1000], 2.0, requiresGrad: true);
        const int threads = 4, steps = 50;
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            for (int i = 0; i < steps; i++) (w * 3).Sum().Backward();
        });
        Assert.Equal(3f * threads * steps, w.Grad![500].Item());
    }
}
