namespace Facula.CudaEmulator;

internal sealed unsafe partial class Decoder
{
    private void Move()
    {
        PtxType type = Type();
        Operands(2);
        Operand to = statement.Operands[0], from = statement.Operands[1];
        if (type == PtxType.Pred)
        {
            instruction.D = Destination(to, type);
            instruction.A = Source(from, type);
            instruction.Count = 1;
            instruction.Code = from.Negated ? 'n' : 'm';
            instruction.Run = &Loops.Predicates;
        }
        else if (from.Kind == OperandKind.Vector)
        {
            PtxType part = Part(type, from.Parts.Length);
            instruction.D = Destination(to, type);
            instruction.Vector = [.. from.Parts.Select(element => Source(element, part))];
            instruction.Count = part.Bytes() * 8;
            instruction.Run = &Loops.Pack;
        }
        else if (to.Kind == OperandKind.Vector)
        {
            PtxType part = Part(type, to.Parts.Length);
            instruction.A = Source(from, type);
            instruction.Vector = [.. to.Parts.Select(element => Destination(element, part, mayBeSink: true))];
            instruction.Count = part.Bytes() * 8;
            instruction.Run = &Loops.Unpack;
        }
        else if (from.Name is "%clock64" or "%clock" or "%globaltimer" && from.Kind == OperandKind.Symbol)
        {
            if (type.Bytes() != (from.Name == "%clock" ? 4 : 8)) throw Mismatch();
            instruction.D = Destination(to, type);
            instruction.Count = type.Bytes();
            instruction.Run = &Loops.Clock;
        }
        else Plain(type, 1, &Loops.Unary<Copy>);
    }

    private PtxType Part(PtxType type, int count) => (type.Bytes() / count) switch
    {
        _ when !type.IsBits() => throw Mismatch(),
        4 => PtxType.B32,
        2 => PtxType.B16,
        _ => throw Mismatch(),
    };

    private void Logic<T>(int code) where T : struct, IIntegerBinary
    {
        PtxType type = Type(PtxType.Pred, PtxType.B16, PtxType.B32, PtxType.B64);
        if (type != PtxType.Pred)
        {
            Plain(type, 2, IntegerBinary<T>(type));
            return;
        }
        Plain(type, 2, &Loops.Predicates);
        if (statement.Operands[1].Negated || statement.Operands[2].Negated) throw Mismatch();
        (instruction.Code, instruction.Count) = (code, 2);
    }

    private void LogicNot()
    {
        PtxType type = Type(PtxType.Pred, PtxType.B16, PtxType.B32, PtxType.B64);
        Plain(type, 1, type == PtxType.Pred ? &Loops.Predicates : IntegerUnary<Not>(type));
        (instruction.Code, instruction.Count) = ('n', 1);
    }

    private void Shift(bool left)
    {
        PtxType type = Type();
        if (left && !type.IsBits() || type.Bytes() < 2 || type.IsFloat()) throw Error($"Unexpected instruction types specified for '{statement.Opcode[0]}'");
        Operands(3);
        instruction.D = Destination(type);
        instruction.A = Source(1, type);
        instruction.B = Source(2, PtxType.U32);
        instruction.Run = (left, type) switch
        {
            (true, PtxType.B16) => &Loops.Binary<ShiftLeft<ushort>>,
            (true, PtxType.B32) => &Loops.Binary<ShiftLeft<uint>>,
            (true, _) => &Loops.Binary<ShiftLeft<ulong>>,
            (_, PtxType.S16) => &Loops.Binary<ShiftRight<short>>,
            (_, PtxType.U16 or PtxType.B16) => &Loops.Binary<ShiftRight<ushort>>,
            (_, PtxType.S32) => &Loops.Binary<ShiftRight<int>>,
            (_, PtxType.U32 or PtxType.B32) => &Loops.Binary<ShiftRight<uint>>,
            (_, PtxType.S64) => &Loops.Binary<ShiftRight<long>>,
            _ => &Loops.Binary<ShiftRight<ulong>>,
        };
    }

