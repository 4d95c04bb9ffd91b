namespace Facula.CudaEmulator;

internal sealed unsafe partial class Decoder
{
    private enum Space { Generic, Global, Shared, Local, Const, Param }

    /// <summary>A state space and the hints of caches, which change nothing that can be seen.</summary>
    private Space SpaceAndHints()
    {
        Space space = Space.Generic;
        for (int k = 0; k < modifiers.Count;)
        {
            string name = modifiers[k];
            bool isSpace = true;
            switch (name)
            {
                case "global": space = Space.Global; break;
                case "shared" or "shared::cta": space = Space.Shared; break;
                case "local": space = Space.Local; break;
                case "const": space = Space.Const; break;
                case "param": space = Space.Param; break;
                default:
                    isSpace = name is "nc" or "ca" or "cg" or "cs" or "lu" or "cv" or "wb" or "wt" or "volatile" or "weak" or "relaxed" or "acquire" or
                        "release"
                    or "acq_rel" or "cta" or "gpu" or "sys" or "cluster" || name.StartsWith("L1::", StringComparison.Ordinal) ||
                        name.StartsWith("L2::", StringComparison.Ordinal);
                    break;
            }
            if (isSpace) modifiers.RemoveAt(k);
            else k++;
        }
        return space;
    }

    private Operand[] Vector(Operand operand)
    {
        int wanted = Flag("v2") ? 2 : Flag("v4") ? 4 : 1;
        Operand[] parts = operand.Kind == OperandKind.Vector ? operand.Parts : [operand];
        if (parts.Length != wanted) throw Mismatch();
        return parts;
    }

    private void Load()
    {
        Space space = SpaceAndHints();
        Operands(2);
        Operand[] parts = Vector(statement.Operands[0]);
        PtxType type = Type();
        if (type.Bytes() * parts.Length > 16 || type is PtxType.BF16 or PtxType.BF16x2 or PtxType.F16x2 or PtxType.TF32)
            throw Error($"Unexpected instruction types specified for 'ld'");
        instruction.Vector = [.. parts.Select(part => Destination(part, type, mayBeSink: true, mayBeWider: true))];
        instruction.Count = parts.FirstOrDefault(part => part.Kind == OperandKind.Register)?.Type.Bytes() ?? type.Bytes();
        if (space == Space.Param)
        {
            Parameter(type, parts.Length);
            return;
        }
        instruction.A = Address(statement.Operands[1], space, out long offset);
        instruction.Offset = offset;
        writes.Clear(); // the load says itself what has a value
        instruction.Run = space switch
        {
            Space.Shared => Load<SharedSpace>(type),
            Space.Local => Load<LocalSpace>(type),
            Space.Generic => Load<GenericSpace>(type),
            _ => Load<GlobalSpace>(type),
        };
    }

    private static delegate*<Warp, Instruction, uint, void> Load<T>(PtxType type) where T : struct, ISpace => type switch
    {
        PtxType.S8 => &MemoryAccess.Load<T, sbyte>,
        PtxType.S16 => &MemoryAccess.Load<T, short>,
        PtxType.S32 => &MemoryAccess.Load<T, int>,
        _ => type.Bytes() switch
        {
            1 => &MemoryAccess.Load<T, byte>,
            2 => &MemoryAccess.Load<T, ushort>,
            4 => &MemoryAccess.Load<T, uint>,
            _ => &MemoryAccess.Load<T, ulong>,
        },
    };

    private void Parameter(PtxType type, int count)
    {
        Operand address = statement.Operands[1];
        if (address is { Kind: OperandKind.Address, Parts: [{ Kind: OperandKind.Register }] })
        {
            instruction.A = Address(address, Space.Param, out long offset);
            instruction.Offset = offset;
        }
        else
        {
            if (address is not { Kind: OperandKind.Address, Parts: [{ Kind: OperandKind.Symbol } name] }) throw Mismatch();
            if (!variables.TryGetValue(name.Name, out Variable? parameter) || parameter.Space != ".param") throw Error($"Unknown symbol '{name.Name}'");
            if (address.Offset < 0 || address.Offset + (count * type.Bytes()) > parameter.Bytes) throw Error($"Out-of-bounds access of parameter '{name.Name}'");
            instruction.A = Constant(0);
            instruction.Offset = (long)parameter.Address + address.Offset;
            if (instruction.Offset % (count * type.Bytes()) != 0) throw Error($"Misaligned access of parameter '{name.Name}'");
        }
        instruction.Run = type switch
        {
            PtxType.S8 => &MemoryAccess.LoadParameter<sbyte>,
            PtxType.S16 => &MemoryAccess.LoadParameter<short>,
            PtxType.S32 => &MemoryAccess.LoadParameter<int>,
            _ => type.Bytes() switch
            {
                1 => &MemoryAccess.LoadParameter<byte>,
                2 => &MemoryAccess.LoadParameter<ushort>,
                4 => &MemoryAccess.LoadParameter<uint>,
                _ => &MemoryAccess.LoadParameter<ulong>,
            },
        };
    }

