using System.Numerics;

namespace Facula;

/// <summary>
/// Pinned blocks by size class, reused last-in-first-out so that they are still in cache. Before the pool grows past its slack it
/// asks the collector for the youngest generation, so that tensors dropped without Dispose come back instead of piling up.
/// </summary>
internal static class MemoryPool
{
    // About what a second-level cache and a collection's fixed cost balance at; see docs/performance.md.
    private const long MinimumSlack = 32L << 20;
    private const long FreeLimit = 256L << 20;

    private static readonly Lock Gate = new();
    private static readonly Stack<ulong[]>[] Free = new Stack<ulong[]>[64 * 4];
    private static long s_outstanding;
    private static long s_free;
    private static long s_liveAfterCollection;
    private static int s_collections;
    private static int s_collecting;

    /// <summary>Bytes handed out and not yet returned.</summary>
    public static long Outstanding => Volatile.Read(ref s_outstanding);

    public static ulong[] Rent(long bytes)
    {
        int sizeClass = ClassOf(bytes, out long words);
        if (TryPop(sizeClass, words) is { } block) return block;
        if (Outstanding - s_liveAfterCollection >= Math.Max(MinimumSlack, s_liveAfterCollection / 2))
        {
            Collect();
            if (TryPop(sizeClass, words) is { } freed) return freed;
        }
        if (words > Array.MaxLength) throw new OutOfMemoryException($"A tensor of {bytes} bytes is larger than one block of memory can be.");
        ulong[] fresh = GC.AllocateUninitializedArray<ulong>((int)words, pinned: true);
        Interlocked.Add(ref s_outstanding, words * 8);
        return fresh;
    }

    public static void Return(ulong[] block, bool reuse)
    {
        long bytes = block.LongLength * 8;
        Interlocked.Add(ref s_outstanding, -bytes);
        if (!reuse) return;
        int sizeClass = ClassOf(bytes, out _);
        lock (Gate)
        {
            if (s_free + bytes > Math.Max(FreeLimit, s_outstanding)) return;
            (Free[sizeClass] ??= new()).Push(block);
            s_free += bytes;
        }
    }

    private static ulong[]? TryPop(int sizeClass, long words)
    {
        lock (Gate)
        {
            if (Free[sizeClass] is not { Count: > 0 } stack) return null;
            s_free -= words * 8;
            Interlocked.Add(ref s_outstanding, words * 8);
            return stack.Pop();
        }
    }

    private static void Collect()
    {
        // One thread collects; others go on and grow the pool a little.
        if (Interlocked.CompareExchange(ref s_collecting, 1, 0) != 0) return;
        try
        {
            // What lived through the collection before, as the tensor in use does, has moved to generation 1: with generation 0 alone such tensors pile up.
            // In the oldest one look from time to time, and when little came back.
            int turn = ++s_collections;
            long before = Outstanding;
            for (int generation = turn % 64 == 0 ? 2 : 1; generation <= 2; generation++)
            {
                GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
                GC.WaitForPendingFinalizers();
                if (before - Outstanding >= MinimumSlack / 4) break;
            }
            s_liveAfterCollection = Outstanding;
        }
        finally
        {
            Volatile.Write(ref s_collecting, 0);
        }
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
