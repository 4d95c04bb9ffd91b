namespace Facula.Backends.Cuda;

internal sealed partial class CudaDevice
{
    private readonly Lock _streamGate = new();
    private readonly Stack<nint> _events = [];
    private nint _uploads, _downloads;

    /// <summary>The stream of what comes from the host and is much; made when it is first asked for.</summary>
    private nint UploadStream => StreamOf(ref _uploads);

    /// <summary>The stream of what goes to the host and is much.</summary>
    private nint DownloadStream => StreamOf(ref _downloads);

    private nint StreamOf(ref nint stream)
    {
        if (Volatile.Read(ref stream) is not 0 and var made) return made;
        lock (_streamGate)
        {
            if (stream == 0)
            {
                Check(Driver.CreateStream(out nint created), "start");
                Volatile.Write(ref stream, created);
            }
            return stream;
        }
    }

    /// <summary>An event that nobody waits for any more, or a new one.</summary>
    public nint TakeEvent(string operation)
    {
        lock (_streamGate)
        {
            if (_events.TryPop(out nint @event)) return @event;
        }
        Check(Driver.CreateEvent(timing: false, out nint created), operation);
        return created;
    }

    /// <summary>To be recorded anew: who waits for it on the device waits for what had been recorded when it began to.</summary>
    public void GiveEvent(nint @event)
    {
        lock (_streamGate) _events.Push(@event);
    }

    /// <summary>What one stream is given from now on waits for what another has been given until now.</summary>
    public void Follow(nint follower, nint leader, string operation)
    {
        nint @event = TakeEvent(operation);
        Check(Driver.Record(@event, leader), operation);
        Check(Driver.WaitFor(follower, @event), operation);
        GiveEvent(@event);
    }

    /// <summary>Enters a buffer, until it is left, and has the compute stream wait for what another writes to it.</summary>
    /// <exception cref="ObjectDisposedException">It has been given back.</exception>
    public ulong Occupy(CudaBuffer buffer, string operation)
    {
        buffer.Enter();
        if (buffer.Block is { HasArrival: true } block) AwaitArrival(block, operation);
        return buffer.Address;
    }

    /// <summary>What a copying stream does to a block is over before the compute stream touches it, or its next owner's kernels do.</summary>
    public void AwaitArrival(CudaBlock block, string operation)
    {
        lock (block)
        {
            if (!block.HasArrival) return;
            Enter(operation);
            Check(Driver.WaitFor(Compute, block.Arrival), operation);
            GiveEvent(block.Arrival);
            block.Arrival = 0;
        }
    }

    /// <summary>Waits for all that has been started, and raises what it has left to be raised.</summary>
    public void Synchronize()
    {
        const string Operation = "Synchronize";
        Enter(Operation);
        using PinnedSlot slot = _smallSlots.Take(Operation);
        bool asked = Errors.Ask(slot.ErrorRecord, Operation);
        Check(Driver.SynchronizeStream(Compute), Operation);
        if (_uploads != 0) Check(Driver.SynchronizeStream(_uploads), Operation);
        if (asked) Errors.Raise(slot.ErrorRecord);
    }
}
