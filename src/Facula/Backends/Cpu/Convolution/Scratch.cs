using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>Memory of the pool for what lives no longer than a kernel. Aligned to cache lines, uninitialised.</summary>
internal readonly unsafe ref struct Scratch<T> : IDisposable where T : unmanaged
{
    private readonly Storage _storage;

    public Scratch(long count)
    {
        _storage = Storage.AllocatePinned(checked(count * sizeof(T)));
        Pointer = (T*)Unsafe.AsPointer(ref _storage.Reference);
    }

    public T* Pointer { get; }

    public void Dispose() => _storage.Release();
}
