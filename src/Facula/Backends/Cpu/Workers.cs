using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

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
    // Long enough to bridge the gaps between the kernels of one training step, short enough not to burn a core between steps.
    private const int SpinsBeforeSleep = 2000;

    private static readonly Lock Gate = new();
    private static readonly SemaphoreSlim Wake = new(0);
    private static volatile Run? s_current;
    private static int s_taken;
    private static int s_sleeping;
    private static int s_started;

    /// <summary>Runs parts 0 .. parts-1 of the job, on several threads where that is allowed, and returns when all are done.</summary>
    public static void For<TJob>(int parts, TJob job) where TJob : struct, IJob
    {
        if (parts <= 1 || Threads.Count == 1 || Interlocked.CompareExchange(ref s_taken, 1, 0) != 0)
        {
            for (int i = 0; i < parts; i++) job.Run(i);
            return;
        }
        try
        {
            Start(Threads.Count - 1);
            // The job lives in this frame, which outlasts every part.
            var run = new Run(&Invoke<TJob>, Unsafe.AsPointer(ref job), parts, Threads.Count - 1);
            s_current = run;
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref s_sleeping) > 0)
            {
                int sleepers = Interlocked.Exchange(ref s_sleeping, 0);
                if (sleepers > 0) Wake.Release(sleepers);
            }
            run.Drain();
            run.WaitForOthers();
        }
        finally
        {
            Volatile.Write(ref s_taken, 0);
        }
    }

    private static void Invoke<TJob>(void* job, int part) where TJob : struct, IJob => Unsafe.AsRef<TJob>(job).Run(part);

    private static void Start(int workers)
    {
        if (Volatile.Read(ref s_started) >= workers) return;
        lock (Gate)
        {
            for (; s_started < workers; s_started++)
            {
                int id = s_started;
                new Thread(() => Loop(id), maxStackSize: 4 << 20) { IsBackground = true, Name = $"Facula {id + 1}" }.Start();
            }
        }
    }

    private static void Loop(int id)
    {
        Run? seen = null;
        while (true)
        {
            Run run = Next(seen);
            if (id < run.Helpers) run.Drain();
            seen = run;
        }
    }

    private static Run Next(Run? seen)
    {
        while (true)
        {
            for (int spin = 0; spin < SpinsBeforeSleep; spin++)
            {
                if (s_current is { } run && run != seen) return run;
                Thread.SpinWait(1);
            }
            Interlocked.Increment(ref s_sleeping);
            if (s_current == seen || !Retract()) Wake.Wait();
        }
    }

    /// <summary>Takes back the notice of sleep; false if a wake-up is already on its way and must be consumed.</summary>
    private static bool Retract()
    {
        while (true)
        {
            int sleepers = Volatile.Read(ref s_sleeping);
            if (sleepers == 0) return false;
            if (Interlocked.CompareExchange(ref s_sleeping, sleepers - 1, sleepers) == sleepers) return true;
        }
    }

    private sealed class Run(delegate*<void*, int, void> body, void* job, int parts, int helpers)
    {
        public readonly int Helpers = helpers;
        private int _next;
        private readonly int _parts = parts;
        private int _left = parts;
        private ExceptionDispatchInfo? _error;

        public void Drain()
        {
            int part;
            while ((part = Interlocked.Increment(ref _next) - 1) < _parts)
            {
                try
                {
                    body(job, part);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref _error, ExceptionDispatchInfo.Capture(e), null);
                }
                Interlocked.Decrement(ref _left);
            }
        }

        public void WaitForOthers()
        {
            for (int spin = 0; Volatile.Read(ref _left) > 0; spin++)
            {
                if (spin < 10_000) Thread.SpinWait(1);
                else Thread.Yield();
            }
            _error?.Throw();
        }
    }
}
