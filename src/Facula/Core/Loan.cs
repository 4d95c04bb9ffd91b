using System.Runtime.InteropServices;

namespace Facula;

/// <summary>
/// Memory that a pool hands out to one buffer after another. It knows whose it is, so that the pool can look, after a collection, whether the owner has been
/// dropped without giving it back, or the tensor that the owner was made for.
/// </summary>
internal abstract class Loan
{
    // Tracks resurrection: what a finalizer can still reach is in use.
    private WeakGCHandle<Buffer> _owner;
    // The tensor that the buffer was made for, on whose behalf its reference is let go once it is dropped; the number is odd while it is watched.
    private WeakGCHandle<object> _watched;
    private int _watch;
    // Grows when an owner comes and when it goes: odd while there is one.
    private int _term;

    /// <summary>The memory is there; from now on it may be handed out.</summary>
    protected void BeginLoans() => (_owner, _watched) = (new(null!, trackResurrection: true), new(null!, trackResurrection: true));

    /// <summary>Makes a buffer the one who returns it.</summary>
    public void Belong(Buffer owner)
    {
        _owner.SetTarget(owner);
        Volatile.Write(ref _term, _term + 1);
    }

    public void Watch(object owner)
    {
        _watched.SetTarget(owner);
        Volatile.Write(ref _watch, _watch + 1);
    }

    /// <summary>The tensor, if it is that which is watched, lets go by itself.</summary>
    public void Unwatch(object owner)
    {
        int watch = Volatile.Read(ref _watch);
        if ((watch & 1) == 1 && _watched.TryGetTarget(out object? watched) && ReferenceEquals(watched, owner)) EndWatch(watch);
    }

    private bool EndWatch(int watch) => (watch & 1) == 1 && Interlocked.CompareExchange(ref _watch, watch + 1, watch) == watch;

    /// <summary>The owner goes.</summary>
    public void Return()
    {
        EndWatch(Volatile.Read(ref _watch));
        Volatile.Write(ref _term, _term + 1);
        EndOwnership();
    }

    /// <summary>What the pool does when an owner has gone.</summary>
    protected abstract void EndOwnership();

    /// <summary>Does for an owner, or a tensor that is watched, what it cannot do any more since it has been collected.</summary>
    public void LeaveForDead()
    {
        // If the memory has changed hands between the looks, the one that was dead has been gone before, and the number has changed.
        int term = Volatile.Read(ref _term), watch = Volatile.Read(ref _watch);
        if ((term & 1) == 0) return;
        if (_owner.TryGetTarget(out Buffer? owner))
        {
            if ((watch & 1) == 1 && !_watched.TryGetTarget(out _) && EndWatch(watch)) owner.Release();
        }
        else if (Interlocked.CompareExchange(ref _term, term + 1, term) == term)
        {
            EndWatch(watch);
            EndOwnership();
        }
    }

    /// <summary>Nobody will have it any more.</summary>
    protected void EndLoans()
    {
        _owner.Dispose();
        _watched.Dispose();
    }
}
