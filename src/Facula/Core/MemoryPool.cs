using System.Numerics;

namespace Facula;

/// <summary>
/// Blocks of native memory by size class, reused last-in-first-out so that they are still in cache; little ones are kept by each thread for itself.
/// Blocks whose owner was dropped without Dispose are found by looking, after a collection, not by finalizers, which cost more to make and to wait for than
/// the collection. The pool asks for collections whenever its slack has been handed out: dropped tensors do not pile up, and the blocks in turn fit into
/// the last-level cache.
/// <para>
/// The bound, in blocks, which are up to a quarter larger than what is asked for: handed out and kept together are at most 128 MB, or half,
/// more than the most that was handed out at once in the last seconds. What is over is given back to the system, and so is what has not been used for some
/// seconds. What is handed out is what is alive, 8 MB or a sixteenth more that has been dropped since the last collection of the younger generations, what
/// was dropped after it had grown old (the oldest generation is collected, beside the program, for each quarter more), and at most 2 MB for each thread.
/// </para>
/// </summary>
internal static partial class MemoryPool
{
    // A collection of the younger generations costs what writing a quarter of a megabyte does.
    private const long MinimumSlack = 8L << 20;
    private const long MinimumKept = 128L << 20;
    private const int ClassesPerOctave = 4;
    private const int Classes = 64 * ClassesPerOctave;
    private const int LineBytes = 64;

    private static readonly Lock Gate = new();
    private static readonly List<Block>[] Kept = new List<Block>[Classes];
    private static readonly List<Block> All = [];

    private static long s_outstanding;
    private static long s_kept;
    private static long s_peak;
    private static long s_highest;
    private static int s_sweptAt;

    /// <summary>Bytes handed out, to owners and to threads for later, and not yet returned.</summary>
    public static long Outstanding => Volatile.Read(ref s_outstanding);

    /// <summary>The most that was handed out at once, ever or since <see cref="ResetHighest"/>.</summary>
    public static long Highest => Volatile.Read(ref s_highest);

    public static void ResetHighest()
    {
        lock (Gate) s_highest = s_outstanding;
    }

    /// <summary>Bytes kept for later.</summary>
    public static long Free => Volatile.Read(ref s_kept);

    /// <summary>A block for this owner, who returns it or is collected.</summary>
    public static Block Rent(long bytes, HostBuffer owner)
    {
        Block block = Rent(bytes);
        block.Belong(owner);
        return block;
    }

    /// <summary>A block for one who is sure to leave it.</summary>
    public static Block Rent(long bytes)
    {
        int sizeClass = ClassOf(bytes, out long rounded);
        Block block = ThreadCache.Mine.TryTake(sizeClass) ?? Take(sizeClass, rounded);
        block.Open();
        return block;
    }

    private static Block Take(int sizeClass, long bytes)
    {
        if (IsOverSlack) Collect();
        lock (Gate)
        {
            if (TryPop(sizeClass) is { } block) return block;
            if (s_sweptAt != GC.CollectionCount(0))
            {
                Sweep();
                if (TryPop(sizeClass) is { } swept) return swept;
            }
            if (!HasRoom(bytes)) MakeRoom(bytes);
            // Counted first: what others do meanwhile must see it.
            HandOut(bytes);
            Shrink(Limit);
        }
        try
        {
            return Make(sizeClass, bytes);
        }
        catch (OutOfMemoryException)
        {
            // What is kept for sizes that nobody asks for now, and what has been dropped unseen, may be just what is missing.
            Trim();
            try
            {
                return Make(sizeClass, bytes);
            }
            catch
            {
                lock (Gate) s_outstanding -= bytes;
                throw;
            }
        }
    }

    private static Block Make(int sizeClass, long bytes)
    {
        var fresh = new Block(sizeClass, bytes);
        lock (Gate) fresh.Join(All);
        return fresh;
    }

    /// <summary>A block of up to twice the size does as well: a fresh one would have to be paid for with one that is given up.</summary>
    private static Block? TryPop(int sizeClass)
    {
        for (int i = sizeClass; i <= sizeClass + ClassesPerOctave; i++)
        {
            if (Kept[i] is not { Count: > 0 } blocks) continue;
            Block block = blocks[^1];
            blocks.RemoveAt(blocks.Count - 1);
            s_kept -= block.Bytes;
            HandOut(block.Bytes);
            return block;
        }
        return null;
    }

