using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// A weight in the form in which products read it. One that is used a second time without having changed is kept with the weight's storage: inference packs once, training,
/// which changes weights at every step, keeps nothing.
/// </summary>
internal readonly unsafe ref struct PackedWeight<T> : IDisposable where T : unmanaged
{
    private const int Alignment = 64;

    private readonly Storage _storage;
    private readonly Entry? _entry;
    private readonly ulong[] _block;

    /// <summary>Room for so many elements of a kind (which of several forms), perhaps filled already.</summary>
    public PackedWeight(Storage storage, int kind, long count)
    {
        _storage = storage;
        var known = Volatile.Read(ref storage.Derived) as Entry;
        int version = storage.Version;
        bool isSame = known is not null && known.Version == version && known.Kind == kind;
        IsReady = isSame && known!.Block is not null;
        if (IsReady) _block = known!.Block!;
        else if (isSame && !storage.IsExported)
        {
            _block = GC.AllocateUninitializedArray<ulong>(checked((int)((count * sizeof(T) + Alignment) / sizeof(ulong) + 1)), pinned: true);
            _entry = new(version, kind, _block);
        }
        else
        {
            _block = MemoryPool.Rent(checked(count * sizeof(T)) + Alignment);
            _entry = new(version, kind, null);
        }
        nint address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_block));
        Pointer = (T*)((address + Alignment - 1) & -Alignment);
    }

    public T* Pointer { get; }

    /// <summary>Whether the elements are there already.</summary>
    public bool IsReady { get; }

    public void Dispose()
    {
        if (_entry is null) return;
        Volatile.Write(ref _storage.Derived, _entry);
        if (_entry.Block is null) MemoryPool.Return(_block, reuse: true);
    }

    private sealed record Entry(int Version, int Kind, ulong[]? Block);
}
