using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facula;

internal static partial class MemoryPool
{
    /// <summary>
    /// Memory that goes from owner to owner. Whoever works on it enters before and leaves after; the owner counts as one of them. When the last has left,
    /// it goes back to the pool.
    /// </summary>
    internal sealed unsafe class Block
    {
        // Far below zero while it is nobody's: whoever enters then by mistake sees it, and leaves without having been the last.
        private const int Closed = int.MinValue / 2;

        public readonly byte* Pointer;
        public readonly long Bytes;
        public readonly int SizeClass;

        /// <summary>The next in a thread's pile.</summary>
        public Block? Next;

        /// <summary>When it came back.</summary>
        public long KeptSince;

        // Tracks resurrection: what a finalizer can still reach is in use.
        private readonly WeakGCHandle<HostBuffer> _owner;
        // The tensor that the buffer was made for, on whose behalf its reference is let go once it is dropped; the number is odd while it is watched.
        private readonly WeakGCHandle<object> _watched;
        private int _watch;
        private int _users = Closed;
        // Grows when an owner comes and when it goes: odd while there is one.
        private int _term;
        private int _place;
        private readonly Pages _pages;

        public Block(int sizeClass, long bytes)
        {
            (SizeClass, Bytes) = (sizeClass, bytes);
            _pages = new(bytes);
            Pointer = _pages.Pointer;
            (_owner, _watched) = (new(null!, trackResurrection: true), new(null!, trackResurrection: true));
        }

        /// <summary>For the first user.</summary>
        public void Open() => Interlocked.Add(ref _users, 1 - Closed);

        /// <summary>Makes a buffer, once it is open, the one who returns it.</summary>
        public void Belong(HostBuffer owner)
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
            Leave();
        }

        /// <summary>False if it is nobody's at this moment.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryEnter()
        {
            if (Interlocked.Increment(ref _users) > 0) return true;
            Interlocked.Decrement(ref _users);
            return false;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Leave()
        {
            if (Interlocked.Decrement(ref _users) == 0) Close();
        }

        private void Close()
        {
            // Somebody may have entered since, who will then be the last to leave.
            if (Interlocked.CompareExchange(ref _users, Closed, 0) == 0) TakeBack(this);
        }

        /// <summary>Does for an owner, or a tensor that is watched, what it cannot do any more since it has been collected.</summary>
        public void LeaveForDead()
        {
            // If the block has changed hands between the looks, the one that was dead has been gone before, and the number has changed.
            int term = Volatile.Read(ref _term), watch = Volatile.Read(ref _watch);
            if ((term & 1) == 0) return;
            if (_owner.TryGetTarget(out HostBuffer? owner))
            {
                if ((watch & 1) == 1 && !_watched.TryGetTarget(out _) && EndWatch(watch)) owner.Release();
            }
            else if (Interlocked.CompareExchange(ref _term, term + 1, term) == term)
            {
                EndWatch(watch);
                Leave();
            }
        }

        public void Join(List<Block> all)
        {
            _place = all.Count;
            all.Add(this);
        }

        /// <summary>Gives the memory back to the system.</summary>
        public void Free(List<Block> all)
        {
            Block last = all[^1];
            all[_place] = last;
            last._place = _place;
            all.RemoveAt(all.Count - 1);
            _owner.Dispose();
            _watched.Dispose();
            _pages.Free();
        }
    }
}
