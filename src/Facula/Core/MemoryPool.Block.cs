using System.Runtime.CompilerServices;

namespace Facula;

internal static partial class MemoryPool
{
    /// <summary>
    /// Memory that goes from owner to owner. Whoever works on it enters before and leaves after; the owner counts as one of them. When the last has left,
    /// it goes back to the pool.
    /// </summary>
    internal sealed unsafe class Block : Loan
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

        private int _users = Closed;
        private int _place;
        private readonly Pages _pages;

        public Block(int sizeClass, long bytes)
        {
            (SizeClass, Bytes) = (sizeClass, bytes);
            _pages = new(bytes);
            Pointer = _pages.Pointer;
            BeginLoans();
        }

        /// <summary>For the first user.</summary>
        public void Open() => Interlocked.Add(ref _users, 1 - Closed);

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

        protected override void EndOwnership() => Leave();

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
            EndLoans();
            _pages.Free();
        }
    }
}
