using System.Collections;
using System.Runtime.ExceptionServices;

namespace Facula.Data;

/// <summary>
/// Fetches batches on worker threads, a bounded number ahead, and hands them out in order. What a worker throws is thrown where its
/// batch would have come, with the worker's stack.
/// </summary>
internal sealed class Prefetcher<TBatch> : IEnumerator<TBatch>
{
    private readonly int _batches;
    private readonly Func<int, TBatch> _fetch;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private readonly Slot[] _ring;
    private readonly Thread[] _threads;
    private readonly object _gate = new();
    private int _nextToFetch;
    private int _nextToGive;
    private bool _stopped;
    private TBatch? _current;

    private struct Slot
    {
        public bool IsFull;
        public TBatch? Batch;
        public ExceptionDispatchInfo? Error;
    }

    public Prefetcher(int batches, Func<int, TBatch> fetch, int workers, int ahead, CancellationToken cancellation)
    {
        (_batches, _fetch, _cancellation) = (batches, fetch, cancellation);
        _ring = new Slot[workers * ahead];
        _threads = new Thread[Math.Min(workers, batches)];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"Facula loader {i}" };
            _threads[i].Start();
        }
        _registration = cancellation.Register(Wake);
    }

    public TBatch Current => _current!;

    object? IEnumerator.Current => _current;

    public bool MoveNext()
    {
        _cancellation.ThrowIfCancellationRequested();
        if (_nextToGive >= _batches) return false;
        ExceptionDispatchInfo? error;
        lock (_gate)
        {
            ref Slot slot = ref _ring[_nextToGive % _ring.Length];
            while (!slot.IsFull)
            {
                _cancellation.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(_stopped, this);
                Monitor.Wait(_gate);
            }
            (_current, error) = (slot.Batch, slot.Error);
            slot = default;
            _nextToGive++;
            Monitor.PulseAll(_gate);
        }
        if (error is not null)
        {
            // As of an iterator that has thrown, nothing more comes, though later batches may be there.
            _nextToGive = _batches;
            Dispose();
            error.Throw();
        }
        return true;
    }

    private void Work()
    {
        while (true)
        {
            int batch;
            lock (_gate)
            {
                while (!_stopped && _nextToFetch < _batches && _nextToFetch >= _nextToGive + _ring.Length) Monitor.Wait(_gate);
                if (_stopped || _nextToFetch >= _batches) return;
                batch = _nextToFetch++;
            }
            var result = new Slot { IsFull = true };
            try
            {
                result.Batch = _fetch(batch);
            }
            catch (Exception e)
            {
                result.Error = ExceptionDispatchInfo.Capture(e);
            }
            lock (_gate)
            {
                _ring[batch % _ring.Length] = result;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    public void Reset() => throw new NotSupportedException("Enumerate the loader again for a new epoch.");

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
        _registration.Dispose();
        foreach (Thread thread in _threads)
        {
            if (thread != Thread.CurrentThread) thread.Join();
        }
    }
}
