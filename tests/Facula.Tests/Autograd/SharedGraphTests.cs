using System.Runtime.CompilerServices;

namespace Facula.Tests.Gradients;

/// <summary>One graph, gone through by several threads, and what is left of it afterwards.</summary>
public sealed class SharedGraphTests
{
    private sealed class Product : Autograd.Function
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            Save(inputs[0], inputs[1]);
            return inputs[0] * inputs[1];
        }

        protected override Tensor?[] Backward(Tensor gradient) =>
            [NeedsGradient(0) ? gradient * Saved(1) : null, NeedsGradient(1) ? gradient * Saved(0) : null];
    }

    private sealed class Twice : Autograd.Function
    {
        protected override Tensor Forward(Tensor[] inputs) => inputs[0] * 2;
        protected override Tensor?[] Backward(Tensor gradient) => [gradient * 2];
    }

    private static Tensor Leaf(params double[] values) => Tensor.From(values, requiresGrad: true);

    /// <summary>
    /// Both threads have given the shared trunk the first of its two gradients when the hook lets them go on.
    /// </summary>
    [Theory, InlineData("Backward"), InlineData("Grad"), InlineData("createGraph"), InlineData("disposed")]
    public void Sums_on_their_way_belong_to_one_backward(string way)
    {
        Tensor x = Leaf(1, 2), trunk = x.Exp(), first = trunk * 3, second = trunk * trunk, loss = (first + second).Sum();
        double[] once = [.. x.ToArray<double>().Select(v => Math.Exp(v) * (3 + 2 * Math.Exp(v)))];
        if (way == "disposed") trunk.Dispose();
        using var meeting = new Barrier(2);
        first.RegisterHook(_ =>
        {
            meeting.SignalAndWait(5000);
            return null;
        });
        TestThreads.Run(2, _ =>
        {
            if (way is "Backward" or "disposed") loss.Backward(retainGraph: true);
            else AssertClose(once, Autograd.Grad([loss], [x], retainGraph: true, createGraph: way == "createGraph")[0]);
        });
        if (way is "Backward" or "disposed") AssertClose([.. once.Select(v => 2 * v)], x.Grad!);
    }

    [Fact]
    public void A_function_is_told_what_its_own_backward_needs()
    {
        for (int round = 0; round < 200; round++)
        {
            Tensor a = Leaf(2), b = Leaf(5), loss = new Product().Apply(a, b);
            TestThreads.Run(2, number => Assert.Equal(number == 0 ? 5 : 2, Autograd.Grad([loss], [number == 0 ? a : b], retainGraph: true)[0].Item<double>()));
        }
    }

    [Fact]
    public void Hooks_and_kept_gradients_serve_both_threads()
    {
        for (int round = 0; round < 100; round++)
        {
            Tensor x = Leaf(1, 2), trunk = x * 2, loss = (trunk * 3 + trunk).Sum();
            int seen = 0;
            trunk.RetainGrad();
            trunk.RegisterHook(gradient =>
            {
                Interlocked.Increment(ref seen);
                Assert.Equal([4, 4], gradient.ToArray<double>());
                return gradient * 10;
            });
            TestThreads.Run(2, _ => loss.Backward(retainGraph: true));
            Assert.Equal(2, seen);
            Assert.Equal([8, 8], trunk.Grad!.ToArray<double>());
            Assert.Equal([160, 160], x.Grad!.ToArray<double>());
        }
    }

    [Fact]
    public void Two_heads_over_a_trunk_may_go_back_at_once_or_free_it()
    {
        for (int round = 0; round < 200; round++)
        {
            Tensor x = Leaf(1, 2, 3), trunk = (x * x).Exp();
            Tensor[] losses = [(trunk * 2).Sum(), (trunk * trunk).Sum()];
            // The second frees the trunk in some rounds before the first has got there, which is told; anything else must be right.
            bool frees = round % 2 == 1;
            Exception? told = null;
            TestThreads.Run(2, number =>
            {
                try
                {
                    losses[number].Backward(retainGraph: !frees);
                }
                catch (InvalidOperationException e) when (frees && e.Message.Contains("retainGraph"))
                {
                    told = e;
                }
            });
            if (told is null) AssertClose([.. new double[] { 1, 2, 3 }.Select(v => 2 * v * Math.Exp(v * v) * (2 + 2 * Math.Exp(v * v)))], x.Grad!);
        }
    }

    [Fact]
    public void A_graph_that_saved_nothing_can_be_gone_through_again()
    {
        Tensor x = Leaf(1, 2), loss = (new Twice().Apply(x.Reshape(2, 1)) + 1).Sum();
        loss.Backward();
        loss.Backward();
        Assert.Equal([4, 4], x.Grad!.ToArray<double>());
    }

    [Fact]
    public void An_error_on_the_way_leaves_gradients_alone()
    {
        Tensor x = Leaf(1), y = Leaf(2), loss = (x.Exp() + y).Sum();
        loss.Backward();
        Assert.Contains("exp", Assert.Throws<InvalidOperationException>(() => loss.Backward()).Message);
        Assert.Equal(1, y.Grad!.Item<double>());
    }

    /// <summary>The gradient of a result is asked for, not what lies behind it: that part of the graph is not used up (as in PyTorch).</summary>
    [Fact]
    public void Grad_of_a_result_leaves_the_graph_behind_it()
    {
        Tensor x = Leaf(2), h = x.Exp(), loss = (h * h).Sum();
        Assert.Equal(2 * Math.Exp(2), Autograd.Grad(loss, h).Item<double>(), 1e-12);
        h.Sum().Backward();
        Assert.Equal(Math.Exp(2), x.Grad!.Item<double>(), 1e-12);
    }

    [Fact]
    public void Kept_gradients_add_up()
    {
        Tensor x = Leaf(2), h = x * 3, loss = h.Sum();
        h.RetainGrad();
        loss.Backward(retainGraph: true);
        loss.Backward();
        Assert.Equal(2, h.Grad!.Item<double>());
    }

    [Theory, InlineData("kept gradient"), InlineData("view"), InlineData("in place"), InlineData("function"), InlineData("Grad"), InlineData("index")]
    public void Activations_are_free_after_backward_while_losses_are_held(string what)
    {
        (Tensor loss, WeakReference activation) = Train(what);
        for (int i = 0; i < 3 && activation.IsAlive; i++) GC.Collect();
        Assert.False(activation.IsAlive);
        GC.KeepAlive(loss);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Tensor Loss, WeakReference Activation) Train(string what)
    {
        Tensor x = Tensor.Ones([5000], requiresGrad: true), h = x * 2, y = h * h;
        if (what == "kept gradient") h.RetainGrad();
        if (what == "view") y = h.Reshape(50, 100)[3].Tanh();
        if (what == "in place")
        {
            h[1..] *= h[..^1].Clone();
            h.ReluInPlace();
            y = h.Sin();
        }
        if (what == "function") y = new Product().Apply(h, h);
        if (what == "index")
        {
            y = h.Clone();
            y[h > 100] = h[h < 0];
            y[Tensor.From([1L, 2L])] = h[Tensor.From([3L, 4L])];
        }
        Tensor loss = y.Sum();
        if (what == "Grad") Autograd.Grad(loss, x);
        else loss.Backward();
        return (loss, new(h.Buffer));
    }

    private static void AssertClose(double[] expected, Tensor actual)
    {
        double[] values = actual.ToArray<double>();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++) Assert.Equal(expected[i], values[i], 1e-12 * Math.Abs(expected[i]));
    }
}
