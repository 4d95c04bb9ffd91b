namespace Facula.Backends;

/// <summary>A backend that works in the memory of the host.</summary>
internal abstract class HostBackend : Backend
{
    public sealed override bool IsImmediate => true;

    public sealed override Buffer Allocate(long bytes) => HostBuffer.Allocate(bytes);

    public sealed override (long Allocated, long Reserved, long PeakAllocated) MemoryUse =>
        (MemoryPool.Outstanding, MemoryPool.Outstanding + MemoryPool.Free, MemoryPool.Highest);

    public sealed override void ResetPeakMemory() => MemoryPool.ResetHighest();

    public sealed override void TrimMemory() => MemoryPool.Trim();

    public sealed override void Upload(ReadOnlySpan<byte> from, Buffer to, long at)
    {
        using HeldSpan<byte> target = new((HostBuffer)to, at, from.Length);
        from.CopyTo(target.Span);
    }

    public sealed override void Download(Buffer from, long at, Span<byte> to)
    {
        using HeldSpan<byte> source = new((HostBuffer)from, at, to.Length);
        source.Span.CopyTo(to);
    }
}
