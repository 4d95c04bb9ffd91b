namespace Facula.Backends.Cuda;

/// <summary>
/// Memory of a device. The one who gives a kernel its address has entered, and leaves when the launch is made: what comes to the memory's next owner comes
/// later in the same stream.
/// </summary>
internal sealed class CudaBuffer : Buffer
{
    // The owner is one of them.
    private int _users = 1;

    public CudaBuffer(CudaDevice device, long bytes) : base(bytes)
    {
        Device = device;
        if (bytes == 0) return;
        Block = device.Memory.Rent(bytes);
        Block.Belong(this);
    }

    public CudaDevice Device { get; }

    /// <summary>None where there are no bytes. It is this buffer's only while it has users.</summary>
    public CudaBlock? Block { get; }

    public ulong Address => Block?.Address ?? 0;

    public override bool IsPooled => Block is not null;

    public override void Watch(object owner) => Block?.Watch(owner);

    protected override void Unwatch(object owner)
    {
        // Else the block may be another's by now.
        if (!TryEnter()) return;
        Block?.Unwatch(owner);
        Leave();
    }

    private bool TryEnter()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users) return true;
            users = seen;
        }
        return false;
    }

    /// <summary>Keeps the memory until <see cref="Leave"/>.</summary>
    /// <exception cref="ObjectDisposedException">It has been given back.</exception>
    public void Enter()
    {
        if (!TryEnter()) throw new ObjectDisposedException("Tensor", "The memory of this tensor has been given back by Dispose.");
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0) Block?.Return();
        // If the collector took this before the block is back, a sweep on another thread would take the block as well.
        GC.KeepAlive(this);
    }

    protected override void Free() => Leave();
}

/// <summary>A stay in the memory of a buffer, which goes to no other owner meanwhile.</summary>
internal readonly ref struct CudaHold : IDisposable
{
    private readonly CudaBuffer _buffer;

    /// <summary>Enters it.</summary>
    /// <exception cref="ObjectDisposedException">It has been given back.</exception>
    public CudaHold(CudaBuffer buffer, string operation)
    {
        Address = buffer.Device.Occupy(buffer, operation);
        _buffer = buffer;
    }

    public ulong Address { get; }

    public void Dispose() => _buffer.Leave();
}