    private static void HandOut(long bytes)
    {
        s_outstanding += bytes;
        s_peak = Math.Max(s_peak, s_outstanding);
        s_highest = Math.Max(s_highest, s_outstanding);
        s_recentPeak = Math.Max(s_recentPeak, s_outstanding);
    }

    /// <summary>Takes a block that everybody has left.</summary>
    private static void TakeBack(Block block)
    {
        if (!ThreadCache.Mine.TryKeep(block)) Keep(block);
    }

    private static void Keep(Block block)
    {
        lock (Gate)
        {
            block.KeptSince = Environment.TickCount64;
            (Kept[block.SizeClass] ??= []).Add(block);
            s_kept += block.Bytes;
            s_outstanding -= block.Bytes;
            if (s_outstanding + s_kept > Limit) Shrink(Limit);
            KeepTime();
        }
    }

    /// <summary>
    /// The most that may be handed out and kept together. The parts of a training step want different sizes, and fresh pages cost more than what
    /// is computed in them: with an eighth a step of the tutorial's network takes half as long again.
    /// </summary>
    private static long Limit => s_peak + Math.Max(MinimumKept, s_peak / 2);

    /// <summary>Gives up what has been kept longest until at most so much is held in all.</summary>
    private static void Shrink(long limit)
    {
        while (s_kept > 0 && s_outstanding + s_kept > limit)
        {
            List<Block>? oldest = null;
            foreach (List<Block>? blocks in Kept)
            {
                if (blocks is { Count: > 0 } && (oldest is null || blocks[0].KeptSince < oldest[0].KeptSince)) oldest = blocks;
            }
            GiveUp(oldest!, 1);
        }
    }

    /// <summary>Gives the first of these blocks back to the system.</summary>
    private static void GiveUp(List<Block> blocks, int count)
    {
        for (int i = 0; i < count; i++)
        {
            s_kept -= blocks[i].Bytes;
            blocks[i].Free(All);
        }
        blocks.RemoveRange(0, count);
    }

    private static bool HasRoom(long bytes) => s_outstanding + bytes <= Room.Bytes;

    /// <summary>What has been dropped unseen may be just what is missing.</summary>
    private static void MakeRoom(long bytes)
    {
        GC.Collect();
        Sweep();
        if (!HasRoom(bytes))
            throw new OutOfMemoryException($"A tensor of {bytes} bytes does not fit into memory: {s_outstanding} of {Room.Bytes} bytes are in use.");
    }

    /// <summary>Takes back the blocks whose owners are gone.</summary>
    private static void Sweep()
    {
        s_sweptAt = GC.CollectionCount(0);
        int old = GC.CollectionCount(2);
        long before = s_outstanding;
        // Leaving may take others off the list.
        for (int i = All.Count - 1; i >= 0; i--)
        {
            if (i < All.Count) All[i].LeaveForDead();
        }
        if (old != s_oldSweptAt && s_outstanding < before - before / 8) s_oldMark = s_outstanding;
        s_oldSweptAt = old;
    }

    /// <summary>Everything that is not in use goes back to the system.</summary>
    public static void Trim()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ThreadCache.EmptyAll();
        lock (Gate)
        {
            Sweep();
            s_peak = s_recentPeak = s_outstanding;
            Shrink(0);
        }
    }

    /// <summary>Four classes an octave, so at most a quarter is wasted.</summary>
    private static int ClassOf(long bytes, out long rounded)
    {
        long lines = Math.Max(1, (bytes + LineBytes - 1) / LineBytes);
        int shift = Math.Max(0, BitOperations.Log2((ulong)lines) - 2);
        lines = (lines + (1L << shift) - 1) >> shift << shift;
        rounded = lines * LineBytes;
        int log = BitOperations.Log2((ulong)lines);
        return log < 2 ? (int)lines : log * ClassesPerOctave + (int)(lines >> (log - 2) & (ClassesPerOctave - 1));
    }

    /// <summary>What this process may use: of the machine, or of the container it runs in.</summary>
    private static class Room
    {
        public static readonly long Bytes = GC.GetGCMemoryInfo() is { TotalAvailableMemoryBytes: > 0 and long bytes } ? bytes : long.MaxValue;
    }
}
