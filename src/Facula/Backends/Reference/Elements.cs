namespace Facula.Backends.Reference;

/// <summary>The elements of an operand, one at a time, by index in row-major order: the naive way.</summary>
internal readonly unsafe ref struct Elements(Operand operand, Layout shape)
{
    private readonly Layout _layout = operand.Layout.Expand(shape.Shape)
        ?? throw new ArgumentException($"reference: {operand.Layout} does not broadcast to {shape}.");

    public Elements(Operand operand) : this(operand, operand.Layout) { }

    public double Float(long i)
    {
        double value;
        using Hold heldData = operand.Hold();
        fixed (byte* data = heldData) Cpu.Convert.Load(operand.DType, data + Offset(i), 0, &value, 1);
        return value;
    }

    public long Integer(long i)
    {
        long value;
        using Hold heldData = operand.Hold();
        fixed (byte* data = heldData) Cpu.Convert.Load(operand.DType, data + Offset(i), 0, &value, 1);
        return value;
    }

    public void Set(long i, double value)
    {
        using Hold heldData = operand.Hold();
        fixed (byte* data = heldData) Cpu.Convert.Store(&value, operand.DType, data + Offset(i), 0, 1);
    }

    public void Set(long i, long value)
    {
        using Hold heldData = operand.Hold();
        fixed (byte* data = heldData) Cpu.Convert.Store(&value, operand.DType, data + Offset(i), 0, 1);
    }

    private long Offset(long i)
    {
        long offset = _layout.Offset;
        for (int d = _layout.Rank - 1; d >= 0; d--)
        {
            offset += i % _layout.Shape[d] * _layout.Strides[d];
            i /= _layout.Shape[d];
        }
        return offset * operand.DType.Size;
    }
}
