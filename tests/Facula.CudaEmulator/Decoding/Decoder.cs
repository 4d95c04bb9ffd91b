using Facula.Backends.Cuda;

namespace Facula.CudaEmulator;

/// <summary>
/// Turns an entry's statements into instructions, refusing what the assembler would: unknown instructions, registers of another size or kind, missing operands,
/// and what the target does not have.
/// </summary>
internal sealed unsafe partial class Decoder
{
    private readonly PtxModule module;
    private readonly Entry entry;
    private readonly Dictionary<string, Variable> variables = [];
    private readonly Dictionary<ulong, int> constantPlaces = [];
    private readonly List<ulong> constants = [];
    private readonly List<(string Name, int Register)> specials = [];
    private readonly List<PtxType> registers;
    private readonly List<int> reads = [], writes = [];
    private bool hasGlobalAtomics;

    // The statement that is being decoded.
    private Statement statement = null!;
    private List<string> modifiers = null!;
    private Instruction instruction = null!;

    private Decoder(PtxModule module, Entry entry)
    {
        (this.module, this.entry) = (module, entry);
        registers = [.. entry.Registers];
    }

    /// <summary>The kernel of an entry; the module's global variables must have their addresses.</summary>
    public static Kernel Decode(PtxModule module, Entry entry) => new Decoder(module, entry).Decode();

    private Kernel Decode()
    {
        (int shared, int local) = Layout();
        var code = new Instruction[entry.Statements.Count + 1];
        for (int k = 0; k < entry.Statements.Count; k++) code[k] = Decode(entry.Statements[k]);
        code[^1] = new() { Kind = InstructionKind.Exit, Line = entry.Line, Text = "end of the entry" };
        Variable? last = entry.Parameters.LastOrDefault();
        var table = new ulong[Math.Max(constants.Count, 1) * Warp.Lanes];
        for (int k = 0; k < constants.Count; k++) table.AsSpan(k * Warp.Lanes, Warp.Lanes).Fill(constants[k]);
        return new()
        {
            Name = entry.Name,
            Code = code,
            Registers = registers.Count,
            Constants = table,
            Specials = [.. specials],
            StaticShared = shared,
            LocalBytes = local,
            ParameterBytes = last is null ? 0 : (int)last.Address + last.Bytes,
            MaxThreads = entry.MaxThreads,
            RequiredThreads = entry.RequiredThreads,
            HasGlobalAtomics = hasGlobalAtomics,
        };
    }

    /// <summary>Gives variables their addresses: static shared memory first, dynamic behind it.</summary>
    private (int Shared, int Local) Layout()
    {
        int shared = 0, local = 0;
        IEnumerable<Variable> all = module.Variables.Concat(entry.Variables);
        foreach (Variable variable in all.Where(variable => !variable.IsDynamic))
        {
            if (variable.Space == ".shared") variable.Address = (ulong)Place(ref shared, variable);
            else if (variable.Space == ".local") variable.Address = (ulong)Place(ref local, variable);
            Name(variable);
        }
        foreach (Variable variable in all.Where(variable => variable.IsDynamic))
        {
            shared = (shared + variable.Alignment - 1) / variable.Alignment * variable.Alignment;
            Name(variable);
        }
        foreach (Variable variable in all.Where(variable => variable.IsDynamic)) variable.Address = (ulong)shared;
        foreach (Variable parameter in entry.Parameters) Name(parameter);
        if (shared > 48 << 10) throw new PtxException(entry.Line, $"Entry function '{entry.Name}' uses too much shared data (0x{shared:x} bytes, 0xc000 max)");
        return (shared, (local + 15) & ~15);

        void Name(Variable variable)
        {
            if (!variables.TryAdd(variable.Name, variable)) throw new PtxException(entry.Line, $"Duplicate definition of variable '{variable.Name}'");
        }
    }

    private static int Place(ref int offset, Variable variable)
    {
        int start = (offset + variable.Alignment - 1) / variable.Alignment * variable.Alignment;
        offset = start + variable.Bytes;
        return start;
    }

