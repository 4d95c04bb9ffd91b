using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// A weight in the form in which products read it. One that is used a second time without having changed is kept with the weight's storage: inference packs once, training,
/// which changes weights at every step, keeps nothing.
/// </summary>
internal readonly unsafe ref struct PackedWeight<T> : IDisposable where T : unmanaged
{
    private readonly Storage _weight, _packed;
    private readonly Entry? _entry;

    /// <summary>Room for so many elements of a kind (which of several forms), perhaps filled already.</summary>
    public PackedWeight(Storage weight, int kind, long count)
    {
        _weight = weight;
        var known = Volatile.Read(ref weight.Derived) as Entry;
        int version = weight.Version;
        bool isSame = known is not null && known.Version == version && known.Kind == kind;
        IsReady = isSame && known!.Packed is not null && !weight.IsExported;
        if (IsReady) _packed = known!.Packed!;
        else
        {
            _packed = Storage.AllocatePinned(checked(count * sizeof(T)));
            _entry = new(version, kind, isSame && !weight.IsExported ? _packed : null);
        }
        Pointer = (T*)Unsafe.AsPointer(ref _packed.Reference);
    }

    public T* Pointer { get; }

    /// <summary>Whether the elements are there already.</summary>
    public bool IsReady { get; }

    public void Dispose()
    {
        GC.KeepAlive(_packed);
        if (_entry is null) return;
        Volatile.Write(ref _weight.Derived, _entry);
        if (_entry.Packed is null) _packed.Release();
    }

    private sealed record Entry(int Version, int Kind, Storage? Packed);
}
