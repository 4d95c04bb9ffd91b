namespace Facula;

internal static partial class MemoryPool
{
    private const int PeriodMilliseconds = 5000;

    // What was outstanding after the last collection of the younger generations, and of all. The mark of all stays where it is when less is outstanding:
    // a training step lets go of most of what it keeps by itself, however old, and would else have all generations collected at every step for nothing.
    // Only what they give lowers it.
    private static long s_live;
    private static long s_oldMark;
    private static int s_oldSweptAt;
    private static int s_collecting;

    // The largest amount handed out in this period; the peak is that of this and the last.
    private static long s_recentPeak;
    private static Timer? s_timer;
    private static bool s_isTimed;

    private static bool IsOver(long live, long least, int share) => Outstanding - live >= Math.Max(least, live / share);

    private static bool IsOverSlack => IsOver(s_live, MinimumSlack, 16);

    private static void Collect()
    {
        // One thread collects; others go on and grow the pool a little.
        if (Interlocked.CompareExchange(ref s_collecting, 1, 0) != 0) return;
        try
        {
            // In the middle of a training step a collection moves what the step still needs to the next generation. It is dropped when the step ends,
            // and would wait there for long, so both are looked at; which costs hardly more, as what is left of the younger is always little.
            Collect(generation: 1);
            if (!IsOver(s_oldMark, 4 * MinimumSlack, 4)) return;
            // Nobody is made to wait for the oldest: its collection goes on beside.
            GC.Collect(2, GCCollectionMode.Forced, blocking: false);
            s_oldMark = s_live;
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

    /// <summary>Sees to it that somebody looks after what is kept.</summary>
    private static void KeepTime()
    {
        if (s_isTimed) return;
        s_isTimed = true;
        s_timer ??= new(static _ => Pass(Environment.TickCount64), null, Timeout.Infinite, Timeout.Infinite);
        s_timer.Change(PeriodMilliseconds, PeriodMilliseconds);
    }

    /// <summary>Gives back what has not been used for a while.</summary>
    internal static void Pass(long now)
    {
        lock (Gate)
        {
            if (s_sweptAt != GC.CollectionCount(0)) Sweep();
            foreach (List<Block>? blocks in Kept)
            {
                int idle = 0;
                while (idle < blocks?.Count && now - blocks[idle].KeptSince >= 2 * PeriodMilliseconds) idle++;
                if (idle > 0) GiveUp(blocks!, idle);
            }
            s_peak = Math.Max(s_recentPeak, s_outstanding);
            s_recentPeak = s_outstanding;
            s_oldMark = Math.Min(s_oldMark, s_peak);
            Shrink(Limit);
            if (s_kept > 0) return;
            s_isTimed = false;
            s_timer!.Change(Timeout.Infinite, Timeout.Infinite);
        }
    }
}
