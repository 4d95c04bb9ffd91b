using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facula.Backends.Cpu;

/// <summary>Memory of the pool for what lives no longer than a kernel. Aligned to cache lines, uninitialised.</summary>
internal readonly unsafe ref struct Scratch<T> : IDisposable where T : unmanaged
{
    private const int Alignment = 64;

    private readonly ulong[] _block;

    public Scratch(long count)
    {
        _block = MemoryPool.Rent(checked(count * sizeof(T)) + Alignment);
        // Blocks of the pool are pinned for good.
        nint address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_block));
        Pointer = (T*)((address + Alignment - 1) & -Alignment);
    }

    public T* Pointer { get; }

    public void Dispose() => MemoryPool.Return(_block, reuse: true);
}
