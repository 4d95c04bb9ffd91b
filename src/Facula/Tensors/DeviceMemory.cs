using Facula.Backends;

namespace Facula;

/// <summary>
/// The memory of a device's tensors: <c>Device.Cpu.Memory.Allocated</c>. It comes from a pool, which keeps what tensors give back for those to come.
/// </summary>
/// <remarks>
/// On the processor, whose pool the device reference shares: together, what is in use and what is kept are at most 128 MB, or half, more than the most that was
/// in use at once in the last seconds, and what has not been used for some seconds goes back to the system. Dropped tensors count as in use until a
/// collection has found them: the pool asks for one of the younger generations whenever 8 MB, or a sixteenth of what is in use, has been handed out since the
/// last, and for one of the oldest, for which nobody is made to wait, when a quarter more is in use than after it was last asked for. On a GPU all that was
/// ever in use at once is kept, and the 8 MB are 64; where there is no more, what is kept for other sizes is given back, and what was dropped is looked for.
/// </remarks>
public sealed class DeviceMemory
{
    private readonly Backend _backend;

    internal DeviceMemory(Backend backend) => _backend = backend;

    /// <summary>
    /// Bytes in use by tensors, and by those that were dropped but not found yet; on the processor by those of more than 4 KB. 0 where a device does not count.
    /// torch.cuda.memory_allocated.
    /// </summary>
    public long Allocated => _backend.MemoryUse.Allocated;

    /// <summary>Bytes that the pool holds in all, in use or kept for later. torch.cuda.memory_reserved.</summary>
    public long Reserved => _backend.MemoryUse.Reserved;

    /// <summary>The most that was <see cref="Allocated"/> at once, ever or since <see cref="ResetPeak"/>. torch.cuda.max_memory_allocated.</summary>
    public long PeakAllocated => _backend.MemoryUse.PeakAllocated;

    /// <summary>Has <see cref="PeakAllocated"/> begin anew, from what is in use now. torch.cuda.reset_peak_memory_stats.</summary>
    public void ResetPeak() => _backend.ResetPeakMemory();

    /// <summary>
    /// Gives everything that is not in use back to the system now, after a full collection that finds what has been dropped. Never needed;
    /// for a program that has done its large work and will be waiting. Other threads give up what little they keep for themselves when they next make a
    /// tensor. torch.cuda.empty_cache.
    /// </summary>
    public void Trim() => _backend.TrimMemory();
}
