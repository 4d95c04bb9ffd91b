namespace Facula.Backends.Cuda;

/// <summary>Part of a segment, which is what the driver has given at once: handed out, or free.</summary>
internal sealed class CudaBlock : Loan
{
    private readonly CachingAllocator _allocator;

    public CudaBlock(CachingAllocator allocator)
    {
        _allocator = allocator;
        BeginLoans();
    }

    public ulong Address;
    public long Bytes;

    /// <summary>Whether its segment is one for large blocks.</summary>
    public bool IsLarge;

    public bool IsFree;

    /// <summary>Its neighbours in the segment; none at an end.</summary>
    public CudaBlock? Before, After;

    /// <summary>Those of its class that are free as well.</summary>
    public CudaBlock? PreviousFree, NextFree;

    /// <summary>The place among those that are handed out.</summary>
    public int Place;

    /// <summary>An event of a copying stream that uses the block: the compute stream waits for it before it touches the block again. Or 0.</summary>
    public nint Arrival;

    public bool HasArrival => Volatile.Read(ref Arrival) != 0;

    /// <summary>Whether all of its segment is free.</summary>
    public bool IsSegment => IsFree && Before is null && After is null;

    protected override void EndOwnership() => _allocator.TakeBack(this);
}
