using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facula;

/// <summary>
/// Memory of the host: little ones are arrays of the collector's, larger ones blocks of the pool's.
/// The elements can only be reached through a <see cref="Facula.Hold"/>.
/// </summary>
internal sealed class HostBuffer : Buffer
{
    private const int SmallBytes = 4096;
    private const int Alignment = 64;

    // One of the two, or neither once nobody owns this. A block may become an array, never the other way round.
    private ulong[]? _array;
    private MemoryPool.Block? _block;
    private byte _start;

    private HostBuffer(long bytes) : base(bytes) { }

    /// <summary>Whether somebody outside may change the elements without anybody noticing.</summary>
    public bool IsExported { get; private set; }

    /// <summary>Uninitialised memory.</summary>
    public static HostBuffer Allocate(long bytes)
    {
        if (bytes > SmallBytes) return AllocatePinned(bytes);
        return new HostBuffer(bytes) { _array = bytes == 0 ? [] : GC.AllocateUninitializedArray<ulong>((int)((bytes + 7) >> 3)) };
    }

    /// <summary>Uninitialised memory of the pool, which never moves, however little.</summary>
    public static HostBuffer AllocatePinned(long bytes)
    {
        var buffer = new HostBuffer(bytes);
        buffer._block = MemoryPool.Rent(bytes, buffer);
        return buffer;
    }

    /// <summary>
    /// Keeps the elements where they are until the result is disposed of, whoever lets go of this meanwhile:
    /// <c>using Hold h = x.Hold(); fixed (byte* p = h) ..</c>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">They have been given back.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Hold Hold() => Volatile.Read(ref _array) is { } array ? new(null, ref First(array)) : HoldBlock();

    private unsafe Hold HoldBlock()
    {
        while (Volatile.Read(ref _block) is { } block)
        {
            if (!block.TryEnter()) continue;
            // Entered while it was this buffer's, and it stays its own until left; else it has gone to another owner between the two looks.
            if (ReferenceEquals(Volatile.Read(ref _block), block)) return new(block, ref *block.Pointer);
            block.Leave();
        }
        ulong[] array = Volatile.Read(ref _array)
            ?? throw new ObjectDisposedException("Tensor", "The memory of this tensor has been given back by Dispose.");
        return new(null, ref First(array));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte First(ulong[] array) => ref Unsafe.AddByteOffset(ref Unsafe.As<ulong, byte>(ref MemoryMarshal.GetArrayDataReference(array)), (nint)_start);

    /// <summary>
    /// Before a span over this memory is handed out, which must stay valid for as long as it is used: only the collector can see to that,
    /// so the elements move to an array.
    /// </summary>
    public unsafe void Export()
    {
        lock (this)
        {
            IsExported = true;
            if (Volatile.Read(ref _block) is not { } block) return;
            using Hold held = Hold();
            long words = (Bytes + Alignment + 7) >> 3;
            if (words > Array.MaxLength)
                throw new InvalidOperationException($"AsSpan: the tensor lies in {Bytes} bytes, which are more than an array holds; " +
                    "take a Clone() of the part that is wanted.");
            ulong[] array = GC.AllocateUninitializedArray<ulong>((int)words, pinned: true);
            nint start = -(nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)) & (Alignment - 1);
            _start = (byte)start;
            fixed (byte* from = held, to = &First(array)) System.Buffer.MemoryCopy(from, to, Bytes, Bytes);
            Volatile.Write(ref _array, array);
            if (ReferenceEquals(Interlocked.CompareExchange(ref _block, null, block), block)) block.Return();
            // Freed meanwhile.
            else _array = null;
        }
    }

    /// <summary>Whether the elements lie in a block of the pool.</summary>
    public override bool IsPooled => _block is not null;

    public override void Watch(object owner) => _block?.Watch(owner);

    protected override void Unwatch(object owner) => Volatile.Read(ref _block)?.Unwatch(owner);

    protected override void Free()
    {
        _array = null;
        Interlocked.Exchange(ref _block, null)?.Return();
        // If the collector took this before the block is back, a sweep on another thread would take the block as well.
        GC.KeepAlive(this);
    }
}
