namespace Facula.CudaEmulator;

internal sealed unsafe partial class Decoder
{
    private void Branch()
    {
        Flag("uni");
        Operands(1);
        if (statement.Operands[0] is not { Kind: OperandKind.Symbol } label) throw Mismatch();
        if (!entry.Labels.TryGetValue(label.Name, out int target)) throw Error($"Unknown label '{label.Name}'");
        (instruction.Kind, instruction.Target) = (InstructionKind.Branch, target);
    }

    private void End()
    {
        Flag("uni");
        Operands(0);
        instruction.Kind = InstructionKind.Exit;
    }

    /// <summary>bar and barrier; bar is the aligned kind.</summary>
    private void Barrier()
    {
        bool isShort = statement.Opcode[0] == "bar";
        if (Flag("cluster")) throw Error("Clusters are not emulated");
        Flag("cta");
        instruction.Inverted = Flag("aligned") | isShort;
        if (Flag("warp"))
        {
            Flag("sync");
            Operands(1);
            instruction.C = Source(0, PtxType.B32);
            instruction.Kind = InstructionKind.WarpBarrier;
            return;
        }
        instruction.Kind = InstructionKind.Barrier;
        if (Flag("sync") || Flag("arrive") is var arrives && arrives)
        {
            bool isArrival = statement.Opcode.Contains("arrive");
            Operands(isArrival ? 2 : 1, 2);
            instruction.Code = isArrival ? BarrierCode.Arrive : BarrierCode.Sync;
            instruction.A = Source(0, PtxType.U32);
            if (statement.Operands.Length == 2) (instruction.B, instruction.Count) = (Source(1, PtxType.U32), 1);
            return;
        }
        if (!Flag("red")) throw Error($"Not a name of any known instruction: '{string.Join('.', statement.Opcode)}'");
        int operation = OneOf("popc", "and", "or");
        Type(PtxType.U32, PtxType.Pred);
        Operands(3, 4);
        instruction.Code = operation switch { 0 => BarrierCode.PopCount, 1 => BarrierCode.And, 2 => BarrierCode.Or, _ => throw Mismatch() };
        instruction.D = Destination(operation == 0 ? PtxType.U32 : PtxType.Pred);
        instruction.A = Source(1, PtxType.U32);
        if (statement.Operands.Length == 4) (instruction.B, instruction.Count) = (Source(2, PtxType.U32), 1);
        instruction.C = Source(statement.Operands.Length - 1, PtxType.Pred);
        instruction.E = statement.Operands[^1].Negated ? 1 : 0;
    }

    private void Fence()
    {
        SpaceAndHints();
        OneOf("gl", "cta", "sys");
        Flag("sc");
        Flag("proxy");
        Flag("async");
        Operands(0);
        instruction.Run = &Loops.Nothing;
    }

    private void Synchronous()
    {
        if (!Flag("sync")) throw Error($"Modifier .sync required for instruction '{statement.Opcode[0]}'");
    }

    private void Shuffle()
    {
        Synchronous();
        int mode = OneOf("up", "down", "bfly", "idx");
        Type(PtxType.B32);
        Operands(5);
        Operand to = statement.Operands[0];
        instruction.Code = mode < 0 ? throw Mismatch() : "udbi"[mode];
        instruction.D = Destination(to, PtxType.B32, mayBeSink: true);
        if (to.Second is { } inside) instruction.E = Destination(inside, PtxType.Pred, mayBeSink: true);
        instruction.A = Source(1, PtxType.B32);
        instruction.B = Source(2, PtxType.U32);
        instruction.Vector = [Source(3, PtxType.U32)];
        instruction.C = Source(4, PtxType.B32);
        instruction.Run = &Exchanges.Shuffle;
    }

    private void Vote()
    {
        Synchronous();
        int mode = OneOf("all", "any", "uni", "ballot");
        Type(PtxType.Pred, PtxType.B32);
        Operands(3);
        instruction.Code = mode < 0 ? throw Mismatch() : "aoub"[mode];
        instruction.D = Destination(mode == 3 ? PtxType.B32 : PtxType.Pred);
        instruction.A = Source(1, PtxType.Pred);
        instruction.Inverted = statement.Operands[1].Negated;
        instruction.C = Source(2, PtxType.B32);
        instruction.Run = &Exchanges.Vote;
    }

    private void Match()
    {
        Requires(70);
        int mode = OneOf("any", "all");
        Synchronous();
        PtxType type = Type(PtxType.B32, PtxType.B64);
        Operands(3);
        Operand to = statement.Operands[0];
        instruction.Code = mode < 0 ? throw Mismatch() : mode;
        instruction.D = Destination(to, PtxType.B32);
        if (to.Second is { } all) instruction.E = Destination(all, PtxType.Pred, mayBeSink: true);
        instruction.A = Source(1, type);
        instruction.C = Source(2, PtxType.B32);
        instruction.Run = &Exchanges.Match;
    }

