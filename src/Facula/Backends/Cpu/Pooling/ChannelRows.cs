using System.Numerics;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Runs a job on rows of channels in vectors that a row is at least as long as. So a row is covered by whole vectors of which the last may overlap the one before it:
/// where a result depends on its own channel alone, being written twice does no harm.
/// </summary>
internal struct ChannelRows<TJob, T>(TJob job, int channels) : IJob where TJob : struct, IWideJob<T> where T : unmanaged, INumber<T>
{
    public void Run(int part)
    {
        if (Vector512.IsHardwareAccelerated && channels >= Vector512<T>.Count) job.Run<Simd512<T>>(part);
        else if (Vector256.IsHardwareAccelerated && channels >= Vector256<T>.Count) job.Run<Simd256<T>>(part);
        else if (Vector128.IsHardwareAccelerated && channels >= Vector128<T>.Count) job.Run<Simd128<T>>(part);
        else job.Run<Num<T>>(part);
    }
}

/// <summary>How many lines of output one part of a parallel run gets, and how many parts there are.</summary>
internal readonly struct LineCut
{
    public readonly long Lines, PerPart;

    /// <summary>So many lines that each take so much work, in elements read or written.</summary>
    public LineCut(long lines, long work)
    {
        Lines = lines;
        PerPart = lines * work <= MapLoop.Grain ? Math.Max(1, lines) : Math.Max(1, MapLoop.Grain / Math.Max(1, work));
        PerPart = Math.Max(PerPart, lines / int.MaxValue + 1);
    }

    public int Parts => (int)((Lines + PerPart - 1) / PerPart);

    public (long First, long End) this[int part] => (part * PerPart, Math.Min(Lines, (part + 1) * PerPart));
}
