using System.Diagnostics;

namespace Facula.Tests.Core;

[Collection(nameof(DroppedGraphTests))]
public sealed class MemoryTests
{
    private const string ChildVariable = "FACULA_TEST_DROP", LimitedVariable = "FACULA_TEST_LIMITED";

    /// <summary>In a process of its own, whose memory is nobody else's.</summary>
    [Fact, Trait("Starts", "processes")]
    public async Task Tensors_dropped_without_Dispose_do_not_pile_up()
    {
        using Process child = TestProcess.Start(new Dictionary<string, string> { [ChildVariable] = "1" }, "-method", $"*.{nameof(Tensors_are_dropped)}");
        (int code, string output) = await TestProcess.RunToEnd(child, TestContext.Current.CancellationToken);
        Assert.True(code == 0, output);
    }

    [Fact]
    public void Tensors_are_dropped()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is null) return;
        long before = MemoryPool.Outstanding, worst = 0;
        for (int i = 0; i < 20_000; i++)
        {
            Tensor dropped = Tensor.Empty([1 << 18]);
            dropped.FillInPlace(i);
            worst = Math.Max(worst, MemoryPool.Outstanding - before);
        }
        // 20 GB in all.
        Assert.InRange(worst, 1 << 20, 200L << 20);
        Assert.InRange(Process.GetCurrentProcess().PeakWorkingSet64, 0, 600L << 20);
        Steps_drop_what_they_made();
    }

    /// <summary>Results and gradients of a few steps may wait to be found, but not those of ten.</summary>
    private static void Steps_drop_what_they_made()
    {
        const long Size = 32L << 20;
        Tensor x = Tensor.Randn([1 << 13, 1 << 10], requiresGrad: true), gradient = Tensor.Ones(x.Shape);
        long before = MemoryPool.Outstanding, worst = 0;
        for (int i = 0; i < 60; i++)
        {
            x.Relu().Backward(gradient);
            worst = Math.Max(worst, MemoryPool.Outstanding - before);
            x.Grad = null;
        }
        Assert.InRange(worst, Size, 6 * Size);
    }

    /// <summary>In a process that may have 400 MB.</summary>
    [Fact, Trait("Starts", "processes")]
    public async Task Memory_kept_for_other_sizes_is_given_up_when_there_is_no_more()
    {
        using Process child = TestProcess.Start(new Dictionary<string, string> { [LimitedVariable] = "1", ["DOTNET_GCHeapHardLimit"] = $"{400 << 20:x}" },
            "-method", $"*.{nameof(Sizes_change)}");
        (int code, string output) = await TestProcess.RunToEnd(child, TestContext.Current.CancellationToken);
        Assert.True(code == 0, output);
    }

    [Fact]
    public void Sizes_change()
    {
        if (Environment.GetEnvironmentVariable(LimitedVariable) is null) return;
        Tensor.Empty([50 << 20]).Dispose();
        Assert.Equal(75 << 20, Tensor.Empty([75 << 20]).Count);
        // The other size again, after one that was dropped.
        Assert.Equal(50 << 20, Tensor.Empty([50 << 20]).Count);
    }

    [Fact]
    public void Dispose_gives_the_block_back_at_once_and_twice_is_fine()
    {
        // A size that nothing else uses, so that the next such block must be this one.
        Shape shape = [1_234_567];
        Tensor first = Tensor.Empty(shape);
        first.FillInPlace(7);
        first.Dispose();
        first.Dispose();
        Assert.True(first.IsDisposed);
        using Tensor second = Tensor.Empty(shape);
        Assert.Equal(7, second[1000].Item());
    }

    [Fact]
    public void The_most_that_was_in_use_at_once_is_kept_until_it_is_reset()
    {
        Device.Cpu.Memory.ResetPeak();
        long before = Device.Cpu.Memory.PeakAllocated;
        // More than tests beside this one use.
        Tensor.Empty([200 << 20]).Dispose();
        Assert.InRange(Device.Cpu.Memory.PeakAllocated, before + (700 << 20), long.MaxValue);
        Device.Cpu.Memory.ResetPeak();
        Assert.InRange(Device.Cpu.Memory.PeakAllocated, 0, before + (700 << 20));
    }

    [Theory, InlineData(10), InlineData(100_000)]
    public void Use_after_Dispose_is_an_error_that_says_so(int count)
    {
        Tensor x = Tensor.Ones(count);
        x.Dispose();
        Assert.Contains($"[{count}]", Assert.Throws<ObjectDisposedException>(() => x + 1).Message);
        Assert.Throws<ObjectDisposedException>(() => x.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => x.AsSpan<float>());
        Assert.Throws<ObjectDisposedException>(() => x.Reshape(-1));
    }

    [Theory, InlineData(10), InlineData(100_000)]
    public void Views_keep_the_elements_alive(int count)
    {
        Tensor x = Tensor.Arange(count), view = x[1..];
        x.Dispose();
        Tensor.Zeros(count).Dispose();
        Assert.Equal(count - 1, view[^1].Item<int>());
    }

    [Theory, InlineData(10), InlineData(100_000)]
    public void What_backward_saved_outlives_Dispose(int count)
    {
        Tensor x = Tensor.Full([count], 3.0, requiresGrad: true);
        Tensor h = x * 2, y = h * h;
        h.Dispose();
        Tensor.Zeros(count).Dispose();
        y.Sum().Backward();
        Assert.Equal(24, x.Grad![^1].Item());
    }

    [Fact]
    public void Spans_stay_valid_when_the_tensor_is_gone()
    {
        static Span<float> Make() => Tensor.Full([100_000], 5.0).AsSpan<float>();
        Span<float> span = Make();
        for (int i = 0; i < 50; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Tensor.Full([100_000], i).Dispose();
        }
        Assert.Equal(-1, span.IndexOfAnyExcept(5f));
    }

    [Fact]
    public void AsSpan_shows_the_elements_themselves_or_says_why_not()
    {
        Tensor x = Tensor.Arange(6).Reshape(2, 3);
        x.AsSpan<long>()[4] = 40;
        Assert.Equal(40, x[1, 1].Item<int>());
        Assert.Contains("int64", Assert.Throws<InvalidOperationException>(() => x.AsSpan<float>()).Message);
        Assert.Contains("Contiguous", Assert.Throws<InvalidOperationException>(() => x.T.AsSpan<long>()).Message);
        // 4 GB, which must not be copied before anybody looks at the number.
        Tensor huge = Tensor.Zeros([1, 1], DType.UInt8).Expand(1 << 16, 1 << 16);
        Assert.Contains("4294967296", Assert.Throws<InvalidOperationException>(() => huge.ToArray<byte>()).Message);
    }

    [Fact]
    public void Memory_of_another_device_comes_back_at_once_when_its_tensor_is_disposed_of()
    {
        Tensor x = Tensor.Zeros([1 << 20], device: Devices.Remote.Device);
        long before = MemoryPool.Outstanding;
        x.Dispose();
        Assert.True(before - MemoryPool.Outstanding >= 4 << 20);
    }
}
