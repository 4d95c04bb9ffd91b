using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facula;

/// <summary>
/// The memory behind tensors and their views. Counted references give blocks back at once when the last holder lets go on purpose;
/// what nobody lets go of is left to the garbage collector and the pool. Small storages are plain managed arrays and cost nothing more.
/// </summary>
internal class Storage
{
    private const int SmallBytes = 4096;
    private const int Alignment = 64;

    private ulong[]? _memory;
    private nint _start;
    private int _references = 1;

    /// <summary>What a backend has made of these elements for its own use; it knows of which <see cref="Version"/>.</summary>
    public object? Derived;

    /// <summary>Counts in-place changes, so that backward can tell that something it saved has changed.</summary>
    public int Version;

    private Storage(long bytes) => Bytes = bytes;

    public long Bytes { get; }

    /// <summary>Says that a span over this memory has been handed out: such memory is never reused, only collected.</summary>
    public virtual void Export() => IsExported = true;

    /// <summary>Whether somebody outside may change the elements without anybody noticing.</summary>
    public bool IsExported { get; private set; }

    /// <summary>Uninitialised memory.</summary>
    public static Storage Allocate(long bytes)
    {
        if (bytes > SmallBytes) return new PooledStorage(bytes);
        return new Storage(bytes) { _memory = bytes == 0 ? [] : GC.AllocateUninitializedArray<ulong>((int)((bytes + 7) >> 3)) };
    }

    /// <summary>Uninitialised memory of the pool, which is pinned, however little.</summary>
    public static Storage AllocatePinned(long bytes) => new PooledStorage(bytes);

    /// <summary>The first byte. Pin it while using a pointer, and keep this storage alive.</summary>
    public ref byte Reference
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.AddByteOffset(ref Unsafe.As<ulong, byte>(ref MemoryMarshal.GetArrayDataReference(_memory ?? Disposed())), _start);
    }

    public bool IsUnique => Volatile.Read(ref _references) == 1;

    public void AddReference() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0) Free();
    }

    protected virtual void Free() => _memory = null;

    private static ulong[] Disposed() =>
        throw new ObjectDisposedException(nameof(Tensor), "The memory of this tensor has been given back by Dispose.");

    private sealed class PooledStorage : Storage
    {
        private MemoryPool.Block? _block;

        public unsafe PooledStorage(long bytes) : base(bytes)
        {
            _block = MemoryPool.Rent(bytes + Alignment, this);
            _memory = _block.Memory;
            _start = -(nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory)) & (Alignment - 1);
        }

        public override void Export()
        {
            base.Export();
            if (_block is { } block) block.IsExported = true;
        }

        protected override void Free()
        {
            _memory = null;
            if (Interlocked.Exchange(ref _block, null) is not { } block) return;
            MemoryPool.Return(block);
            // If the collector took this storage before the block is back, a sweep on another thread would take the block as well.
            GC.KeepAlive(this);
        }
    }
}
