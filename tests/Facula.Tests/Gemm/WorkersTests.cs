using Facula.Backends.Cpu;
using Xunit;

namespace Facula.Tests.Gemm;

[Collection("Threads")]
public unsafe class WorkersTests
{
    private struct CountJob : IJob
    {
        public int* Counts;
        public int Nested, Failing;

        public readonly void Run(int part)
        {
            if (Nested > 0) Workers.For(Nested, new CountJob { Counts = Counts + part * Nested, Failing = -1 });
            else Interlocked.Increment(ref Counts[part]);
            if (part == Failing) throw new InvalidOperationException("part " + part);
        }
    }

    private static void WithThreads(int count, Action action)
    {
        int before = CpuSettings.ThreadCount;
        CpuSettings.ThreadCount = count;
        try
        {
            action();
        }
        finally
        {
            CpuSettings.ThreadCount = before;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void EveryPartRunsOnce(int threads) => WithThreads(threads, () =>
    {
        int* counts = stackalloc int[300];
        for (int repeat = 0; repeat < 20_000; repeat++)
        {
            int parts = repeat % 7 == 0 ? repeat % 300 : repeat % 5;
            new Span<int>(counts, 300).Clear();
            Workers.For(parts, new CountJob { Counts = counts, Failing = -1 });
            for (int i = 0; i < 300; i++)
                if (counts[i] != (i < parts ? 1 : 0)) Assert.Fail($"part {i} of {parts} ran {counts[i]} times");
        }
    });

    [Fact]
    public void SleepersAreWoken() => WithThreads(4, () =>
    {
        int* counts = stackalloc int[50];
        for (int repeat = 0; repeat < 100; repeat++)
        {
            Thread.Sleep(repeat % 8);
            new Span<int>(counts, 50).Clear();
            Workers.For(50, new CountJob { Counts = counts, Failing = -1 });
            for (int i = 0; i < 50; i++) Assert.Equal(1, counts[i]);
        }
    });

    [Fact]
    public void JobsWithinJobsAndFromSeveralThreadsRunOnce() => WithThreads(3, () =>
    {
        int wrong = 0;
        var callers = Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            int* counts = stackalloc int[12];
            for (int repeat = 0; repeat < 2000; repeat++)
            {
                new Span<int>(counts, 12).Clear();
                Workers.For(4, new CountJob { Counts = counts, Nested = 3, Failing = -1 });
                for (int i = 0; i < 12; i++)
                    if (counts[i] != 1) Interlocked.Increment(ref wrong);
            }
        })).ToList();
        callers.ForEach(x => x.Start());
        callers.ForEach(x => x.Join());
        Assert.Equal(0, wrong);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AnExceptionReachesTheCallerAndThePoolGoesOn(int threads) => WithThreads(threads, () =>
    {
        int* counts = stackalloc int[8];
        for (int repeat = 0; repeat < 50; repeat++)
        {
            var job = new CountJob { Counts = counts, Failing = repeat % 8 };
            Assert.Throws<InvalidOperationException>(() => Workers.For(8, job));
        }
        new Span<int>(counts, 8).Clear();
        Workers.For(8, new CountJob { Counts = counts, Failing = -1 });
        for (int i = 0; i < 8; i++) Assert.Equal(1, counts[i]);
    });
}
