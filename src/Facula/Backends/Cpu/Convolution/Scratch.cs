namespace Facula.Backends.Cpu;

/// <summary>Memory of the pool for what lives no longer than a kernel. Aligned to cache lines, uninitialised.</summary>
internal readonly unsafe ref struct Scratch<T>(long count) : IDisposable where T : unmanaged
{
    private readonly MemoryPool.Block? _block = MemoryPool.Rent(checked(count * sizeof(T)));

    public T* Pointer => (T*)_block!.Pointer;

    public void Dispose() => _block?.Leave();
}
