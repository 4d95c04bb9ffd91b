using System.Runtime.CompilerServices;

namespace Facula.Backends;

/// <summary>
/// An operand's elements, which stay where they are until this is disposed of: <c>using Pinned&lt;T&gt; x = operand.Pin&lt;T&gt;(); fixed (T* px = x)
/// ..</c>, where px is the first element. Both statements are needed: only fixed keeps the arrays of little tensors from being moved, and only this
/// keeps the memory of larger ones from going to another owner.
/// </summary>
internal readonly ref struct Pinned<T> : IDisposable where T : unmanaged
{
    private readonly Hold _hold;
    private readonly ref T _first;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Pinned(scoped in Operand operand)
    {
        // An operand that is not there.
        if (operand.Layout is null) return;
        _hold = operand.Hold();
        _first = ref Unsafe.As<byte, T>(ref Unsafe.AddByteOffset(ref _hold.GetPinnableReference(), (nint)(operand.Layout.Offset * operand.DType.Size)));
    }

    /// <summary>The first element, for the fixed statement: a null pointer for an operand that is not there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T GetPinnableReference() => ref _first;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose() => _hold.Dispose();
}

internal static class PinExtensions
{
    /// <summary>The way to the elements, as those of a type of the same size; or, as bytes, to elements of any type.</summary>
    /// <exception cref="ObjectDisposedException">The tensor has been disposed of.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pinned<T> Pin<T>(this scoped in Operand operand) where T : unmanaged => new(operand);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pinned<T> Pin<T>(this scoped in Operand? operand) where T : unmanaged => operand is { } given ? new(given) : default;
}
