using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// A weight in the form in which products read it. One that is used a second time without having changed is kept with the weight's buffer: inference packs once, training,
/// which changes weights at every step, keeps nothing.
/// </summary>
internal readonly unsafe ref struct PackedWeight<T> : IDisposable where T : unmanaged
{
    private readonly HostBuffer _weight, _packed;
    private readonly Entry? _entry;
    private readonly Hold _held;

    /// <summary>Room for so many elements, perhaps filled already. The form says all that what they hold depends on, besides the buffer's elements.</summary>
    public PackedWeight(HostBuffer weight, PackedForm form, long count)
    {
        _weight = weight;
        var known = Volatile.Read(ref weight.Derived) as Entry;
        int version = weight.Version;
        bool isSame = known is not null && known.Version == version && known.Form == form;
        IsReady = isSame && known!.Packed is not null && !weight.IsExported;
        if (IsReady) _packed = known!.Packed!;
        else
        {
            _packed = HostBuffer.AllocatePinned(checked(count * sizeof(T)));
            _entry = new(version, form, isSame && !weight.IsExported ? _packed : null);
        }
        _held = _packed.Hold();
    }

    public T* Pointer => (T*)Unsafe.AsPointer(ref _held.GetPinnableReference());

    /// <summary>Whether the elements are there already.</summary>
    public bool IsReady { get; }

    public void Dispose()
    {
        _held.Dispose();
        if (_entry is null) return;
        Volatile.Write(ref _weight.Derived, _entry);
        if (_entry.Packed is null) _packed.Release();
    }

    private sealed record Entry(int Version, PackedForm Form, HostBuffer? Packed);
}

/// <summary>Which part of a buffer is packed, seen as what, for which algorithm: several weights may lie in one buffer, and one be seen in several shapes.</summary>
internal readonly record struct PackedForm(ConvolutionAlgorithm Algorithm, Type Type, long Start, bool IsBackward, int Groups, int Outputs, int Channels, int Taps);