    private void StoreAny()
    {
        Space space = SpaceAndHints();
        if (space is Space.Const or Space.Param) throw Error("State space of 'st' cannot be written");
        Operands(2);
        Operand[] parts = Vector(statement.Operands[1]);
        PtxType type = Type();
        if (type.Bytes() * parts.Length > 16 || type is PtxType.BF16 or PtxType.BF16x2 or PtxType.F16x2 or PtxType.TF32)
            throw Error($"Unexpected instruction types specified for 'st'");
        instruction.A = Address(statement.Operands[0], space, out long offset);
        instruction.Offset = offset;
        instruction.Vector = [.. parts.Select(part => WideSource(part, type))];
        instruction.Run = space switch
        {
            Space.Shared => Store<SharedSpace>(type),
            Space.Local => Store<LocalSpace>(type),
            Space.Generic => Store<GenericSpace>(type),
            _ => Store<GlobalSpace>(type),
        };
    }

    private static delegate*<Warp, Instruction, uint, void> Store<T>(PtxType type) where T : struct, ISpace => type.Bytes() switch
    {
        1 => &MemoryAccess.Store<T, byte>,
        2 => &MemoryAccess.Store<T, ushort>,
        4 => &MemoryAccess.Store<T, uint>,
        _ => &MemoryAccess.Store<T, ulong>,
    };

    private void ConvertAddress()
    {
        bool isTo = Flag("to");
        Space space = SpaceAndHints();
        Type(PtxType.U64);
        Operands(2);
        if (space is Space.Generic or Space.Param) throw Error("State space required for instruction 'cvta'");
        instruction.D = Destination(PtxType.U64);
        instruction.A = Source(1, PtxType.U64);
        ulong window = space switch { Space.Shared => GenericSpace.Shared, Space.Local => GenericSpace.Local, _ => 0 };
        instruction.B = Constant(window);
        instruction.Run = isTo ? IntegerBinary<Subtract>(PtxType.U64) : IntegerBinary<Add>(PtxType.U64);
    }

    private void SpacePredicate()
    {
        Space space = SpaceAndHints();
        Operands(2);
        instruction.D = Destination(PtxType.Pred);
        instruction.A = Source(1, PtxType.U64);
        instruction.Code = space switch { Space.Shared => 1, Space.Local => 2, Space.Global => 0, _ => -1 };
        instruction.Run = &MemoryAccess.IsSpace;
    }

    private void Hint()
    {
        Space space = SpaceAndHints();
        if (OneOf("L1", "L2") < 0) throw Error("A level of cache is missing");
        Operands(1);
        Address(statement.Operands[0], space, out _);
        instruction.Run = &Loops.Nothing;
    }

    /// <summary>atom, and red, which gives nothing back.</summary>
    private void Atomic(bool returns)
    {
        Space space = SpaceAndHints();
        bool noFlush = Flag("noftz");
        int operation = OneOf("add", "min", "max", "exch", "cas", "and", "or", "xor", "inc", "dec");
        PtxType type = Type();
        int first = returns ? 1 : 0;
        if (noFlush != type is PtxType.F16 or PtxType.F16x2 or PtxType.BF16 or PtxType.BF16x2)
            throw Error("Modifier .noftz required for halves, and for no other");
        if (type is PtxType.F16) Requires(70);
        if (type is PtxType.F16x2) Requires(60);
        if (type is PtxType.BF16 or PtxType.BF16x2) Requires(90);
        Operands(first + (operation == 4 ? 3 : 2));
        if (returns) instruction.D = Destination(statement.Operands[0], type, mayBeSink: true);
        instruction.A = Address(statement.Operands[first], space, out long offset);
        instruction.Offset = offset;
        instruction.B = Source(first + 1, type);
        if (operation == 4) instruction.C = Source(first + 2, type);
        if (space is Space.Local or Space.Const or Space.Param) throw Error("State space incorrect for instruction 'atom'");
        hasGlobalAtomics |= space != Space.Shared;
        instruction.Run = space switch
        {
            Space.Shared => Atomic<SharedSpace>(operation, type),
            Space.Global => Atomic<GlobalSpace>(operation, type),
            _ => Atomic<GenericSpace>(operation, type),
        };
        if (instruction.Run == null || operation < 0 || (!returns && operation is 3 or 4)) throw Error($"Unexpected operation or type: {statement.Text}");
    }

