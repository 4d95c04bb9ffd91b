namespace Facula.Backends.Reference;

/// <summary>The elements of an operand, one at a time, by index in row-major order: the naive way.</summary>
internal readonly unsafe ref struct Elements(Operand operand, Layout shape)
{
    private readonly Layout _layout = operand.Layout.Expand(shape.Shape)
        ?? throw new ArgumentException($"reference: {operand.Layout} does not broadcast to {shape}.");

    public Elements(Operand operand) : this(operand, operand.Layout) { }

    /// <summary>The element, of a floating-point type.</summary>
    public double Float(long i)
    {
        using Hold held = operand.Hold();
        fixed (byte* data = held)
        {
            byte* at = data + Offset(i);
            return operand.DType.Kind switch
            {
                ElementType.Float64 => *(double*)at,
                ElementType.Float32 => *(float*)at,
                ElementType.Float16 => (double)*(Half*)at,
                ElementType.BFloat16 => (float)*(BFloat16*)at,
                _ => Whole(at),
            };
        }
    }

    /// <summary>The element, what is behind the point being cut off.</summary>
    public long Integer(long i)
    {
        if (operand.DType.IsFloatingPoint) return (long)Float(i);
        using Hold held = operand.Hold();
        fixed (byte* data = held) return Whole(data + Offset(i));
    }

    private long Whole(byte* at) => operand.DType.Kind switch
    {
        ElementType.Int64 => *(long*)at,
        ElementType.Int32 => *(int*)at,
        ElementType.Int16 => *(short*)at,
        ElementType.Int8 => *(sbyte*)at,
        _ => *at,
    };

    /// <summary>Rounds to a floating-point type; for an integer type cuts off what is behind the point and wraps what does not fit;
    /// for bool asks whether it is not 0.</summary>
    public void Set(long i, double value)
    {
        using Hold held = operand.Hold();
        fixed (byte* data = held)
        {
            byte* at = data + Offset(i);
            switch (operand.DType.Kind)
            {
                case ElementType.Float64: *(double*)at = value; break;
                case ElementType.Float32: *(float*)at = (float)value; break;
                case ElementType.Float16: *(Half*)at = (Half)(float)value; break;
                case ElementType.BFloat16: *(BFloat16*)at = (BFloat16)(float)value; break;
                case ElementType.Bool: *at = value != 0 ? (byte)1 : (byte)0; break;
                default: SetWhole(at, (long)value); break;
            }
        }
    }

    /// <summary>The same for an integer.</summary>
    public void Set(long i, long value)
    {
        if (operand.DType.IsFloatingPoint)
        {
            Set(i, (double)value);
            return;
        }
        using Hold held = operand.Hold();
        fixed (byte* data = held) SetWhole(data + Offset(i), value);
    }

    private void SetWhole(byte* at, long value)
    {
        switch (operand.DType.Kind)
        {
            case ElementType.Int64: *(long*)at = value; break;
            case ElementType.Int32: *(int*)at = unchecked((int)value); break;
            case ElementType.Int16: *(short*)at = unchecked((short)value); break;
            case ElementType.Int8: *(sbyte*)at = unchecked((sbyte)value); break;
            case ElementType.UInt8: *at = unchecked((byte)value); break;
            default: *at = value != 0 ? (byte)1 : (byte)0; break;
        }
    }

    private long Offset(long i) => _layout.OffsetOf(i) * operand.DType.Size;
}