    private Instruction Decode(Statement next)
    {
        statement = next;
        instruction = new() { Line = next.Line, Text = next.Text };
        modifiers = [.. next.Opcode.Skip(1)];
        reads.Clear();
        writes.Clear();
        if (next.Predicate is { } predicate) (instruction.Predicate, instruction.Negated) = (predicate.Register, predicate.Negated);
        Root(next.Opcode[0]);
        if (modifiers.Count > 0) throw Error($"Illegal modifier '.{modifiers[0]}' for instruction '{next.Opcode[0]}'");
        instruction.Reads = [.. reads.Distinct()];
        instruction.Writes = [.. writes.Distinct()];
        return instruction;
    }

    private PtxException Error(string message) => new(statement.Line, message);

    private PtxException Mismatch() => Error($"Arguments mismatch for instruction '{statement.Opcode[0]}': {statement.Text}");

    private void Requires(int target)
    {
        if (module.Target < target)
            throw Error($"Feature '{string.Join('.', statement.Opcode)}' requires .target sm_{target} or higher");
    }

    /// <summary>Takes a modifier where it is there.</summary>
    private bool Flag(string name) => modifiers.Remove(name);

    /// <summary>Takes the first of some modifiers that is there; its number, or -1.</summary>
    private int OneOf(params ReadOnlySpan<string> names)
    {
        for (int k = 0; k < names.Length; k++) if (modifiers.Remove(names[k])) return k;
        return -1;
    }

    /// <summary>Takes the first modifier that is a type.</summary>
    private PtxType Type()
    {
        foreach (string modifier in modifiers)
        {
            PtxType type = PtxTypes.Parse(modifier);
            if (type == PtxType.None) continue;
            modifiers.Remove(modifier);
            return type;
        }
        throw Error($"A type is missing: {statement.Text}");
    }

    private PtxType Type(params ReadOnlySpan<PtxType> allowed)
    {
        PtxType type = Type();
        if (!allowed.Contains(type)) throw Error($"Unexpected instruction types specified for '{statement.Opcode[0]}'");
        return type;
    }

    private void Operands(int count)
    {
        if (statement.Operands.Length != count) throw Mismatch();
    }

    private void Operands(int least, int most)
    {
        if (statement.Operands.Length < least || statement.Operands.Length > most) throw Mismatch();
    }

    private int Constant(ulong bits)
    {
        if (!constantPlaces.TryGetValue(bits, out int place))
        {
            constantPlaces[bits] = place = constants.Count;
            constants.Add(bits);
        }
        return ~place;
    }

    /// <summary>The place of a value that is read.</summary>
    private int Source(Operand operand, PtxType type, bool isChecked = true)
    {
        if (operand.Second is not null || operand.Negated && type != PtxType.Pred) throw Mismatch();
        switch (operand.Kind)
        {
            case OperandKind.Register:
                if (!type.Takes(operand.Type)) throw Mismatch();
                if (isChecked) reads.Add(operand.Register);
                return operand.Register;
            case OperandKind.Immediate:
                if (type is PtxType.Pred or PtxType.F16 or PtxType.F16x2 or PtxType.BF16 or PtxType.BF16x2) throw Mismatch();
                return Constant(Parser.Literal(operand, type, statement.Line));
            case OperandKind.Symbol:
                return Symbol(operand, type);
            default:
                throw Mismatch();
        }
    }

    private int Source(int number, PtxType type) => Source(statement.Operands[number], type);

    /// <summary>An immediate's value.</summary>
    private int Number(int number)
    {
        Operand operand = statement.Operands[number];
        return operand is { Kind: OperandKind.Immediate, Type: PtxType.S64 } ? (int)operand.Bits : throw Mismatch();
    }

    private int Symbol(Operand operand, PtxType type)
    {
        if (operand.Name.StartsWith('%')) return Special(operand.Name, type);
        if (!variables.TryGetValue(operand.Name, out Variable? variable)) throw Error($"Unknown symbol '{operand.Name}'");
        // The address of a parameter is for ld.param alone.
        if ((variable.Space == ".param" && statement.Opcode[0] != "mov") || type.Bytes() < 4 || type.IsFloat()) throw Mismatch();
        return Constant(variable.Address);
    }