    private void ReduceWarp()
    {
        Requires(80);
        Synchronous();
        int operation = OneOf("add", "min", "max", "and", "or", "xor");
        PtxType type = Type(PtxType.U32, PtxType.S32, PtxType.B32);
        Operands(3);
        instruction.D = Destination(type);
        instruction.A = Source(1, type);
        instruction.C = Source(2, PtxType.B32);
        instruction.Run = (operation, type) switch
        {
            (0, PtxType.U32 or PtxType.S32) => &Exchanges.Reduce<IntegerBinary<Add, uint>>,
            (1, PtxType.U32) => &Exchanges.Reduce<IntegerBinary<Minimum, uint>>,
            (1, PtxType.S32) => &Exchanges.Reduce<IntegerBinary<Minimum, int>>,
            (2, PtxType.U32) => &Exchanges.Reduce<IntegerBinary<Maximum, uint>>,
            (2, PtxType.S32) => &Exchanges.Reduce<IntegerBinary<Maximum, int>>,
            (3, PtxType.B32) => &Exchanges.Reduce<IntegerBinary<And, uint>>,
            (4, PtxType.B32) => &Exchanges.Reduce<IntegerBinary<Or, uint>>,
            (5, PtxType.B32) => &Exchanges.Reduce<IntegerBinary<Xor, uint>>,
            _ => throw Mismatch(),
        };
    }

    private void Elect()
    {
        Requires(90);
        Synchronous();
        Operands(2);
        Operand to = statement.Operands[0];
        instruction.D = Destination(to, PtxType.B32, mayBeSink: true);
        instruction.E = Destination(to.Second ?? throw Mismatch(), PtxType.Pred);
        instruction.C = Source(1, PtxType.B32);
        instruction.Run = &Exchanges.Elect;
    }

    private void LoadMatrix()
    {
        Requires(75);
        Synchronous();
        if (!Flag("aligned") || !Flag("m8n8") || !Flag("b16")) throw Error($"Modifiers missing: {statement.Text}");
        int count = OneOf("x1", "x2", "x4") switch { 0 => 1, 1 => 2, 2 => 4, _ => throw Mismatch() };
        instruction.Code = Flag("trans") ? 1 : 0;
        Space space = SpaceAndHints();
        instruction.Inverted = space == Space.Generic;
        Operands(2);
        Operand to = statement.Operands[0];
        if (to.Kind != OperandKind.Vector || to.Parts.Length != count) throw Mismatch();
        instruction.Vector = [.. to.Parts.Select(part => Destination(part, PtxType.B32))];
        instruction.A = Address(statement.Operands[1], space, out long offset);
        instruction.Offset = offset;
        writes.Clear();
        instruction.Run = &Matrices.Load;
    }

    private void MultiplyMatrices()
    {
        Synchronous();
        if (!Flag("aligned") || !Flag("row") || !Flag("col")) throw Error($"Modifiers missing: {statement.Text}");
        int depth = OneOf("m16n8k4", "m16n8k8", "m16n8k16") switch { 0 => 4, 1 => 8, 2 => 16, _ => throw Error("This shape of mma is not emulated") };
        PtxType d = Type(PtxType.F32, PtxType.F16), a = Type(PtxType.F16, PtxType.BF16, PtxType.TF32), b = Type(), c = Type();
        Requires(a == PtxType.F16 && depth == 8 ? 75 : 80);
        if (a != b || c != d || (d == PtxType.F16 && a != PtxType.F16) || (a == PtxType.TF32 ? depth == 16 : depth == 4)) throw Mismatch();
        Operands(4);
        int results = d == PtxType.F32 ? 4 : 2, bytes = a.Bytes();
        int[] counts = [results, 16 * depth * bytes / 128, 8 * depth * bytes / 128, results];
        var all = new List<int>();
        for (int k = 0; k < 4; k++)
        {
            Operand vector = statement.Operands[k];
            Operand[] parts = vector.Kind == OperandKind.Vector ? vector.Parts : [vector];
            if (parts.Length != counts[k]) throw Mismatch();
            PtxType type = k is 1 or 2 || d == PtxType.F16 ? PtxType.B32 : PtxType.F32;
            foreach (Operand part in parts) all.Add(k == 0 ? Destination(part, type) : Source(part, type));
        }
        instruction.Vector = [.. all];
        instruction.Count = depth;
        instruction.Code = d == PtxType.F32 ? 0 : 1;
        instruction.Run = a switch
        {
            PtxType.F16 => &Matrices.Multiply<HalfElement>,
            PtxType.BF16 => &Matrices.Multiply<BrainElement>,
            _ => &Matrices.Multiply<TensorElement>,
        };
    }
}
