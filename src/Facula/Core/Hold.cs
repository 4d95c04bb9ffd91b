using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facula;

/// <summary>
/// A stay inside the memory of a buffer. For as long as it lasts, the memory goes to no other owner, even if this one disposes of it or is collected.
/// It costs nothing for little tensors, whose arrays never go to anybody else.
/// </summary>
internal readonly ref struct Hold : IDisposable
{
    private readonly MemoryPool.Block? _block;
    private readonly ref byte _first;

    public Hold(MemoryPool.Block? block, ref byte first)
    {
        _block = block;
        _first = ref first;
    }

    /// <summary>The first byte, for the fixed statement; none where nothing is held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte GetPinnableReference() => ref _first;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose() => _block?.Leave();
}