    private static delegate*<Warp, Instruction, uint, void> Atomic<T>(int operation, PtxType type) where T : struct, ISpace => (operation, type) switch
    {
        (0, PtxType.U32 or PtxType.S32) => &Atomics.Run<T, uint, IntegerBinary<Add, uint>>,
        (0, PtxType.U64) => &Atomics.Run<T, ulong, IntegerBinary<Add, ulong>>,
        // On global memory the hardware flushes nothing; on shared memory it does, which is not emulated.
        (0, PtxType.F32) => &Atomics.Run<T, uint, FloatBinary<Add, Single32, float>>,
        (0, PtxType.F64) => &Atomics.Run<T, ulong, FloatBinary<Add, Double64, double>>,
        (0, PtxType.F16) => &Atomics.Run<T, ushort, FloatBinary<Add, Half16, double>>,
        (0, PtxType.BF16) => &Atomics.Run<T, ushort, FloatBinary<Add, Brain16, double>>,
        (0, PtxType.F16x2) => &Atomics.Run<T, uint, PackedBinary<FloatBinary<Add, Half16, double>>>,
        (0, PtxType.BF16x2) => &Atomics.Run<T, uint, PackedBinary<FloatBinary<Add, Brain16, double>>>,
        (1, PtxType.U32) => &Atomics.Run<T, uint, IntegerBinary<Minimum, uint>>,
        (1, PtxType.S32) => &Atomics.Run<T, uint, IntegerBinary<Minimum, int>>,
        (1, PtxType.U64) => &Atomics.Run<T, ulong, IntegerBinary<Minimum, ulong>>,
        (1, PtxType.S64) => &Atomics.Run<T, ulong, IntegerBinary<Minimum, long>>,
        (2, PtxType.U32) => &Atomics.Run<T, uint, IntegerBinary<Maximum, uint>>,
        (2, PtxType.S32) => &Atomics.Run<T, uint, IntegerBinary<Maximum, int>>,
        (2, PtxType.U64) => &Atomics.Run<T, ulong, IntegerBinary<Maximum, ulong>>,
        (2, PtxType.S64) => &Atomics.Run<T, ulong, IntegerBinary<Maximum, long>>,
        (3, PtxType.B32) => &Atomics.Run<T, uint, Exchange>,
        (3, PtxType.B64) => &Atomics.Run<T, ulong, Exchange>,
        (4, PtxType.B16) => &Atomics.CompareAndSwap<T, ushort>,
        (4, PtxType.B32) => &Atomics.CompareAndSwap<T, uint>,
        (4, PtxType.B64) => &Atomics.CompareAndSwap<T, ulong>,
        (5, PtxType.B32) => &Atomics.Run<T, uint, IntegerBinary<And, uint>>,
        (5, PtxType.B64) => &Atomics.Run<T, ulong, IntegerBinary<And, ulong>>,
        (6, PtxType.B32) => &Atomics.Run<T, uint, IntegerBinary<Or, uint>>,
        (6, PtxType.B64) => &Atomics.Run<T, ulong, IntegerBinary<Or, ulong>>,
        (7, PtxType.B32) => &Atomics.Run<T, uint, IntegerBinary<Xor, uint>>,
        (7, PtxType.B64) => &Atomics.Run<T, ulong, IntegerBinary<Xor, ulong>>,
        (8, PtxType.U32) => &Atomics.Run<T, uint, Increment>,
        (9, PtxType.U32) => &Atomics.Run<T, uint, Decrement>,
        _ => null,
    };

    /// <summary>cp.async of 4, 8 or 16 bytes, its groups and waits.</summary>
    private void AsyncCopy()
    {
        if (!Flag("async")) throw Error($"Not a name of any known instruction: '{string.Join('.', statement.Opcode)}'");
        Requires(80);
        if (Flag("commit_group"))
        {
            Operands(0);
            instruction.Run = &MemoryAccess.Commit;
        }
        else if (Flag("wait_group"))
        {
            Operands(1);
            instruction.Code = Number(0);
            instruction.Run = &MemoryAccess.Wait;
        }
        else if (Flag("wait_all"))
        {
            Operands(0);
            instruction.Code = -1;
            instruction.Run = &MemoryAccess.Wait;
        }
        else
        {
            // cg, past the first cache, is for 16 bytes.
            bool wide = modifiers.Contains("cg");
            if (!(Flag("shared") | Flag("shared::cta")) || !Flag("global") || (!wide && !modifiers.Contains("ca")))
                throw Error($"Modifiers missing: {statement.Text}");
            SpaceAndHints();
            Operands(3, 4);
            instruction.A = Address(statement.Operands[0], Space.Shared, out long offset);
            instruction.Offset = offset;
            instruction.B = Address(statement.Operands[1], Space.Global, out long from);
            instruction.Vector = [(int)from];
            instruction.Count = Number(2);
            if (instruction.Count is not (4 or 8 or 16) || (wide && instruction.Count != 16))
                throw Error("Illegal size of cp.async: 4, 8 or 16, with .cg only 16");
            instruction.C = statement.Operands.Length == 4 ? Source(3, PtxType.U32) : Constant((ulong)instruction.Count);
            instruction.Run = &MemoryAccess.StartCopy;
        }
    }
}
