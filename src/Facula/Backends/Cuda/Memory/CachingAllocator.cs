namespace Facula.Backends.Cuda;

/// <summary>
/// The memory of one device. The driver takes long to give some and waits for all kernels to take it back, so what tensors let go of is kept, and serves those
/// to come at once: kernels run in the order in which they are launched. Up to 1 MB comes from segments of 2 MB, up to 10 MB from segments of 20 MB, and more
/// from one of its own; blocks are split and, when they are free, put together again, and the smallest that is large enough is taken.
/// Nobody has to dispose: see <see cref="Loan"/>. No finalizer is involved, and what is given back, on whatever thread, never calls the driver.
/// </summary>
internal sealed partial class CachingAllocator(CudaDevice device)
{
    private const long Unit = 512;
    private const long SmallSegment = 2 << 20;
    private const long LargeSegment = 20 << 20;
    private const long LeastOwnSegment = 10 << 20;

    private readonly Lock _gate = new();
    private readonly List<CudaBlock> _lent = [];
    private readonly Stack<CudaBlock> _spare = [];
    private readonly List<CudaBlock> _arriving = [];
    private readonly CudaPool _main = new();
    private long _allocated, _reserved, _peak;
    private int _sweptAt;

    /// <summary>Bytes handed out, in blocks.</summary>
    public long Allocated => Volatile.Read(ref _allocated);

    /// <summary>Bytes that the driver has given.</summary>
    public long Reserved => Volatile.Read(ref _reserved);

    /// <summary>The most that was handed out at once.</summary>
    public long PeakAllocated => Volatile.Read(ref _peak);

    public void ResetPeak()
    {
        lock (_gate) _peak = _allocated;
    }

    /// <summary>Has the peak be at least as much again as it was before it was reset.</summary>
    public void RestorePeak(long before)
    {
        lock (_gate) _peak = Math.Max(_peak, before);
    }

    /// <summary>A block of at least so many bytes, for one who returns it or is collected.</summary>
    /// <exception cref="OutOfMemoryException">There is no room, even after all that can be given up has been.</exception>
    public CudaBlock Rent(long bytes)
    {
        const string Operation = "Allocate";
        device.Enter(Operation);
        // Sizes that cannot be rounded up are more than any device has.
        long rounded = bytes > long.MaxValue / 2 ? bytes : (bytes + Unit - 1) / Unit * Unit;
        if (IsOverSlack) Collect();
        return TryRent(rounded, SegmentFor(rounded), Operation) ?? RentWhenFull(rounded, Operation);
    }

    private CudaBlock? TryRent(long bytes, long segment, string operation)
    {
        lock (_gate)
        {
            AwaitArrivals(operation);
            CudaBlock? block = TryTake(bytes);
            if (block is null && _sweptAt != GC.CollectionCount(0))
            {
                Sweep();
                AwaitArrivals(operation);
                block = TryTake(bytes);
            }
            return block ?? (TryReserve(segment, bytes, operation) ? TryTake(bytes) : null);
        }
    }

    /// <summary>The driver has no more: what is kept for other sizes, and what has been dropped unseen, may be just what is missing.</summary>
    private CudaBlock RentWhenFull(long bytes, string operation)
    {
        // What has been dropped, and collected already.
        lock (_gate) Sweep();
        Trim(operation);
        if (TryRent(bytes, SegmentFor(bytes), operation) is { } afterTrim) return afterTrim;
        CollectAll();
        Trim(operation);
        // A segment that is no larger than it must be, too.
        return TryRent(bytes, SegmentFor(bytes), operation) ?? TryRent(bytes, RoundUp(bytes), operation) ?? throw Full(bytes);
    }

    private OutOfMemoryException Full(long bytes)
    {
        device.Driver.GetMemory(out ulong free, out ulong total);
        lock (_gate)
        {
            long largest = _main.Free.Select(block => block.Bytes).DefaultIfEmpty().Max();
            return new($"{bytes} bytes were asked for on {device.Name}: of its {total} bytes, {_allocated} are in use by tensors, " +
                $"{_reserved - _allocated} are kept for later, in pieces of up to {largest}, and {free} are free.");
        }
    }

