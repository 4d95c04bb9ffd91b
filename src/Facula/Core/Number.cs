using System.Runtime.CompilerServices;

namespace Facula;

/// <summary>
/// A plain number in a tensor's place: its bits and no memory of any device. Kernels take it as an argument (<see cref="Backends.Operand.Immediate"/>),
/// on whatever device the tensors are that it meets; those of the host may also read it where it stands, like an element that is repeated.
/// </summary>
internal sealed class Number : Buffer
{
    private long _bits;

    /// <summary>A number that a kernel of the host is about to write.</summary>
    public Number() : base(sizeof(long))
    {
    }

    public Number(Scalar value) : this()
    {
        if (value.DType == DType.Float64) _bits = BitConverter.DoubleToInt64Bits(value.ToDouble());
        else if (value.DType == DType.Int64) _bits = value.ToInt64();
        else First = (byte)value.ToInt64();
    }

    /// <summary>Where the bits stand.</summary>
    public ref byte First => ref Unsafe.As<long, byte>(ref _bits);

    /// <summary>The value, as an element of the type that it is one of.</summary>
    public Scalar Value(DType type) => type.Kind switch
    {
        ElementType.Float64 => As<double>(),
        ElementType.Float32 => As<float>(),
        ElementType.Float16 => (float)As<Half>(),
        ElementType.BFloat16 => (float)As<BFloat16>(),
        ElementType.Int64 => As<long>(),
        ElementType.Int32 => As<int>(),
        ElementType.Int16 => As<short>(),
        ElementType.Int8 => As<sbyte>(),
        ElementType.UInt8 => As<byte>(),
        _ => As<byte>() != 0,
    };

    protected override void Free() { }

    private T As<T>() where T : unmanaged => Unsafe.As<long, T>(ref _bits);
}
