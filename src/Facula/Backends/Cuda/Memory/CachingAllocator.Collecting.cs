namespace Facula.Backends.Cuda;

internal sealed partial class CachingAllocator
{
    // A collection of the younger generations takes as long as some tens of launches, and tells of all that has been dropped since the last.
    private const long MinimumSlack = 64L << 20;

    // What was handed out after the last collection of the younger generations, and of all; see MemoryPool, whose rule this is.
    private long _live, _oldMark;
    private int _oldSweptAt;
    private int _collecting;

    private bool IsOver(long live, long least, int share) => Allocated - live >= Math.Max(least, live / share);

    private bool IsOverSlack => IsOver(_live, MinimumSlack, 16);

    /// <summary>What has been dropped must not pile up in a memory of which the collector knows nothing.</summary>
    private void Collect()
    {
        // One thread collects; others go on and take a little more.
        if (Interlocked.CompareExchange(ref _collecting, 1, 0) != 0) return;
        try
        {
            GC.Collect(1, GCCollectionMode.Forced, blocking: true);
            lock (_gate) Sweep();
            _live = Allocated;
            if (!IsOver(_oldMark, 4 * MinimumSlack, 4)) return;
            // Nobody is made to wait for the oldest.
            GC.Collect(2, GCCollectionMode.Forced, blocking: false);
            _oldMark = _live;
        }
        finally
        {
            Volatile.Write(ref _collecting, 0);
        }
    }

    /// <summary>Finds all that has been dropped, and what finalizers dispose of, which must not find the gate closed.</summary>
    private void CollectAll()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        lock (_gate) Sweep();
    }

    /// <summary>Takes back the blocks whose owners are gone.</summary>
    private void Sweep()
    {
        _sweptAt = GC.CollectionCount(0);
        int old = GC.CollectionCount(2);
        long before = _allocated;
        // Leaving may take others off the list.
        for (int i = _lent.Count - 1; i >= 0; i--)
        {
            if (i < _lent.Count) _lent[i].LeaveForDead();
        }
        if (old != _oldSweptAt && _allocated < before - before / 8) _oldMark = _allocated;
        _oldSweptAt = old;
    }
}
