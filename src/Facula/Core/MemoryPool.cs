using System.Numerics;
using System.Runtime.InteropServices;

namespace Facula;

/// <summary>
/// Pinned blocks by size class, reused last-in-first-out so that they are still in cache. Blocks whose owner was dropped without Dispose are found by
/// looking, after a collection, not by finalizers, which cost more to make and to wait for than the collection. The pool asks for one of the younger
/// generations whenever its slack has been handed out: dropped tensors do not pile up, and the blocks in turn fit into the last-level cache.
/// </summary>
internal static class MemoryPool
{
    // A collection costs what writing a quarter of a megabyte does; see docs/performance.md.
    private const long MinimumSlack = 8L << 20;
    private const long FreeLimit = 256L << 20;
    private const int ClassesPerOctave = 4;

    private static readonly Lock Gate = new();
    private static readonly Stack<Block>[] Free = new Stack<Block>[65 * ClassesPerOctave];
    private static readonly List<Block> InUse = [];

    // What was outstanding after the last collection, and after the last of all generations.
    private static long s_live;
    private static long s_liveOfAll;
    private static long s_outstanding;
    private static long s_free;
    private static long s_peak;
    private static int s_sweptAt;
    private static int s_collecting;

    /// <summary>Memory that goes from owner to owner.</summary>
    internal sealed class Block(ulong[] memory)
    {
        public readonly ulong[] Memory = memory;

        /// <summary>Set when the memory must never have another owner.</summary>
        public bool IsExported;

        // Tracks resurrection: what a finalizer can still reach is in use.
        public readonly WeakGCHandle<Storage> Owner = new(null!, trackResurrection: true);
        public int Index;
    }

    /// <summary>Bytes handed out and not yet returned.</summary>
    public static long Outstanding => Volatile.Read(ref s_outstanding);

    /// <summary>A block for this owner, who returns it or is collected.</summary>
    public static Block Rent(long bytes, Storage owner)
    {
        int sizeClass = ClassOf(bytes, out long words);
        if (words > Array.MaxLength) throw new OutOfMemoryException($"A tensor of {bytes} bytes is larger than one block of memory can be.");
        if (IsOverSlack(s_live)) Collect();
        lock (Gate)
        {
            ref Stack<Block>? free = ref Free[sizeClass]!;
            free ??= new();
            if (free.Count == 0 && s_sweptAt != GC.CollectionCount(0)) Sweep();
            // A block of up to twice the size does as well: a fresh one would have to be paid for with one that is given up.
            for (int i = sizeClass; i <= sizeClass + ClassesPerOctave; i++)
            {
                if (Free[i] is null || !Free[i].TryPop(out Block? block)) continue;
                s_free -= block.Memory.LongLength * 8;
                return HandOut(block, owner);
            }
        }
        var fresh = new Block(Allocate((int)words));
        lock (Gate) return HandOut(fresh, owner);
    }

    private static ulong[] Allocate(int words)
    {
        try
        {
            return GC.AllocateUninitializedArray<ulong>(words, pinned: true);
        }
        catch (OutOfMemoryException)
        {
            // What is kept for sizes that nobody asks for now, and what has been dropped unseen, may be just what is missing.
            GC.Collect();
            lock (Gate)
            {
                Sweep();
                foreach (Stack<Block>? free in Free)
                {
                    while (free is not null && free.TryPop(out Block? block)) block.Owner.Dispose();
                }
                s_free = 0;
            }
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return GC.AllocateUninitializedArray<ulong>(words, pinned: true);
        }
    }

    public static void Return(Block block)
    {
        lock (Gate) TakeBack(block);
    }

    private static Block HandOut(Block block, Storage owner)
    {
        block.Owner.SetTarget(owner);
        block.Index = InUse.Count;
        InUse.Add(block);
        s_outstanding += block.Memory.LongLength * 8;
        s_peak = Math.Max(s_peak, s_outstanding);
        return block;
    }

    private static void TakeBack(Block block)
    {
        Block last = InUse[^1];
        InUse[block.Index] = last;
        last.Index = block.Index;
        InUse.RemoveAt(InUse.Count - 1);
        long bytes = block.Memory.LongLength * 8;
        s_outstanding -= bytes;
        if (block.IsExported || s_free + s_outstanding + bytes > Math.Max(FreeLimit, s_peak + s_peak / 2))
        {
            block.Owner.Dispose();
            return;
        }
        Free[ClassOf(bytes, out _)].Push(block);
        s_free += bytes;
    }

    /// <summary>Takes back the blocks whose owners are gone.</summary>
    private static void Sweep()
    {
        s_sweptAt = GC.CollectionCount(0);
        for (int i = InUse.Count - 1; i >= 0; i--)
        {
            if (!InUse[i].Owner.TryGetTarget(out _)) TakeBack(InUse[i]);
        }
    }

    private static bool IsOverSlack(long live) => Outstanding - live >= Math.Max(MinimumSlack, live / 2);

    private static void Collect()
    {
        // One thread collects; others go on and grow the pool a little.
        if (Interlocked.CompareExchange(ref s_collecting, 1, 0) != 0) return;
        try
        {
            // In the middle of a training step a collection moves what the step still needs to the next generation. It is dropped when the step ends, and would wait there
            // for long, so both are looked at; which costs hardly more, as what is left of the younger is always little.
            Collect(generation: 1);
            if (!IsOverSlack(s_liveOfAll)) return;
            Collect(generation: 2);
            s_liveOfAll = s_live;
        }
        finally
        {
            Volatile.Write(ref s_collecting, 0);
        }
    }

    private static void Collect(int generation)
    {
        GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
        lock (Gate) Sweep();
        s_live = Outstanding;
    }

    /// <summary>Four classes an octave, so at most a quarter is wasted.</summary>
    private static int ClassOf(long bytes, out long words)
    {
        words = (bytes + 7) >> 3;
        int log = BitOperations.Log2((ulong)words);
        int shift = Math.Max(0, log - 2);
        long rounded = (words + (1L << shift) - 1) >> shift;
        words = rounded << shift;
        log = BitOperations.Log2((ulong)words);
        shift = Math.Max(0, log - 2);
        return log * 4 + (int)((words >> shift) & 3);
    }
}
