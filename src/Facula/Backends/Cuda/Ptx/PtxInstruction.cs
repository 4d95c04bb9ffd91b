using System.Globalization;
using System.Text;

namespace Facula.Backends.Cuda;

/// <summary>An operand of an instruction: a value, several in braces, an address, or a name.</summary>
internal readonly struct PtxOperand
{
    private PtxOperand(PtxType type, Value[] values) => (Type, Values) = (type, values);

    /// <summary>What the instruction takes it for.</summary>
    public PtxType Type { get; }

    /// <summary>The value, those in braces, or the register that an address begins with.</summary>
    public IReadOnlyList<Value> Values { get; }

    public bool IsVector { get; private init; }

    public bool IsAddress { get; private init; }

    /// <summary>Bytes from where the address begins.</summary>
    public int Offset { get; private init; }

    /// <summary>A special register, a variable or a label.</summary>
    public string? Name { get; private init; }

    public static PtxOperand Of(PtxType type, Value value) => new(type, [value]);

    public static PtxOperand Vector(PtxType type, Value[] values) => new(type, values) { IsVector = values.Length > 1 };

    public static PtxOperand Address(Value register, int offset) => new(register.Type, [register]) { IsAddress = true, Offset = offset };

    /// <summary>The address of a variable that has a name.</summary>
    public static PtxOperand Address(string name, int offset) => new(PtxType.B64, []) { IsAddress = true, Name = name, Offset = offset };

    public static PtxOperand Named(string name) => new(PtxType.Pred, []) { Name = name };

    public override string ToString()
    {
        PtxType type = Type;
        if (IsAddress)
        {
            string offset = Offset == 0 ? "" : $"+{Offset.ToString(CultureInfo.InvariantCulture)}";
            return $"[{Name ?? Values[0].Text(type)}{offset}]";
        }
        if (Name is not null) return Name;
        return IsVector ? $"{{{string.Join(", ", Values.Select(value => value.Text(type)))}}}" : Values[0].Text(type);
    }
}

/// <summary>An instruction of a kernel, or a label.</summary>
/// <param name="Mnemonic">All that is written before the operands; of a label, its name.</param>
/// <param name="Results">How many of the operands, the first, are written.</param>
/// <param name="Operands">The operands.</param>
internal sealed record PtxInstruction(string Mnemonic, int Results, IReadOnlyList<PtxOperand> Operands)
{
    /// <summary>The predicate that decides whether it is done.</summary>
    public Value? Guard { get; init; }

    /// <summary>Whether it is done where the predicate does not hold.</summary>
    public bool IsNegated { get; init; }

    public bool IsLabel { get; init; }

    /// <summary>Bytes that are read or written in memory at once, 0 if it does no such thing.</summary>
    public int Bytes { get; init; }

    public bool IsBranch => Mnemonic == "bra";

    public IEnumerable<Value> Written => Operands.Take(Results).SelectMany(operand => operand.Values);

    public IEnumerable<Value> Read
    {
        get
        {
            IEnumerable<Value> read = Operands.Skip(Results).SelectMany(operand => operand.Values).Where(value => value.IsRegister);
            return Guard is { } guard ? read.Prepend(guard) : read;
        }
    }

    public override string ToString()
    {
        if (IsLabel) return $"{Mnemonic}:";
        var text = new StringBuilder();
        if (Guard is { } guard) text.Append(IsNegated ? "@!" : "@").Append(guard.Text(PtxType.Pred)).Append(' ');
        text.Append(Mnemonic);
        if (Operands.Count > 0) text.Append(' ').AppendJoin(", ", Operands);
        return text.Append(';').ToString();
    }
}
