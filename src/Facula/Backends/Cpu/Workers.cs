using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Facula.Backends.Cpu;

/// <summary>A piece of work cut into numbered parts; the cut must not depend on the number of threads.</summary>
internal interface IJob
{
    void Run(int part);
}

/// <summary>
/// The kernels' own thread pool. Parts are handed out by a counter; the caller works too. A caller that finds the pool taken
/// (another thread's kernel, or a kernel within a kernel) does its parts alone, so nothing ever waits for a place.
/// </summary>
internal static unsafe class Workers
{
    /// <summary>Elements that one part of a parallel run gets; below it a run stays on the caller's thread.</summary>
    public const int Grain = 16 * 1024;

    // A worker that has nothing to do looks for work in a tight loop first, then lets other threads go before it, then sleeps. Sleep is
    // dear: waking takes tens of microseconds, and the system likes to wake a worker on the caller's own core, where the two take turns.
    // So it must not come between the kernels of one training step.
    private const int TightSpins = 1500;
    private const int YieldingSpins = 20_000;

    private const int Closed = int.MaxValue;

    // Whatever number is asked for: as many more as any machine has cores.
    private const int MostHelpers = 1023;

    private static readonly Lock Gate = new();
    private static readonly SemaphoreSlim Wake = new(0);
    private static Counters s_counters;
    private static int s_taken;
    private static int s_started;

    // The job under way. These change only while the ticket is closed.
    private static delegate*<void*, int, void> s_body;
    private static void* s_job;
    private static int s_parts;
    private static int s_helpers;
    private static ExceptionDispatchInfo? s_error;

    // Each on a cache line of its own.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Counters
    {
        // The number of the job in the upper half, its next part in the lower one: a part can only be taken of the job that it was seen in.
        [FieldOffset(64)] public long Ticket;
        [FieldOffset(128)] public int Left;
        [FieldOffset(192)] public int Sleeping;
    }

    /// <summary>Runs parts 0 .. parts-1 of the job, on several threads where that is allowed, and returns when all are done.</summary>
    public static void For<TJob>(int parts, TJob job) where TJob : struct, IJob
    {
        if (parts <= 1 || CpuSettings.ThreadCount == 1 || Interlocked.CompareExchange(ref s_taken, 1, 0) != 0)
        {
            for (int i = 0; i < parts; i++) job.Run(i);
            return;
        }
        // The job lives in this frame, which outlasts every part.
        Share(parts, &Invoke<TJob>, Unsafe.AsPointer(ref job));
    }

    private static void Invoke<TJob>(void* job, int part) where TJob : struct, IJob => Unsafe.AsRef<TJob>(job).Run(part);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Share(int parts, delegate*<void*, int, void> body, void* job)
    {
        ExceptionDispatchInfo? error;
        try
        {
            int helpers = Math.Min(CpuSettings.ThreadCount - 1, MostHelpers);
            if (s_started < helpers) Start(helpers);

            long number = (s_counters.Ticket >> 32) + 1;
            Interlocked.Exchange(ref s_counters.Ticket, number << 32 | Closed);
            s_body = body;
            s_job = job;
            s_parts = parts;
            s_helpers = helpers;
            s_counters.Left = parts;
            Interlocked.Exchange(ref s_counters.Ticket, number << 32);

            if (Volatile.Read(ref s_counters.Sleeping) > 0) Rouse(Math.Min(helpers, parts - 1));
            Drain();
            for (int spin = 0; Volatile.Read(ref s_counters.Left) > 0; spin++) Pause(spin);
            error = s_error;
            s_error = null;
        }
        finally
        {
            Volatile.Write(ref s_taken, 0);
        }
        error?.Throw();
    }

    /// <summary>Does parts of the job under way until none is left to be taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Drain()
    {
        int done = 0;
        while (true)
        {
            long ticket = Volatile.Read(ref s_counters.Ticket);
            delegate*<void*, int, void> body = s_body;
            void* job = s_job;
            if ((int)ticket >= s_parts) break;
            if (Interlocked.CompareExchange(ref s_counters.Ticket, ticket + 1, ticket) != ticket) continue;
            try
            {
                body(job, (int)ticket);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref s_error, ExceptionDispatchInfo.Capture(e), null);
            }
            done++;
        }
        if (done > 0) Interlocked.Add(ref s_counters.Left, -done);
    }

    private static void Start(int workers)
    {
        lock (Gate)
        {
            for (; s_started < workers; s_started++)
            {
                int id = s_started;
                new Thread(() => Loop(id), maxStackSize: 4 << 20) { IsBackground = true, Name = $"Facula {id + 1}" }.Start();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop(int id)
    {
        long seen = 0;
        while (true)
        {
            for (int spin = 0; !TrySee(ref seen); spin++)
            {
                if (spin < TightSpins + YieldingSpins)
                {
                    Pause(spin);
                    continue;
                }
                // Who opens a job looks for sleepers after it; a sleeper looks for a job after it has said that it sleeps: one sees the other.
                Interlocked.Increment(ref s_counters.Sleeping);
                if (!TrySee(ref seen))
                {
                    Wake.Wait();
                    spin = 0;
                    continue;
                }
                if (!Retract()) Wake.Wait();
                break;
            }
            if (id < s_helpers) Drain();
        }
    }

    /// <summary>Whether a job has been opened since the one with this number, which becomes that job's.</summary>
    private static bool TrySee(ref long seen)
    {
        long ticket = Volatile.Read(ref s_counters.Ticket);
        if (ticket >> 32 == seen || (int)ticket == Closed) return false;
        seen = ticket >> 32;
        return true;
    }

    private static void Pause(int spin)
    {
        Thread.SpinWait(1);
        if (spin >= TightSpins && (spin & 7) == 0) Thread.Yield();
    }

    /// <summary>Takes back the notice of sleep; false if a wake-up is already on its way and must be consumed.</summary>
    private static bool Retract()
    {
        while (true)
        {
            int sleepers = Volatile.Read(ref s_counters.Sleeping);
            if (sleepers == 0) return false;
            if (Interlocked.CompareExchange(ref s_counters.Sleeping, sleepers - 1, sleepers) == sleepers) return true;
        }
    }

    private static void Rouse(int wanted)
    {
        while (true)
        {
            int sleepers = Volatile.Read(ref s_counters.Sleeping), roused = Math.Min(sleepers, wanted);
            if (roused == 0) return;
            if (Interlocked.CompareExchange(ref s_counters.Sleeping, sleepers - roused, sleepers) != sleepers) continue;
            Wake.Release(roused);
            return;
        }
    }
}
