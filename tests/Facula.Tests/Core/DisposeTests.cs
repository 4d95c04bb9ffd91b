namespace Facula.Tests.Core;

public class DisposeTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public void Dispose_twice_is_fine_and_use_after_it_an_error(int count)
    {
        Tensor x = Tensor.Ones(count);
        x.Dispose();
        x.Dispose();
        Assert.True(x.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => x + 1);
        Assert.Throws<ObjectDisposedException>(() => x.Sum());
        Assert.Throws<ObjectDisposedException>(() => x.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => x[0]);
        Assert.Throws<ObjectDisposedException>(() => x.FillInPlace(0));
        Assert.Equal(count, x.Count);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public void Views_keep_the_elements_alive(int count)
    {
        Tensor x = Tensor.Ones(count);
        Tensor view = x[1..], detached = x.Detach();
        x.Dispose();
        Assert.Equal(count - 1, view.Sum().Item());
        view.Dispose();
        Assert.Equal(count, detached.Sum().Item());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public void What_backward_needs_survives_disposal(int count)
    {
        Tensor x = Tensor.Full([count], 3, DType.Float32, requiresGrad: true), y = x * 2, z = y * y, w = z.Sum();
        y.Dispose();
        z.Dispose();
        w.Backward();
        Assert.Equal(24, x.Grad![0].Item());
        Assert.Equal(24, x.Grad[^1].Item());
    }

    [Fact]
    public void A_disposed_leaf_still_gets_its_gradient()
    {
        Tensor x = Tensor.Ones([5], requiresGrad: true), y = x.Exp().Sum();
        x.Dispose();
        y.Backward();
        Assert.Equal(MathF.E, x.Grad![0].Item(), 1e-6f);
    }

    [Fact]
    public void Memory_is_given_back_at_once_and_used_again()
    {
        Tensor x = Tensor.Zeros(1 << 20);
        long before = MemoryPool.Outstanding;
        x.Dispose();
        Assert.True(before - MemoryPool.Outstanding >= 4 << 20);
    }

    [Fact]
    public void Memory_that_a_span_was_given_of_is_not_used_again()
    {
        Tensor x = Tensor.Zeros(50_000);
        Span<float> span = x.AsSpan<float>();
        x.Dispose();
        for (int i = 0; i < 10; i++) Tensor.Ones(50_000);
        Assert.Equal(0, span[123]);
    }
}

[CollectionDefinition(nameof(DroppedGraphTests), DisableParallelization = true)]
[Collection(nameof(DroppedGraphTests))]
public class DroppedGraphTests
{
    [Fact]
    public void Graphs_dropped_without_backward_do_not_pile_up()
    {
        Tensor x = Tensor.Ones([1 << 16], requiresGrad: true);
        long most = 0;
        for (int i = 0; i < 3000; i++)
        {
            Tensor y = (x * 2).Exp().Sum();
            if (i % 100 == 0) most = Math.Max(most, MemoryPool.Outstanding);
        }
        Assert.InRange(most, 1, 300L << 20);
    }
}
