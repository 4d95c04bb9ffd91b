using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facula.Backends;

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
        if (start < 0 || end > buffer.Bytes)
            throw new ArgumentOutOfRangeException(nameof(start), start,
                $"{length} elements from byte {start} on do not lie in a buffer of {buffer.Bytes} bytes.");
        _hold = buffer.Hold();
        Span = MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref Unsafe.AddByteOffset(ref _hold.GetPinnableReference(), (nint)start)), length);
    }

    public Span<T> Span { get; }

    public void Dispose() => _hold.Dispose();
}
