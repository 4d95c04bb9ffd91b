namespace Facula.Backends.Cuda;

/// <summary>
/// What can be known of a kernel without running it: registers are declared, of the right type and written before they are read; several numbers are moved
/// at once only at addresses that are known to be multiples of their size; shared memory is within limits; and no thread waits at a barrier that another may
/// pass by.
/// </summary>
internal static class PtxCheck
{
    /// <summary>The most that a kernel itself, and with what comes with the launch, may have.</summary>
    public const int MaxSharedBytes = 48 << 10, MaxDynamicSharedBytes = 227 << 10;

    public const int MaxThreads = 1024, MaxParameterBytes = 4096;

    private const int FarAligned = 1 << 10;

    /// <summary>Why a value cannot be such an operand, or null.</summary>
    public static string? Misfit(Assembler kernel, in PtxOperand operand, Value value)
    {
        if (!value.IsRegister)
        {
            if (operand.Type == PtxType.Pred) return "a number is no predicate";
            return value.IsReal && !operand.Type.IsFloat() ? $"{operand} is no whole number, as {operand.Type} asks for" : null;
        }
        string text = value.Text(value.Type);
        if (!ReferenceEquals(value.Owner, kernel)) return $"{text} is a register of kernel {value.Owner.Name}";
        if (value.Number >= kernel.Registers(value.Type.Class())) return $"{text} is not declared";
        if (operand.IsAddress && value.Type.Class() is not (RegisterClass.Long or RegisterClass.Word)) return $"{text} of type {value.Type} is no address";
        return operand.Type.Class() == value.Type.Class() ? null : $"{text} is of type {value.Type}, not {operand.Type}";
    }

    /// <exception cref="InvalidOperationException">The kernel is wrong; the message names it and the instruction.</exception>
    public static void Check(Assembler kernel)
    {
        if (kernel.SharedBytes > MaxSharedBytes || kernel.SharedBytes + kernel.DynamicSharedBytes > MaxDynamicSharedBytes)
            throw Fault(kernel, null, $"{kernel.SharedBytes} bytes of shared memory and {kernel.DynamicSharedBytes} with the launch are too many");
        if (kernel.Threads is < 1 or > MaxThreads) throw Fault(kernel, null, $"{kernel.Threads} threads are no block");
        if (kernel.Parameters.Sum(parameter => parameter.Type.Size() * parameter.Count) > MaxParameterBytes) throw Fault(kernel, null, "too many arguments");
        CheckWritten(kernel);
        CheckAlignment(kernel);
        CheckBarriers(kernel);
    }

    private static InvalidOperationException Fault(Assembler kernel, PtxInstruction? instruction, string what) =>
        new($"Kernel {kernel.Name}{(instruction is null ? "" : $": {instruction}")}: {what}.");

    private static (RegisterClass, int) Key(Value register) => (register.Type.Class(), register.Number);

    /// <summary>In the order of the text: what a loop reads before it writes it, something before the loop has written.</summary>
    private static void CheckWritten(Assembler kernel)
    {
        var written = new HashSet<(RegisterClass, int)>();
        var labels = new HashSet<string>();
        foreach (PtxInstruction instruction in kernel.Instructions)
        {
            if (instruction.IsLabel && !labels.Add(instruction.Mnemonic)) throw Fault(kernel, instruction, "there are two such labels");
            foreach (Value read in instruction.Read)
            {
                if (!written.Contains(Key(read))) throw Fault(kernel, instruction, $"{read.Text(read.Type)} is read before it is written");
            }
            foreach (Value result in instruction.Written) written.Add(Key(result));
        }
        foreach (PtxInstruction branch in kernel.Instructions.Where(instruction => instruction.IsBranch))
        {
            if (!labels.Contains(branch.Operands[0].Name!)) throw Fault(kernel, branch, "there is no such label");
        }
    }

