using System.Collections;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Facula.Data;

/// <summary>
/// Fetches batches on worker threads, a bounded number ahead, and hands them out in order. What a worker throws is thrown where its
/// batch would have come, with the worker's stack. What batches consist of is drawn on the caller's thread.
/// </summary>
internal sealed class Prefetcher<TBatch> : IEnumerator<TBatch>
{
    private readonly IEnumerator<int[]> _batches;
    private readonly Desk _desk;
    private readonly Thread[] _threads;
    private readonly long _room;
    private readonly string _source;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private readonly TimeSpan _timeout;
    private bool _hangs;
    private long _drawn;
    private long _given;
    private TBatch? _current;

    /// <param name="batches">The indices of each batch.</param>
    /// <param name="fetch">Makes a batch, given its number and indices.</param>
    /// <param name="options">Workers, how far they go ahead, when to give up.</param>
    /// <param name="source">What the batches are of, for messages.</param>
    public Prefetcher(IEnumerator<int[]> batches, Func<long, int[], TBatch> fetch, DataLoaderOptions options, string source)
    {
        (_batches, _source, _cancellation, _timeout) = (batches, source, options.Cancellation, options.Timeout);
        _room = (long)options.Workers * options.Prefetch;
        _desk = new(fetch);
        HandOut();
        _threads = new Thread[(int)Math.Min(options.Workers, _drawn)];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(_desk.Work) { IsBackground = true, Name = $"Facula loader {i}" };
            _threads[i].Start();
        }
        _registration = _cancellation.Register(_desk.Wake);
    }

    /// <summary>Who drops an enumerator without disposing of it shall not keep its threads, which therefore know the desk only.</summary>
    ~Prefetcher()
    {
        _desk?.Stop();
        _registration.Unregister();
    }

    public TBatch Current => _current!;

    object? IEnumerator.Current => _current;

    /// <summary>Puts orders on the desk, as many as there is room for.</summary>
    private void HandOut()
    {
        while (!_desk.IsClosed && _drawn < _given + _room)
        {
            try
            {
                if (_batches.MoveNext()) _desk.Order(_drawn++, _batches.Current);
                else _desk.Close(_drawn);
            }
            catch (Exception e)
            {
                // A sampler's, which comes when the batches before have been given.
                _desk.Close(_drawn, new(default, ExceptionDispatchInfo.Capture(e)));
            }
        }
    }

    public bool MoveNext()
    {
        _cancellation.ThrowIfCancellationRequested();
        if (!_desk.Has(_given)) return false;
        Outcome outcome;
        string? worker = null;
        long start = Stopwatch.GetTimestamp();
        lock (_desk.Gate)
        {
            while (!_desk.Done.Remove(_given, out outcome))
            {
                _cancellation.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(_desk.IsStopped, this);
                if (_timeout == Timeout.InfiniteTimeSpan) Monitor.Wait(_desk.Gate);
                else if (_timeout - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } left) Monitor.Wait(_desk.Gate, Round(left));
                else
                {
                    _hangs = true;
                    _desk.Doing.TryGetValue(_given, out worker);
                    break;
                }
            }
        }
        if (_hangs)
        {
            Dispose();
            throw new TimeoutException($"DataLoader: batch {_given} of {_source} has not come within {_timeout.TotalSeconds} seconds, " +
                $"the loader's {nameof(DataLoaderOptions.Timeout)}; " +
                (worker is null ? "no worker is free for it." : $"the worker '{worker}' is still at it."));
        }
        _given++;
        _current = outcome.Batch;
        if (outcome.Error is not null)
        {
            // As of an iterator that has thrown, nothing more comes, though later batches may be there.
            Dispose();
            outcome.Error.Throw();
        }
        HandOut();
        return true;
    }

    /// <summary>To whole milliseconds, which is what waits are counted in, and never to none.</summary>
    private static int Round(TimeSpan left) => (int)Math.Min(int.MaxValue, Math.Ceiling(left.TotalMilliseconds));

    public void Reset() => throw new NotSupportedException("Enumerate the loader again for a new epoch.");

    /// <summary>Stops the workers and waits until they have, though no longer than the timeout.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _desk.Stop();
        _registration.Unregister();
        _batches.Dispose();
        long start = Stopwatch.GetTimestamp();
        foreach (Thread thread in _threads)
        {
            if (thread == Thread.CurrentThread) continue;
            if (_timeout == Timeout.InfiniteTimeSpan) thread.Join();
            else if (!_hangs && _timeout - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } left) _hangs = !thread.Join(Round(left));
        }
    }

    private readonly record struct Outcome(TBatch? Batch, ExceptionDispatchInfo? Error);

    /// <summary>What the threads share with the enumerator: orders and what has come of them.</summary>
    private sealed class Desk(Func<long, int[], TBatch> fetch)
    {
        private readonly Queue<(long Batch, int[] Indices)> _orders = [];
        private long _end = long.MaxValue;

        public object Gate { get; } = new();

        /// <summary>Of batches that are ready; under the gate.</summary>
        public Dictionary<long, Outcome> Done { get; } = [];

        /// <summary>Which worker has a batch; under the gate.</summary>
        public Dictionary<long, string> Doing { get; } = [];

        public bool IsStopped { get; private set; }

        public bool IsClosed => _end != long.MaxValue;

        /// <summary>Whether there is such a batch.</summary>
        public bool Has(long batch) => batch < _end;

        public void Order(long batch, int[] indices)
        {
            lock (Gate)
            {
                _orders.Enqueue((batch, indices));
                Monitor.PulseAll(Gate);
            }
        }

        /// <summary>Nothing is ordered from this batch on, in place of which there may be an error.</summary>
        public void Close(long end, Outcome? error = null)
        {
            lock (Gate)
            {
                if (error is { } outcome) Done.Add(end++, outcome);
                _end = end;
                Monitor.PulseAll(Gate);
            }
        }

        /// <summary>No order is begun any more, and nothing comes.</summary>
        public void Stop()
        {
            lock (Gate)
            {
                (IsStopped, _end) = (true, 0);
                Monitor.PulseAll(Gate);
            }
        }

        public void Wake()
        {
            lock (Gate) Monitor.PulseAll(Gate);
        }

        public void Work()
        {
            while (true)
            {
                (long Batch, int[] Indices) order;
                lock (Gate)
                {
                    while (!IsStopped && !IsClosed && _orders.Count == 0) Monitor.Wait(Gate);
                    if (IsStopped || !_orders.TryDequeue(out order)) return;
                    Doing.Add(order.Batch, Thread.CurrentThread.Name!);
                }
                Outcome outcome;
                try
                {
                    outcome = new(fetch(order.Batch, order.Indices), null);
                }
                catch (Exception e)
                {
                    outcome = new(default, ExceptionDispatchInfo.Capture(e));
                }
                lock (Gate)
                {
                    Doing.Remove(order.Batch);
                    if (!IsStopped) Done.Add(order.Batch, outcome);
                    Monitor.PulseAll(Gate);
                }
            }
        }
    }
}
