namespace Facula.Backends.Cuda;

/// <summary>Locked memory of the host that somebody reads through, for as long as it is his.</summary>
internal sealed class PinnedSlot(PinnedSlots home, nint pointer, nint @event, int bytes) : IDisposable
{
    public nint Pointer => pointer;

    /// <summary>To be recorded behind the copy.</summary>
    public nint Event => @event;

    /// <summary>Behind the data there is room for what kernels have left to be raised.</summary>
    public nint ErrorRecord => pointer + bytes;

    public void Dispose() => home.Give(this);
}

/// <summary>Slots of one size: as many as threads have wanted at once.</summary>
internal sealed class PinnedSlots(CudaDevice device, int bytes)
{
    private readonly Lock _gate = new();
    private readonly Stack<PinnedSlot> _unused = [];

    public PinnedSlot Take(string operation)
    {
        lock (_gate)
        {
            if (_unused.TryPop(out PinnedSlot? slot)) return slot;
        }
        return new(this, device.AllocatePinned(bytes + DeferredErrors.RecordBytes, operation), device.TakeEvent(operation), bytes);
    }

    public void Give(PinnedSlot slot)
    {
        lock (_gate) _unused.Push(slot);
    }
}