    private static void CheckAlignment(Assembler kernel)
    {
        // Of registers that are written in several places, the least; a loop begins knowing too much of what is written in it, so until nothing changes.
        var known = new Dictionary<(RegisterClass, int), long>();
        var reaches = new Dictionary<string, long>();
        foreach ((_, string name, int alignment, _) in kernel.Parameters) reaches[name] = alignment;
        foreach ((string name, _, int alignment) in kernel.Shared) reaches[name] = alignment;
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (PtxInstruction instruction in kernel.Instructions)
            {
                if (instruction.Results != 1 || instruction.Operands[0].IsVector) continue;
                long multiple = MultipleOf(instruction, known, reaches);
                (RegisterClass, int) key = Key(instruction.Operands[0].Values[0]);
                if (known.TryGetValue(key, out long before) && before <= multiple) continue;
                known[key] = multiple;
                changed = true;
            }
        }
        foreach (PtxInstruction instruction in kernel.Instructions)
        {
            if (instruction.Bytes == 0) continue;
            if (instruction.Bytes > 16) throw Fault(kernel, instruction, "more than 16 bytes are not moved at once");
            // Single numbers lie where tensors have them.
            bool isMany = instruction.Bytes > 8 || instruction.Operands.Any(operand => operand.IsVector);
            foreach (PtxOperand address in instruction.Operands.Where(operand => operand.IsAddress))
            {
                if (address.Offset % instruction.Bytes != 0) throw Fault(kernel, instruction, $"the address is no multiple of {instruction.Bytes}");
                if (isMany && known.GetValueOrDefault(Key(address.Values[0]), 1) % instruction.Bytes != 0)
                    throw Fault(kernel, instruction, $"the address is not known to be a multiple of {instruction.Bytes}");
            }
        }
    }

    /// <summary>A power of two that the result is a multiple of, as far as that is known.</summary>
    private static long MultipleOf(PtxInstruction instruction, Dictionary<(RegisterClass, int), long> known, Dictionary<string, long> reaches)
    {
        string operation = instruction.Mnemonic.Split('.')[0];
        PtxOperand first = instruction.Operands[1];
        if (operation is "ld") return instruction.Mnemonic.StartsWith("ld.param", StringComparison.Ordinal) && first.Name is { } argument ? reaches[argument] : 1;
        if (operation is "mov" && first.Name is { } name) return name == "dynamic" ? 128 : reaches.GetValueOrDefault(name, 1);
        long A(int operand) => Of(instruction.Operands[operand].Values[0]);
        return operation switch
        {
            "mov" or "cvt" or "cvta" when !first.IsVector => A(1),
            "add" or "sub" or "or" or "xor" or "min" or "max" or "selp" => Math.Min(A(1), A(2)),
            "and" => Math.Max(A(1), A(2)),
            "mul" when !instruction.Mnemonic.Contains(".hi", StringComparison.Ordinal) => Math.Min(FarAligned, A(1) * A(2)),
            "mad" => Math.Min(A(3), Math.Min(FarAligned, A(1) * A(2))),
            "shl" when instruction.Operands[2].Values[0] is { IsRegister: false } count => Math.Min(FarAligned, A(1) << (int)Math.Min(count.Integer, 10)),
            _ => 1,
        };

        long Of(Value value) => value.IsRegister ? known.GetValueOrDefault(Key(value), 1)
            : value.Integer == 0 ? FarAligned : Math.Min(FarAligned, value.Integer & -value.Integer);
    }

    /// <summary>
    /// Threads part at a branch whose predicate they may not agree about, and are together again where it leads to. Predicates are the same for all where they
    /// are made of arguments, the block's number and numbers that are the same; what is written where the threads have parted is not.
    /// </summary>
    private static void CheckBarriers(Assembler kernel)
    {
        IReadOnlyList<PtxInstruction> instructions = kernel.Instructions;
        var labels = new Dictionary<string, int>();
        for (int i = 0; i < instructions.Count; i++)
        {
            if (instructions[i].IsLabel) labels[instructions[i].Mnemonic] = i;
        }
        var differing = new HashSet<(RegisterClass, int)>();
        var parted = new bool[instructions.Count];
        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int i = 0; i < instructions.Count; i++)
            {
                PtxInstruction instruction = instructions[i];
                bool differs = parted[i] || Differs(instruction) || instruction.Read.Any(read => differing.Contains(Key(read)));
                foreach (Value written in instruction.Written) changed |= differs && differing.Add(Key(written));
                if (!instruction.IsBranch || !(parted[i] || (instruction.Guard is { } guard && differing.Contains(Key(guard))))) continue;
                int target = labels[instruction.Operands[0].Name!];
                for (int k = Math.Min(i, target); k < Math.Max(i, target); k++)
                {
                    changed |= !parted[k];
                    parted[k] = true;
                }
            }
        }
        for (int i = 0; i < instructions.Count; i++)
        {
            bool waits = instructions[i].Mnemonic.StartsWith("bar.", StringComparison.Ordinal)
                || instructions[i].Mnemonic.Contains(".sync", StringComparison.Ordinal);
            if (waits && (parted[i] || instructions[i].Guard is { } guard && differing.Contains(Key(guard))))
                throw Fault(kernel, instructions[i], "some threads may not come here while others wait for them");
        }
    }

    // What one thread finds, another may not.
    private static bool Differs(PtxInstruction instruction) => instruction.Mnemonic.Split('.')[0] switch
    {
        "ld" => !instruction.Mnemonic.StartsWith("ld.param", StringComparison.Ordinal)
            && !instruction.Mnemonic.StartsWith("ld.const", StringComparison.Ordinal),
        "mov" => instruction.Operands[1].Name is { } name && name is not ("%ctaid.x" or "%ctaid.y" or "%ctaid.z" or "%nctaid.x" or "%nctaid.y")
            && name.StartsWith('%'),
        "shfl" or "atom" => true,
        _ => false,
    };
}
