using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Facula.Backends;

namespace Facula;

/// <summary>
/// A stay inside the memory of a buffer. For as long as it lasts, the memory goes to no other owner, even if this one disposes of it or is collected. It costs nothing
/// for little tensors, whose arrays never go to anybody else.
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

/// <summary>Elements, or bytes, of an operand as a span, good until this is disposed of.</summary>
internal readonly ref struct HeldSpan<T> : IDisposable where T : unmanaged
{
    private readonly Hold _hold;

    /// <summary>From a byte of the buffer on; the caller has seen to it that so many elements follow there.</summary>
    public HeldSpan(scoped in Operand operand, long start, int length)
    {
        _hold = operand.Hold();
        Span = MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref Unsafe.AddByteOffset(ref _hold.GetPinnableReference(), (nint)start)), length);
    }

    /// <summary>Part of a buffer, from a byte of it on.</summary>
    public HeldSpan(HostBuffer buffer, long start, int length)
    {
        Int128 end = (Int128)length * Unsafe.SizeOf<T>() + start;
        if (start < 0 || end > buffer.Bytes) throw new ArgumentOutOfRangeException(nameof(start), start, $"{length} elements from byte {start} on do not lie in a buffer of {buffer.Bytes} bytes.");
        _hold = buffer.Hold();
        Span = MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref Unsafe.AddByteOffset(ref _hold.GetPinnableReference(), (nint)start)), length);
    }

    public Span<T> Span { get; }

    public void Dispose() => _hold.Dispose();
}