    private int Special(string name, PtxType type)
    {
        bool isKnown = name is "%laneid" or "%warpid" or "%nwarpid" or "%smid" or "%nsmid" or "%dynamic_smem_size" or "%total_smem_size"
            || (name.StartsWith("%lanemask_", StringComparison.Ordinal) && name[10..] is "eq" or "lt" or "le" or "gt" or "ge")
            || (name.Split('.') is [var vector, "x" or "y" or "z"] && vector is "%tid" or "%ntid" or "%ctaid" or "%nctaid");
        if (!isKnown) throw Error($"Unknown symbol '{name}'");
        if (!type.Takes(PtxType.U32)) throw Mismatch();
        int found = specials.FindIndex(special => special.Name == name);
        if (found >= 0) return specials[found].Register;
        registers.Add(PtxType.U32);
        specials.Add((name, registers.Count - 1));
        return registers.Count - 1;
    }

    /// <summary>The place of a value that is written; -1 for an underscore where that may stand.</summary>
    private int Destination(Operand operand, PtxType type, bool mayBeSink = false, bool mayBeWider = false)
    {
        if (operand.Kind == OperandKind.Sink && mayBeSink) return -1;
        if (operand.Kind != OperandKind.Register || operand.Negated) throw Mismatch();
        if (!(mayBeWider ? IsAsWide(type, operand.Type) : type.Takes(operand.Type))) throw Mismatch();
        writes.Add(operand.Register);
        return operand.Register;
    }

    private int Destination(PtxType type) => Destination(statement.Operands[0], type);

    /// <summary>A register that ld, st and cvt take: as wide as the type or wider, and of a kind that can hold it (PTX ISA, Operand Size Exceeding).</summary>
    private static bool IsAsWide(PtxType type, PtxType register)
    {
        if (register == PtxType.Pred || register.Bytes() < type.Bytes()) return false;
        if (type.IsFloat() && type is not (PtxType.BF16 or PtxType.TF32)) return register == type || (register.IsBits() && register.Bytes() == type.Bytes());
        if (type is PtxType.BF16 or PtxType.TF32) return register.IsBits() && register.Bytes() == type.Bytes();
        return register.Bytes() == type.Bytes() ? type.IsBits() || !register.IsFloat() : !register.IsFloat();
    }

    /// <summary>A source that ld, st and cvt take.</summary>
    private int WideSource(Operand operand, PtxType type)
    {
        if (operand.Kind != OperandKind.Register) return Source(operand, type);
        if (!IsAsWide(type, operand.Type)) throw Mismatch();
        reads.Add(operand.Register);
        return operand.Register;
    }

    /// <summary>Base and offset of an address in brackets.</summary>
    private int Address(Operand operand, Space space, out long offset)
    {
        if (operand is not { Kind: OperandKind.Address, Parts: [var start] }) throw Mismatch();
        offset = operand.Offset;
        if (start.Kind == OperandKind.Immediate)
            return space == Space.Local ? Constant(start.Bits) : throw Error("Immediate addresses allowed only for .local state space");
        if (start.Kind != OperandKind.Register)
        {
            if (variables.TryGetValue(start.Name, out Variable? variable) && variable.Space != $".{space.ToString().ToLowerInvariant()}")
                throw Error($"State space mismatch between instruction and address in instruction '{statement.Opcode[0]}'");
            return Symbol(start, PtxType.U64);
        }
        if (start.Type.IsFloat() || start.Type == PtxType.Pred || start.Type.Bytes() < 4) throw Mismatch();
        reads.Add(start.Register);
        return start.Register;
    }

    /// <summary>The destination, then as many sources, all of a type, and what does it.</summary>
    private void Plain(PtxType type, int sources, delegate*<Warp, Instruction, uint, void> run)
    {
        if (run == null) throw Error($"Unexpected instruction types specified for '{statement.Opcode[0]}'");
        Operands(sources + 1);
        instruction.D = Destination(type);
        instruction.A = Source(1, type);
        if (sources > 1) instruction.B = Source(2, type);
        if (sources > 2) instruction.C = Source(3, type);
        instruction.Run = run;
    }
}
