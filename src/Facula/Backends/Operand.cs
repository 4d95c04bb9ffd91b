using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Facula.Backends;

/// <summary>What a backend sees of a tensor. It keeps the owner, the tensor, whose memory would else be taken for dropped.</summary>
internal readonly struct Operand(Buffer buffer, Layout layout, DType type, object? owner = null)
{
    private readonly object? _owner = owner;

    public readonly Buffer Buffer = buffer;
    public readonly Layout Layout = layout;
    public readonly DType DType = type;

    /// <summary>The value of a plain number, which is an argument of the kernel and no memory: what each element is, whatever the layout.</summary>
    public Scalar? Immediate => Buffer is Number number ? number.Value(DType) : null;

    /// <summary>Whether it is a plain number.</summary>
    public bool IsImmediate => Buffer is Number;

    /// <summary>A plain number.</summary>
    public static Operand Of(Scalar value) => new(new Number(value), Layout.Scalar, value.DType);

    public Operand With(Layout layout) => new(Buffer, layout, DType, _owner);

    /// <summary>
    /// The way to the elements: <c>using Hold h = x.Hold(); fixed (byte* p = h) ..</c>, where p is the first byte of the buffer.
    /// Nothing is held of an operand that is not there.
    /// Here at the one door it is also seen to that every element lies in the buffer, and that the host may touch it.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The tensor has been disposed of.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Hold Hold()
    {
        if (Buffer is not HostBuffer host) return HoldOther();
        if (Layout.End * DType.Size > host.Bytes) CheckBounds();
        Hold hold = host.Hold();
        GC.KeepAlive(_owner);
        return hold;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Hold HoldOther()
    {
        if (Buffer is null) return default;
        if (Buffer is not Number number) throw new InvalidOperationException(
            $"A {DType.PyTorchName} tensor of shape {Layout} is in the memory of another device, which the host may not touch; move it with To(Device.Cpu).");
        CheckBounds();
        return new(null, ref number.First);
    }

    /// <summary>Until here the tensor is not taken for dropped: called once the memory is held in another way.</summary>
    public void KeepAlive() => GC.KeepAlive(_owner);

    /// <summary>Sees to it that every element lies in the buffer.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void CheckBounds()
    {
        Int128 first = Layout.Offset, last = first;
        for (int d = 0; d < Layout.Rank; d++)
        {
            Int128 reach = (Int128)(Layout.Shape[d] - 1) * Layout.Strides[d];
            if (reach < 0) first += reach;
            else last += reach;
        }
        if (first < 0 || (last + 1) * DType.Size > Buffer.Bytes) ThrowOutside();
    }

    [DoesNotReturn]
    private void ThrowOutside() => throw new InvalidOperationException(
        $"A {DType.PyTorchName} tensor of shape {Layout}, strides [{string.Join(", ", Layout.Strides)}] and offset {Layout.Offset} reaches beyond " +
        $"the {Buffer.Bytes} bytes of its memory: another thread has given it other elements meanwhile.");
}
