namespace Facula.Tests;

/// <summary>Threads that begin at the same moment.</summary>
internal static class TestThreads
{
    /// <summary>Runs the body on so many threads, giving each its number; their errors come out as one.</summary>
    public static void Run(int count, Action<int> body)
    {
        var errors = new List<Exception>();
        using var start = new Barrier(count);
        Thread[] threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            try
            {
                start.SignalAndWait(10_000);
                body(i);
            }
            catch (Exception e)
            {
                lock (errors) errors.Add(e);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        if (errors.Count > 0) throw new AggregateException(errors);
    }
}
