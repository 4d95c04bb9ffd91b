using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facula;

/// <summary>
/// The memory behind tensors and their views: little ones are arrays of the collector's, larger ones blocks of the pool's. Counted references give a block back at once when
/// the last owner lets go on purpose; what nobody lets go of, the pool finds after a collection. The elements can only be reached through a <see cref="Facula.Hold"/>.
/// </summary>
internal class Storage
{
    private const int SmallBytes = 4096;
    private const int Alignment = 64;

    // One of the two, or neither once nobody owns this. A block may become an array, never the other way round.
    private ulong[]? _array;
    private MemoryPool.Block? _block;
    private int _references = 1;
    private byte _start;

    /// <summary>What a backend has made of these elements for its own use; it knows of which <see cref="Version"/>.</summary>
    public object? Derived;

    /// <summary>Counts in-place changes, so that backward can tell that something it saved has changed.</summary>
    public int Version;

    private protected Storage(long bytes) => Bytes = bytes;

    public long Bytes { get; }

    /// <summary>Whether somebody outside may change the elements without anybody noticing.</summary>
    public bool IsExported { get; private set; }

    // Elements for which nobody need be told the size.
    private const long FewElements = 1 << 16;

    /// <summary>Uninitialised memory for the elements of a layout without gaps: the one place where elements become bytes.</summary>
    /// <exception cref="OutOfMemoryException">There is no room; the message says for what.</exception>
    public static Storage Allocate(Layout dense, DType type, string operation) =>
        dense.Count <= FewElements ? Allocate(dense.Count * type.Size) : AllocateMuch(dense, type, operation);

    private static Storage AllocateMuch(Layout dense, DType type, string operation)
    {
        Int128 bytes = (Int128)dense.Count * type.Size;
        try
        {
            // More than any block of memory can be, and not to be rounded up in 64 bits.
            if (bytes > long.MaxValue / 2) throw new OutOfMemoryException();
            return Allocate((long)bytes);
        }
        catch (OutOfMemoryException error)
        {
            throw new OutOfMemoryException($"{operation}: a {type.PyTorchName} tensor of shape {dense} needs {bytes} bytes, which there is no room for.", error);
        }
    }

    private static Storage Allocate(long bytes)
    {
        if (bytes > SmallBytes) return AllocatePinned(bytes);
        return new Storage(bytes) { _array = bytes == 0 ? [] : GC.AllocateUninitializedArray<ulong>((int)((bytes + 7) >> 3)) };
    }

    /// <summary>Uninitialised memory of the pool, which never moves, however little.</summary>
    public static Storage AllocatePinned(long bytes)
    {
        var storage = new Storage(bytes);
        storage._block = MemoryPool.Rent(bytes, storage);
        return storage;
    }

    /// <summary>
    /// Keeps the elements where they are until the result is disposed of, whoever lets go of this meanwhile: <c>using Hold h = x.Hold(); fixed (byte* p = h) ..</c>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">They have been given back.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Hold Hold() => Volatile.Read(ref _array) is { } array ? new(null, ref First(array)) : HoldBlock();

    private unsafe Hold HoldBlock()
    {
        while (Volatile.Read(ref _block) is { } block)
        {
            if (!block.TryEnter()) continue;
            // Entered while it was this storage's, and it stays its own until left; else it has gone to another owner between the two looks.
            if (ReferenceEquals(Volatile.Read(ref _block), block)) return new(block, ref *block.Pointer);
            block.Leave();
        }
        if (this is Number number) return new(null, ref number.First);
        ulong[] array = Volatile.Read(ref _array)
            ?? throw new ObjectDisposedException(nameof(Tensor), "The memory of this tensor has been given back by Dispose.");
        return new(null, ref First(array));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte First(ulong[] array) => ref Unsafe.AddByteOffset(ref Unsafe.As<ulong, byte>(ref MemoryMarshal.GetArrayDataReference(array)), (nint)_start);

    /// <summary>
    /// Before a span over this memory is handed out, which must stay valid for as long as it is used: only the collector can see to that, so the elements move to an array.
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
                throw new InvalidOperationException($"AsSpan: the tensor lies in {Bytes} bytes, which are more than an array holds; take a Clone() of the part that is wanted.");
            ulong[] array = GC.AllocateUninitializedArray<ulong>((int)words, pinned: true);
            nint start = -(nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)) & (Alignment - 1);
            _start = (byte)start;
            fixed (byte* from = held, to = &First(array)) Buffer.MemoryCopy(from, to, Bytes, Bytes);
            Volatile.Write(ref _array, array);
            if (ReferenceEquals(Interlocked.CompareExchange(ref _block, null, block), block)) block.Return();
            // Freed meanwhile.
            else _array = null;
        }
    }

    /// <summary>
    /// Has the pool watch the tensor that this was made for: when it is dropped, its reference goes at the next sweep, although what backward has saved may keep this storage.
    /// </summary>
    public void Watch(Tensor tensor) => _block?.Watch(tensor);

    /// <summary>Whether the elements lie in a block of the pool.</summary>
    public bool IsPooled => _block is not null;

    public bool IsUnique => Volatile.Read(ref _references) == 1;

    public void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>Lets go of the reference of a tensor that is still there.</summary>
    public void Release(Tensor tensor)
    {
        Volatile.Read(ref _block)?.Unwatch(tensor);
        Release();
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0) return;
        (_array, Derived) = (null, null);
        Interlocked.Exchange(ref _block, null)?.Return();
        // If the collector took this before the block is back, a sweep on another thread would take the block as well.
        GC.KeepAlive(this);
    }
}