    private void ExtractBits()
    {
        PtxType type = Type(PtxType.U32, PtxType.S32, PtxType.U64, PtxType.S64);
        Operands(4);
        instruction.D = Destination(type);
        instruction.A = Source(1, type);
        instruction.B = Source(2, PtxType.U32);
        instruction.C = Source(3, PtxType.U32);
        instruction.Run = type switch
        {
            PtxType.U32 => &Loops.Ternary<ExtractField<uint>>,
            PtxType.S32 => &Loops.Ternary<ExtractField<int>>,
            PtxType.U64 => &Loops.Ternary<ExtractField<ulong>>,
            _ => &Loops.Ternary<ExtractField<long>>,
        };
    }

    private void InsertBits()
    {
        PtxType type = Type(PtxType.B32, PtxType.B64);
        Operands(5);
        instruction.D = Destination(type);
        instruction.A = Source(1, type);
        instruction.B = Source(2, type);
        instruction.C = Source(3, PtxType.U32);
        instruction.Vector = [Source(4, PtxType.U32)];
        instruction.Count = type.Bytes() * 8;
        instruction.Run = &InsertField.Run;
    }

    private void FindBit()
    {
        PtxType type = Type(PtxType.U32, PtxType.S32, PtxType.U64, PtxType.S64);
        Operands(2);
        instruction.D = Destination(PtxType.U32);
        instruction.A = Source(1, type);
        instruction.Run = type switch
        {
            PtxType.U32 => &Loops.Unary<FindHighest<uint>>,
            PtxType.S32 => &Loops.Unary<FindHighest<int>>,
            PtxType.U64 => &Loops.Unary<FindHighest<ulong>>,
            _ => &Loops.Unary<FindHighest<long>>,
        };
    }

    private void CountBits(delegate*<Warp, Instruction, uint, void> of32, delegate*<Warp, Instruction, uint, void> of64)
    {
        PtxType type = Type(PtxType.B32, PtxType.B64);
        Operands(2);
        instruction.D = Destination(PtxType.U32);
        instruction.A = Source(1, type);
        instruction.Run = type == PtxType.B32 ? of32 : of64;
    }

    private void PermuteBytes()
    {
        Type(PtxType.B32);
        int mode = OneOf(PermuteMode.Names);
        Plain(PtxType.B32, 3, mode < 0 ? &Loops.Ternary<Permute> : &PermuteMode.Run);
        instruction.Code = mode;
    }

    private void LogicTable()
    {
        Type(PtxType.B32);
        Operands(5);
        instruction.D = Destination(PtxType.B32);
        instruction.A = Source(1, PtxType.B32);
        instruction.B = Source(2, PtxType.B32);
        instruction.C = Source(3, PtxType.B32);
        instruction.Code = Number(4);
        if (instruction.Code is < 0 or > 255) throw Error("The table of lop3 must be of 0 to 255");
        instruction.Run = &Logic3.Run;
    }

    private void Funnel()
    {
        bool left = OneOf("l", "r") == 0, clamp = OneOf("clamp", "wrap") == 0;
        Type(PtxType.B32);
        Operands(4);
        instruction.D = Destination(PtxType.B32);
        instruction.A = Source(1, PtxType.B32);
        instruction.B = Source(2, PtxType.B32);
        instruction.C = Source(3, PtxType.U32);
        instruction.Run = (left, clamp) switch
        {
            (true, true) => &Loops.Ternary<FunnelLeftClamp>,
            (true, false) => &Loops.Ternary<FunnelLeftWrap>,
            (false, true) => &Loops.Ternary<FunnelRightClamp>,
            _ => &Loops.Ternary<FunnelRightWrap>,
        };
    }

