using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Facula.Data;

namespace Facula.Tests.Data;

/// <summary>A loader's threads: when they end, and what becomes of one that does not.</summary>
public class WorkerTests
{
    private sealed class Slow(int count, Action<int> onFetch) : Dataset<(Tensor, int)>
    {
        public override int Count => count;

        public override (Tensor, int) this[int index]
        {
            get
            {
                onFetch(index);
                return (Tensor.From((float)index), index);
            }
        }
    }

    [Fact]
    public void Enumerators_that_are_dropped_let_go_of_their_threads()
    {
        var threads = new ConcurrentDictionary<Thread, bool>();
        var loader = new DataLoader(new Slow(1000, _ => threads.TryAdd(Thread.CurrentThread, true)), 2, options: new() { Workers = 2 });
        for (int i = 0; i < 300; i++) Drop(loader);
        Assert.InRange(threads.Count, 300, 600);
        for (int i = 0; i < 100 && threads.Keys.Any(thread => thread.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(20);
        }
        Assert.DoesNotContain(threads.Keys, thread => thread.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drop(DataLoader loader)
    {
        IEnumerator<(Tensor, Tensor)> batches = loader.GetEnumerator();
        Assert.True(batches.MoveNext());
    }

    [Fact]
    public void Threads_end_with_the_last_batch_though_nobody_disposes()
    {
        var threads = new ConcurrentDictionary<Thread, bool>();
        var loader = new DataLoader(new Slow(20, _ => threads.TryAdd(Thread.CurrentThread, true)), 2, options: new() { Workers = 3 });
        IEnumerator<(Tensor, Tensor)> batches = loader.GetEnumerator();
        while (batches.MoveNext()) { }
        Assert.All(threads.Keys, thread => Assert.True(thread.Join(TimeSpan.FromSeconds(30))));
        Assert.False(batches.MoveNext());
        batches.Dispose();
    }

    [Fact]
    public void A_worker_that_hangs_is_left_behind_after_the_timeout()
    {
        using var never = new ManualResetEventSlim();
        var dataset = new Slow(100, index =>
        {
            if (index == 7) never.Wait();
        });
        var loader = new DataLoader(dataset, 2, options: new() { Workers = 2, Timeout = TimeSpan.FromMilliseconds(300) });
        var seen = new List<int>();
        var e = Assert.Throws<TimeoutException>(() =>
        {
            foreach (var (_, labels) in loader) seen.AddRange(labels.ToArray<int>());
        });
        Assert.Equal([0, 1, 2, 3, 4, 5], seen);
        Assert.Contains("batch 3 of Slow", e.Message);
        Assert.Contains("Facula loader", e.Message);
        Assert.Contains("0.3 seconds", e.Message);
        // Left early, the loop waits no longer than that either.
        foreach (var (_, labels) in loader)
        {
            if (labels[0].Item<int>() == 4) break;
        }
        never.Set();
    }

    [Fact]
    public void A_timeout_is_for_waiting_not_for_the_epoch()
    {
        var loader = new DataLoader(new Slow(12, _ => Thread.Sleep(20)), 2, options: new() { Workers = 1, Timeout = TimeSpan.FromSeconds(20) });
        Assert.Equal(12, loader.Sum(batch => batch.Targets.Length));
        Assert.Throws<ArgumentException>(() => new DataLoader(new Slow(1, _ => { }), options: new() { Timeout = TimeSpan.FromSeconds(1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DataLoader(new Slow(1, _ => { }), options: new() { Workers = 1, Timeout = TimeSpan.Zero }));
    }

    private sealed class Failing : Sampler
    {
        public override long Count => 9;

        public override IEnumerable<int> NextEpoch()
        {
            for (int i = 0; i < 5; i++) yield return i;
            throw new InvalidOperationException("no more");
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(3)]
    public void What_a_sampler_throws_comes_after_the_batches_before(int workers)
    {
        var seen = new List<int>();
        var e = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (var (_, labels) in new DataLoader(new Slow(9, _ => { }), 2, options: new() { Workers = workers, Sampler = new Failing() }))
                seen.AddRange(labels.ToArray<int>());
        });
        Assert.Equal("no more", e.Message);
        Assert.Equal([0, 1, 2, 3], seen);
    }

    [Fact]
    public void Prefetching_of_any_extent_takes_no_memory_of_its_own() =>
        Assert.Equal(9, new DataLoader(new Slow(9, _ => { }), 2, options: new() { Workers = 2, Prefetch = int.MaxValue }).Sum(batch => batch.Targets.Length));
}
