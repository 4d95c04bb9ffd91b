namespace Facula.Tests.Gradients;

public class ModeTests
{
    [Fact]
    public void NoGrad_and_EnableGrad_nest()
    {
        Tensor x = Tensor.From(1f, requiresGrad: true);
        Assert.True(Autograd.IsGradEnabled);
        using (Autograd.NoGrad())
        {
            Assert.False(Autograd.IsGradEnabled);
            Assert.False((x * 2).RequiresGrad);
            using (Autograd.EnableGrad()) Assert.True((x * 2).RequiresGrad);
            Assert.False((x * 2).RequiresGrad);
            Assert.True(Tensor.Zeros([1], requiresGrad: true).RequiresGrad);
        }
        Assert.True((x * 2).RequiresGrad);
    }

    [Fact]
    public void Modes_are_of_one_thread()
    {
        Tensor x = Tensor.From(1f, requiresGrad: true);
        using GradModeScope scope = Autograd.NoGrad();
        bool other = false;
        var thread = new Thread(() => other = (x * 2).RequiresGrad);
        thread.Start();
        thread.Join();
        Assert.True(other);
    }

    [Fact]
    public void InferenceMode_makes_tensors_that_never_join_a_graph()
    {
        Tensor x = Tensor.From([1f, 2f], requiresGrad: true), y;
        using (Autograd.InferenceMode())
        {
            y = x * 2;
            y += 1;
        }
        Assert.False(y.RequiresGrad);
        Assert.Throws<InvalidOperationException>(() => x * y);
        Assert.Throws<InvalidOperationException>(() => y.RequiresGrad = true);
        Assert.Throws<InvalidOperationException>(() => y.AddInPlace(x));
        Assert.Equal([3, 5], y.ToArray<float>());
        (x * y.Clone()).Sum().Backward();
        Assert.Equal([3, 5], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void Detach_shares_elements_but_no_history()
    {
        Tensor x = Tensor.From([1f, 2f], requiresGrad: true), y = x * 2, d = y.Detach();
        Assert.False(d.RequiresGrad);
        Assert.True(d.IsLeaf);
        using (Autograd.NoGrad()) d.FillInPlace(7);
        Assert.Equal([7, 7], y.ToArray<float>());
        Assert.Equal([1, 2], x.Data.ToArray<float>());
    }

    [Fact]
    public void Exceptions_in_backward_leave_the_mode_and_the_next_backward_alone()
    {
        Tensor x = Tensor.From(2f, requiresGrad: true), y = x * x;
        IDisposable hook = y.RegisterHook(_ => throw new FormatException());
        Tensor z = y + x * 3;
        Assert.Throws<FormatException>(() => z.Backward(retainGraph: true));
        Assert.True(Autograd.IsGradEnabled);
        hook.Dispose();
        x.Grad = null;
        z.Backward();
        Assert.Equal(7, x.Grad!.Item());
    }
}

public class AnomalyTests
{
    [Fact]
    public void Anomaly_mode_names_the_operation_and_where_it_was_called()
    {
        Tensor x = Tensor.From([0f, 1f], requiresGrad: true);
        using (Autograd.DetectAnomaly())
        {
            Tensor y = MakesNaN(x);
            string message = Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message;
            Assert.Contains("'sqrt'", message, StringComparison.Ordinal);
            Assert.Contains(nameof(MakesNaN), message, StringComparison.Ordinal);
            (x * 2).Sum().Backward();
        }
        Assert.False(Autograd.IsAnomalyEnabled);
        MakesNaN(x).Sum().Backward();
        Assert.True(float.IsNaN(x.Grad!.ToArray<float>()[0]));
    }

    [Fact]
    public void Anomaly_mode_around_backward_alone_names_the_operation()
    {
        Tensor y = MakesNaN(Tensor.From([0f, 1f], requiresGrad: true)).Sum();
        using var _ = Autograd.DetectAnomaly();
        Assert.Contains("'sqrt'", Assert.Throws<InvalidOperationException>(() => y.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Anomaly_mode_is_of_its_thread_and_goes_through_the_other_modes()
    {
        using (Autograd.DetectAnomaly())
        {
            using (Autograd.NoGrad())
            {
                Assert.True(Autograd.IsAnomalyEnabled);
                Assert.False(Autograd.IsGradEnabled);
                using (Autograd.DetectAnomaly()) Assert.False(Autograd.IsGradEnabled);
                using (Autograd.EnableGrad()) Assert.True(Autograd.IsAnomalyEnabled);
                using (Autograd.InferenceMode()) Assert.True(Autograd.IsAnomalyEnabled);
            }
            Assert.True(Autograd.IsAnomalyEnabled && Autograd.IsGradEnabled);
            bool? elsewhere = null;
            var other = new Thread(() => elsewhere = Autograd.IsAnomalyEnabled);
            other.Start();
            other.Join();
            Assert.False(elsewhere);
        }
    }

    // The gradient of the root at 0 is infinite, and 0 times that is no number.
    private static Tensor MakesNaN(Tensor x) => x.Sqrt() * 0;
}
