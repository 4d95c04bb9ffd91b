namespace Facula.CudaEmulator;

internal sealed unsafe partial class Decoder
{
    private static readonly string[] Comparisons =
        ["eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"];

    /// <summary>What an instruction does with a comparison: setp or set.</summary>
    private interface IUse
    {
        static abstract delegate*<Warp, Instruction, uint, void> Of<T>() where T : struct, IBinary;
    }

    private readonly struct IntoPredicate : IUse
    {
        public static delegate*<Warp, Instruction, uint, void> Of<T>() where T : struct, IBinary => &Loops.SetPredicate<T>;
    }

    private readonly struct IntoNumber : IUse
    {
        public static delegate*<Warp, Instruction, uint, void> Of<T>() where T : struct, IBinary => &Loops.SetValue<T>;
    }

    private delegate*<Warp, Instruction, uint, void> Compare<TUse>(string name, PtxType type, bool flushes) where TUse : struct, IUse
    {
        bool unsignedOnly = name is "lo" or "ls" or "hi" or "hs", floatOnly = name.Length == 3;
        if ((unsignedOnly && !type.IsUnsigned()) || (floatOnly && !type.IsFloat()) || (type.IsBits() && name is not ("eq" or "ne")))
            throw Error($"Comparison '{name}' cannot be applied to the type of '{statement.Text}'");
        return name switch
        {
            "eq" => Of<TUse, Equal>(type, flushes),
            "ne" => Of<TUse, NotEqual>(type, flushes),
            "lt" or "lo" => Of<TUse, Less>(type, flushes),
            "le" or "ls" => Of<TUse, LessOrEqual>(type, flushes),
            "gt" or "hi" => Of<TUse, Greater>(type, flushes),
            "ge" or "hs" => Of<TUse, GreaterOrEqual>(type, flushes),
            "equ" => Of<TUse, Unordered<Equal>>(type, flushes),
            "neu" => Of<TUse, Unordered<NotEqual>>(type, flushes),
            "ltu" => Of<TUse, Unordered<Less>>(type, flushes),
            "leu" => Of<TUse, Unordered<LessOrEqual>>(type, flushes),
            "gtu" => Of<TUse, Unordered<Greater>>(type, flushes),
            "geu" => Of<TUse, Unordered<GreaterOrEqual>>(type, flushes),
            "num" => Of<TUse, BothNumbers>(type, flushes),
            _ => Of<TUse, AnyNaN>(type, flushes),
        };
    }

    private static delegate*<Warp, Instruction, uint, void> Of<TUse, T>(PtxType type, bool flushes) where TUse : struct, IUse where T : struct, IComparison =>
        type switch
        {
            PtxType.S16 => TUse.Of<CompareIntegers<T, short>>(),
            PtxType.U16 or PtxType.B16 => TUse.Of<CompareIntegers<T, ushort>>(),
            PtxType.S32 => TUse.Of<CompareIntegers<T, int>>(),
            PtxType.U32 or PtxType.B32 => TUse.Of<CompareIntegers<T, uint>>(),
            PtxType.S64 => TUse.Of<CompareIntegers<T, long>>(),
            PtxType.U64 or PtxType.B64 => TUse.Of<CompareIntegers<T, ulong>>(),
            PtxType.F32 => flushes ? TUse.Of<CompareFloats<T, Single32Flushed, float>>() : TUse.Of<CompareFloats<T, Single32, float>>(),
            PtxType.F64 => TUse.Of<CompareFloats<T, Double64, double>>(),
            PtxType.F16 => TUse.Of<CompareFloats<T, Half16, double>>(),
            PtxType.BF16 => TUse.Of<CompareFloats<T, Brain16, double>>(),
            _ => null,
        };

    private string Comparison()
    {
        int found = OneOf(Comparisons);
        return found < 0 ? throw Error($"Comparison operator required for instruction '{statement.Opcode[0]}'") : Comparisons[found];
    }

    private void SetPredicate()
    {
        string comparison = Comparison();
        int combination = OneOf("and", "or", "xor");
        bool flushes = Flag("ftz");
        PtxType type = Type();
        if (type == PtxType.BF16) Requires(90);
        Operands(combination < 0 ? 3 : 4);
        Operand to = statement.Operands[0];
        instruction.D = Destination(to, PtxType.Pred, mayBeSink: true);
        if (to.Second is { } second) instruction.E = Destination(second, PtxType.Pred, mayBeSink: true);
        instruction.A = Source(1, type);
        instruction.B = Source(2, type);
        if (combination >= 0)
        {
            instruction.Code = "aox"[combination];
            instruction.C = Source(3, PtxType.Pred);
            instruction.Inverted = statement.Operands[3].Negated;
        }
        instruction.Run = Compare<IntoPredicate>(comparison, type, flushes);
        if (instruction.Run == null) throw Error("Unexpected instruction types specified for 'setp'");
    }

    private void SetNumber()
    {
        string comparison = Comparison();
        bool flushes = Flag("ftz");
        PtxType to = Type(PtxType.U32, PtxType.S32, PtxType.F32), from = Type();
        Operands(3);
        instruction.D = Destination(to);
        instruction.A = Source(1, from);
        instruction.B = Source(2, from);
        instruction.Count = to == PtxType.F32 ? 1 : 0;
        instruction.Run = Compare<IntoNumber>(comparison, from, flushes);
        if (instruction.Run == null) throw Error("Unexpected instruction types specified for 'set'");
    }

    private void SelectByPredicate()
    {
        PtxType type = Type();
        if (type.Bytes() < 2 || type is PtxType.F16 or PtxType.F16x2 or PtxType.BF16 or PtxType.BF16x2 or PtxType.TF32)
            throw Error("Unexpected instruction types specified for 'selp'");
        Operands(4);
        instruction.D = Destination(type);
        instruction.A = Source(statement.Operands[1], type, isChecked: false);
        instruction.B = Source(statement.Operands[2], type, isChecked: false);
        instruction.C = Source(3, PtxType.Pred);
        if (statement.Operands[3].Negated) throw Mismatch();
        instruction.Run = &Loops.Select;
    }

    private void SelectBySign()
    {
        Flag("ftz");
        PtxType type = Type(), by = Type(PtxType.S32, PtxType.F32);
        Operands(4);
        instruction.D = Destination(type);
        instruction.A = Source(1, type);
        instruction.B = Source(2, type);
        instruction.C = Source(3, by);
        instruction.Run = by == PtxType.S32 ? &Loops.Ternary<CudaEmulator.SelectBySign> : &Loops.Ternary<SelectByFloat>;
    }

    private void Test()
    {
        int property = OneOf(TestProperty.Names);
        PtxType type = Type(PtxType.F32, PtxType.F64);
        if (property < 0) throw Error("A property is missing: testp");
        Operands(2);
        instruction.D = Destination(PtxType.Pred);
        instruction.A = Source(1, type);
        (instruction.Code, instruction.Count) = (property, type.Bytes());
        instruction.Run = &TestProperty.Run;
    }
}
