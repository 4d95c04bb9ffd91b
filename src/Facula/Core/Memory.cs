namespace Facula;

/// <summary>
/// The memory of all tensors. It comes from a pool, which keeps what tensors give back for those to come.
/// Together, what is in use and what is kept are at most 128 MB, or half, more than the most that was in use at once in the last seconds, and what has not
/// been used for some seconds goes back to the system. Dropped tensors count as in use until a collection has found them: the pool asks for one of the
/// younger generations whenever 8 MB, or a sixteenth of what is in use, has been handed out since the last, and for one of the oldest, for which nobody is
/// made to wait, when a quarter more is in use than after it was last asked for.
/// </summary>
public static class Memory
{
    /// <summary>Bytes in use by tensors of more than 4 KB, and by those that were dropped but not found yet. torch.cuda.memory_allocated.</summary>
    public static long Allocated => MemoryPool.Outstanding;

    /// <summary>Bytes that the pool holds in all, in use or kept for later. torch.cuda.memory_reserved.</summary>
    public static long Reserved => MemoryPool.Outstanding + MemoryPool.Free;

    /// <summary>
    /// Gives everything that is not in use back to the system now, after a full collection that finds what has been dropped. Never needed;
    /// for a program that has done its large work and will be waiting. Other threads give up what little they keep for themselves when they next make a
    /// tensor. torch.cuda.empty_cache.
    /// </summary>
    public static void Trim() => MemoryPool.Trim();
}
