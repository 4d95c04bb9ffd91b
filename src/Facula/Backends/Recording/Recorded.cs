namespace Facula.Backends;

/// <summary>A number that remembers how it was computed, of any type: a node of the graph that <see cref="Recording"/> puts in order.</summary>
internal abstract class Recorded
{
    protected Recorded(Opcode opcode, DType type, ReadOnlySpan<Recorded> operands)
    {
        (Opcode, Type, Operands) = (opcode, type, operands.ToArray());
        for (int i = 0; i < operands.Length; i++)
        {
            bool takesMask = opcode.TakesMask(i);
            if (operands[i].Opcode.IsMask() == takesMask) continue;
            throw new InvalidOperationException($"{opcode}: operand {i} is a {(takesMask ? "number, not a mask" : "mask, not a number")}.");
        }
    }

    protected Recorded(Opcode opcode, DType type, double constant, int index) =>
        (Opcode, Type, Operands, Constant, Index) = (opcode, type, [], constant, index);

    public Opcode Opcode { get; }

    /// <summary>Float32, Float64 or Int64; of a mask, what has been compared.</summary>
    public DType Type { get; }

    public IReadOnlyList<Recorded> Operands { get; }

    /// <summary>The value of a constant, and the one that a parameter has had while it was recorded.</summary>
    public double Constant { get; }

    /// <summary>Which input or parameter it is.</summary>
    public int Index { get; }
}
