namespace Facula.CudaEmulator;

internal enum OperandKind { Register, Immediate, Symbol, Address, Vector, Sink }

/// <summary>An operand as written; registers are resolved.</summary>
internal sealed class Operand
{
    public OperandKind Kind { get; init; }
    /// <summary>A register's number, or -1.</summary>
    public int Register { get; init; } = -1;
    public PtxType Type { get; init; }
    /// <summary>A symbol, a special register, a label.</summary>
    public string Name { get; init; } = "";
    /// <summary>An immediate's bits.</summary>
    public ulong Bits { get; init; }
    /// <summary>What an address adds to its base, which is the first part.</summary>
    public long Offset { get; init; }
    /// <summary>A vector's elements, or an address's base and, for tensors, its coordinates.</summary>
    public Operand[] Parts { get; init; } = [];
    /// <summary>After an exclamation mark.</summary>
    public bool Negated { get; init; }
    /// <summary>The second destination, after a bar.</summary>
    public Operand? Second { get; set; }
}

/// <summary>One instruction as written.</summary>
internal sealed record Statement(int Line, string Text, Operand? Predicate, string[] Opcode, Operand[] Operands);

/// <summary>Something with an address: a parameter, or memory that a module or an entry declares.</summary>
internal sealed class Variable
{
    public required string Name { get; init; }
    public required string Space { get; init; }
    public required PtxType Type { get; init; }
    public required int Alignment { get; init; }
    public required int Bytes { get; init; }
    public required bool IsDynamic { get; init; }
    public byte[]? Initial { get; init; }
    /// <summary>Where it lies in its space; found when that is laid out.</summary>
    public ulong Address { get; set; }
}

/// <summary>A kernel as written.</summary>
internal sealed class Entry
{
    public required string Name { get; init; }
    public required int Line { get; init; }
    public List<Variable> Parameters { get; } = [];
    public List<Variable> Variables { get; } = [];
    public List<PtxType> Registers { get; } = [];
    public List<Statement> Statements { get; } = [];
    /// <summary>The statement that a label stands before.</summary>
    public Dictionary<string, int> Labels { get; } = [];
    public int MaxThreads { get; set; }
    public int RequiredThreads { get; set; }
}

/// <summary>A module as written.</summary>
internal sealed class PtxModule
{
    public int Version { get; set; }
    public int Target { get; set; }
    /// <summary>sm_90a and its kind: code for one architecture only.</summary>
    public bool IsArchitectureSpecific { get; set; }
    public List<Variable> Variables { get; } = [];
    public List<Entry> Entries { get; } = [];
}
