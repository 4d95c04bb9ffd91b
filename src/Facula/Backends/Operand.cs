using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Facula.Backends;

/// <summary>What a backend sees of a tensor. It keeps the tensor, whose memory would else be taken for dropped.</summary>
internal readonly struct Operand(Storage storage, Layout layout, DType type, Tensor? tensor = null)
{
    private readonly Tensor? _tensor = tensor;

    public readonly Storage Storage = storage;
    public readonly Layout Layout = layout;
    public readonly DType DType = type;

    /// <summary>The value of a plain number, which is an argument of the kernel and no memory: what each element is, whatever the layout.</summary>
    public Scalar? Immediate => Storage is Number number ? number.Value(DType) : null;

    public Operand With(Layout layout) => new(Storage, layout, DType, _tensor);

    /// <summary>
    /// The way to the elements: <c>using Hold h = x.Hold(); fixed (byte* p = h) ..</c>, where p is the first byte of the storage. Nothing is held of an operand that is not there.
    /// Here at the one door it is also seen to that every element lies in the storage.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The tensor has been disposed of.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Hold Hold()
    {
        if (Storage is null) return default;
        if (Layout.End * DType.Size > Storage.Bytes) CheckBounds();
        Hold hold = Storage.Hold();
        GC.KeepAlive(_tensor);
        return hold;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CheckBounds()
    {
        Int128 first = Layout.Offset, last = first;
        for (int d = 0; d < Layout.Rank; d++)
        {
            Int128 reach = (Int128)(Layout.Shape[d] - 1) * Layout.Strides[d];
            if (reach < 0) first += reach;
            else last += reach;
        }
        if (first < 0 || (last + 1) * DType.Size > Storage.Bytes) ThrowOutside();
    }

    [DoesNotReturn]
    private void ThrowOutside() => throw new InvalidOperationException(
        $"A {DType.PyTorchName} tensor of shape {Layout}, strides [{string.Join(", ", Layout.Strides)}] and offset {Layout.Offset} reaches beyond the {Storage.Bytes} bytes of its memory: " +
        "another thread has given it other elements meanwhile.");
}
