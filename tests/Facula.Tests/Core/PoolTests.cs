using System.Diagnostics;
using System.Runtime.CompilerServices;
using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.Core;

/// <summary>What a process of its own holds, as the system sees it.</summary>
public sealed partial class PoolTests
{
    private const string Variable = "FACULA_TEST_POOL";
    private const long MB = 1 << 20;

    [Theory(Timeout = 120_000), Trait("Starts", "processes")]
    [InlineData(nameof(DisposedSizes))]
    [InlineData(nameof(DroppedSizes))]
    [InlineData(nameof(TrimmedAndIdle))]
    [InlineData(nameof(WrittenByHand))]
    [InlineData(nameof(FromManyThreads))]
    public async Task In_a_process_of_its_own(string what)
    {
        using Process child = TestProcess.Start(new Dictionary<string, string> { [Variable] = what }, "-method", $"*.{nameof(Pool)}");
        (int code, string output) = await TestProcess.RunToEnd(child, TestContext.Current.CancellationToken);
        Assert.True(code == 0, output);
    }

    [Fact]
    public void Pool()
    {
        switch (Environment.GetEnvironmentVariable(Variable))
        {
            case nameof(DisposedSizes): DisposedSizes(); break;
            case nameof(DroppedSizes): DroppedSizes(); break;
            case nameof(TrimmedAndIdle): TrimmedAndIdle(); break;
            case nameof(WrittenByHand): WrittenByHand(); break;
            case nameof(FromManyThreads): FromManyThreads(); break;
        }
    }

    /// <summary>200 MB alive at a time, in ten sizes one after the other: at most a quarter more for what blocks are rounded to, 128 MB kept,
    /// and 100 MB for what the process needs besides.</summary>
    private static void DisposedSizes()
    {
        long most = Sizes(disposed: true);
        Assert.InRange(most, 200 * MB, (250 + 128 + 100) * MB);
    }

    /// <summary>The same without Dispose: of what was dropped a quarter may wait for the young collections and a quarter for the old one,
    /// which goes on beside.</summary>
    private static void DroppedSizes()
    {
        long most = Sizes(disposed: false);
        Assert.InRange(most, 200 * MB, 1000 * MB);
    }

    private static long Sizes(bool disposed)
    {
        for (int i = 0; i < 10; i++) Fill((long)(1.1 * MB * Math.Pow(1.4, i)), disposed);
        return Peak();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(long bytes, bool disposed)
    {
        var tensors = new List<Tensor>();
        for (long all = 0; all + bytes <= 200 * MB; all += bytes) tensors.Add(Tensor.Full([(int)(bytes / 4)], 1.0));
        foreach (Tensor tensor in tensors)
        {
            if (disposed) tensor.Dispose();
        }
    }

    private static void TrimmedAndIdle()
    {
        Tensor kept = Tensor.Full([1 << 20], 7.0);
        long before = Resident();
        Fill(20 * MB, disposed: true);
        Assert.InRange(Device.Cpu.Memory.Reserved - Device.Cpu.Memory.Allocated, 150 * MB, 300 * MB);
        Device.Cpu.Memory.Trim();
        Assert.Equal(0, Device.Cpu.Memory.Reserved - Device.Cpu.Memory.Allocated);
        Assert.InRange(Resident() - before, long.MinValue, 60 * MB);
        Fill(20 * MB, disposed: true);
        // As passes by the clock would, after a while of nothing.
        MemoryPool.Pass(Environment.TickCount64 + 60_000);
        Assert.InRange(Resident() - before, long.MinValue, 60 * MB);
        Assert.True((kept == 7).All().Item<bool>());
    }

    /// <summary>A forward pass with a variable for what passes, as most people write it, keeps what its gradients need, and hardly more:
    /// as little as the same layers in a Sequential.</summary>
    private static void WrittenByHand()
    {
        Conv2d first = new(3, 32, 3, padding: 1), second = new(32, 32, 3, padding: 1), third = new(32, 32, 3, padding: 1);
        Tensor images = Tensor.Randn(64, 3, 32, 32);
        var layers = new Sequential(first, new Relu(), second, new Relu(), third, new Relu(), new Flatten());
        long sequential = Most(() => layers.Call(images));
        long byHand = Most(() =>
        {
            Tensor x = F.Relu(first.Call(images));
            x = F.Relu(second.Call(x));
            x = F.Relu(third.Call(x));
            return x.Flatten(1);
        });
        Assert.InRange(byHand, 1, sequential + 24 * MB);
    }

    private static long Most(Func<Tensor> forward)
    {
        long before = Device.Cpu.Memory.Allocated, most = 0;
        for (int i = 0; i < 30; i++)
        {
            Tensor y = forward();
            most = Math.Max(most, Device.Cpu.Memory.Allocated - before);
            y.Sum().Backward();
            most = Math.Max(most, Device.Cpu.Memory.Allocated - before);
        }
        return most;
    }

    /// <summary>Little blocks are each thread's own, also where another thread has made them; those of threads that have ended are not lost.</summary>
    private static void FromManyThreads()
    {
        for (int round = 0; round < 20; round++)
        {
            var handed = new System.Collections.Concurrent.BlockingCollection<Tensor>(100);
            Thread[] makers = [.. Enumerable.Range(0, 4).Select(k => new Thread(() =>
            {
                for (int i = 0; i < 200; i++)
                {
                    using Tensor x = Tensor.Full([8000], k), y = x * 2;
                    handed.Add(y + x);
                }
            }))];
            foreach (Thread maker in makers) maker.Start();
            for (int i = 0; i < 800; i++)
            {
                using Tensor given = handed.Take();
                float[] values = given.ToArray<float>();
                Assert.True(values[0] % 3 == 0 && !values.AsSpan().ContainsAnyExcept(values[0]));
            }
            foreach (Thread maker in makers) maker.Join();
        }
        // A thread's own things end some time after it.
        for (int i = 0; i < 4; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.InRange(Device.Cpu.Memory.Allocated, 0, 32 * MB);
        Assert.InRange(Peak(), 0, 250 * MB);
    }

    private static long Peak() => Process.GetCurrentProcess().PeakWorkingSet64;

    private static long Resident() => Process.GetCurrentProcess().WorkingSet64;
}