    private CudaBlock? TryTake(long bytes)
    {
        FreeBlocks free = _main.For(bytes);
        if (free.FindBest(bytes) is not { } block) return null;
        free.Remove(block);
        long rest = block.Bytes - bytes;
        if (rest > (block.IsLarge ? CudaPool.SmallBytes : 0))
        {
            CudaBlock after = Make(block.Address + (ulong)bytes, rest, block.IsLarge);
            (after.Before, after.After) = (block, block.After);
            block.After?.Before = after;
            block.After = after;
            block.Bytes = bytes;
            free.Add(after);
        }
        block.Place = _lent.Count;
        _lent.Add(block);
        _allocated += block.Bytes;
        _peak = Math.Max(_peak, _allocated);
        return block;
    }

    private bool TryReserve(long segment, long bytes, string operation)
    {
        // No device has more, and the driver takes no negative ones.
        if (segment < bytes) return false;
        CudaResult result = device.Driver.Allocate((ulong)segment, out ulong address);
        if (result == CudaResult.OutOfMemory) return false;
        device.Check(result, operation);
        _reserved += segment;
        _main.For(bytes).Add(Make(address, segment, bytes > CudaPool.SmallBytes));
        return true;
    }

    private static long SegmentFor(long bytes) => bytes <= CudaPool.SmallBytes ? SmallSegment : bytes < LeastOwnSegment ? LargeSegment : RoundUp(bytes);

    private static long RoundUp(long bytes) => bytes > long.MaxValue / 2 ? -1 : (bytes + SmallSegment - 1) / SmallSegment * SmallSegment;

    private CudaBlock Make(ulong address, long bytes, bool isLarge)
    {
        if (!_spare.TryPop(out CudaBlock? block)) block = new(this);
        (block.Address, block.Bytes, block.IsLarge, block.Before, block.After) = (address, bytes, isLarge, null, null);
        return block;
    }

    /// <summary>Takes a block that nobody has any more.</summary>
    public void TakeBack(CudaBlock block)
    {
        lock (_gate)
        {
            CudaBlock last = _lent[^1];
            _lent[block.Place] = last;
            last.Place = block.Place;
            _lent.RemoveAt(_lent.Count - 1);
            _allocated -= block.Bytes;
            // It takes the driver to wait for it, so whoever rents next does.
            if (block.HasArrival) _arriving.Add(block);
            else Keep(block);
        }
    }

    private void AwaitArrivals(string operation)
    {
        foreach (CudaBlock block in _arriving)
        {
            device.AwaitArrival(block, operation);
            Keep(block);
        }
        _arriving.Clear();
    }

    /// <summary>Free, and one with what is free beside it.</summary>
    private void Keep(CudaBlock block)
    {
        FreeBlocks free = _main.Of(block);
        if (block.Before is { IsFree: true } before)
        {
            free.Remove(before);
            (block.Address, block.Bytes, block.Before) = (before.Address, before.Bytes + block.Bytes, before.Before);
            block.Before?.After = block;
            _spare.Push(before);
        }
        if (block.After is { IsFree: true } after)
        {
            free.Remove(after);
            (block.Bytes, block.After) = (block.Bytes + after.Bytes, after.After);
            block.After?.Before = block;
            _spare.Push(after);
        }
        free.Add(block);
    }

    /// <summary>Gives back all that no tensor uses, after a look for those that were dropped.</summary>
    public void Empty()
    {
        CollectAll();
        Trim("Trim");
    }

    /// <summary>Gives segments that are free as a whole back to the driver, which waits for the kernels that may use them.</summary>
    public void Trim(string operation)
    {
        device.Enter(operation);
        lock (_gate)
        {
            AwaitArrivals(operation);
            foreach (CudaBlock block in _main.Free.Where(block => block.IsSegment).ToList())
            {
                _main.Of(block).Remove(block);
                _reserved -= block.Bytes;
                _spare.Push(block);
                device.Check(device.Driver.Free(block.Address), operation);
            }
        }
    }
}