    private void ConvertAny()
    {
        int integral = OneOf("rni", "rzi", "rmi", "rpi"), rounding = OneOf("rn", "rz", "rm", "rp", "rna");
        bool relu = Flag("relu"), flushes = Flag("ftz"), saturates = Flag("sat");
        PtxType to = Type(), from = Type();
        if (to is PtxType.F16x2 or PtxType.BF16x2)
        {
            Requires(80);
            if (from != PtxType.F32 || rounding is not (0 or 1)) throw Mismatch();
            PtxType half = to == PtxType.F16x2 ? PtxType.F16 : PtxType.BF16;
            Operands(3);
            instruction.D = Destination(to);
            instruction.A = Source(1, PtxType.F32);
            instruction.B = Source(2, PtxType.F32);
            instruction.Conversion = new(half, from, (Rounding)rounding, false, false, flushes, relu, 2);
            instruction.Run = &Convert.Packed;
            return;
        }
        bool toFloat = to.IsFloat(), fromFloat = from.IsFloat();
        if (from is PtxType.F16x2 or PtxType.BF16x2 or PtxType.TF32 || to.IsBits() || from.IsBits() || to == PtxType.Pred || from == PtxType.Pred)
            throw Error($"Unexpected instruction types specified for 'cvt'");
        if (to == PtxType.BF16) Requires(from == PtxType.F32 ? 80 : 90);
        if (from == PtxType.BF16) Requires(90);
        if (to == PtxType.TF32)
        {
            Requires(80);
            if (rounding != 4 || from != PtxType.F32) throw Mismatch();
        }
        bool narrows = toFloat && fromFloat && to.Bytes() < from.Bytes();
        bool needsRounding = (toFloat && !fromFloat) || narrows || to == PtxType.TF32, needsIntegral = !toFloat && fromFloat;
        if (needsRounding && rounding < 0 || needsIntegral && integral < 0) throw Error("Rounding modifier required for instruction 'cvt'");
        if (!toFloat && !fromFloat && (rounding >= 0 || integral >= 0) || (needsRounding && integral >= 0) || (!needsRounding && rounding >= 0))
            throw Error("Illegal rounding modifier for instruction 'cvt'");
        if (toFloat && fromFloat && !narrows && integral >= 0 && to != from) throw Error("Illegal rounding modifier for instruction 'cvt'");
        Operands(2);
        Operand destination = statement.Operands[0];
        instruction.D = Destination(destination, to, mayBeWider: true);
        instruction.A = WideSource(statement.Operands[1], from);
        Rounding how = integral >= 0 ? (Rounding)integral : rounding >= 0 ? (Rounding)rounding : Rounding.Nearest;
        instruction.Conversion = new(to, from, how, integral >= 0, saturates, flushes, relu, destination.Type.Bytes());
        bool isPlain = how == Rounding.Nearest && integral < 0 && !saturates && !flushes && !relu && destination.Type.Bytes() == to.Bytes();
        instruction.Run = !isPlain ? &Convert.Run : (to, from) switch
        {
            (PtxType.F32, PtxType.F16) => &Loops.Unary<HalfToSingle>,
            (PtxType.F16, PtxType.F32) => &Loops.Unary<SingleToHalf>,
            (PtxType.BF16, PtxType.F32) => &Loops.Unary<SingleToBrain>,
            (PtxType.F32, PtxType.S32) => &Loops.Unary<IntegerToSingle<int>>,
            (PtxType.F32, PtxType.U32) => &Loops.Unary<IntegerToSingle<uint>>,
            (PtxType.U64 or PtxType.S64, PtxType.U32) => &Loops.Unary<IntegerToInteger<uint, ulong>>,
            (PtxType.U64 or PtxType.S64, PtxType.S32) => &Loops.Unary<IntegerToInteger<int, ulong>>,
            (PtxType.U32 or PtxType.S32, PtxType.U64 or PtxType.S64) => &Loops.Unary<IntegerToInteger<ulong, uint>>,
            _ => &Convert.Run,
        };
    }
}
