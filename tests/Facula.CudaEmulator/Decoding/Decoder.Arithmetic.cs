namespace Facula.CudaEmulator;

internal sealed unsafe partial class Decoder
{
    private static delegate*<Warp, Instruction, uint, void> IntegerUnary<T>(PtxType type) where T : struct, IIntegerUnary => type switch
    {
        PtxType.S16 => &Loops.Unary<IntegerUnary<T, short>>,
        PtxType.U16 or PtxType.B16 => &Loops.Unary<IntegerUnary<T, ushort>>,
        PtxType.S32 => &Loops.Unary<IntegerUnary<T, int>>,
        PtxType.U32 or PtxType.B32 => &Loops.Unary<IntegerUnary<T, uint>>,
        PtxType.S64 => &Loops.Unary<IntegerUnary<T, long>>,
        PtxType.U64 or PtxType.B64 => &Loops.Unary<IntegerUnary<T, ulong>>,
        _ => null,
    };

    private static delegate*<Warp, Instruction, uint, void> IntegerBinary<T>(PtxType type) where T : struct, IIntegerBinary => type switch
    {
        PtxType.S16 => &Loops.Binary<IntegerBinary<T, short>>,
        PtxType.U16 or PtxType.B16 => &Loops.Binary<IntegerBinary<T, ushort>>,
        PtxType.S32 => &Loops.Binary<IntegerBinary<T, int>>,
        PtxType.U32 or PtxType.B32 => &Loops.Binary<IntegerBinary<T, uint>>,
        PtxType.S64 => &Loops.Binary<IntegerBinary<T, long>>,
        PtxType.U64 or PtxType.B64 => &Loops.Binary<IntegerBinary<T, ulong>>,
        _ => null,
    };

    private static delegate*<Warp, Instruction, uint, void> IntegerTernary<T>(PtxType type) where T : struct, IIntegerTernary => type switch
    {
        PtxType.S16 => &Loops.Ternary<IntegerTernary<T, short>>,
        PtxType.U16 => &Loops.Ternary<IntegerTernary<T, ushort>>,
        PtxType.S32 => &Loops.Ternary<IntegerTernary<T, int>>,
        PtxType.U32 => &Loops.Ternary<IntegerTernary<T, uint>>,
        PtxType.S64 => &Loops.Ternary<IntegerTernary<T, long>>,
        PtxType.U64 => &Loops.Ternary<IntegerTernary<T, ulong>>,
        _ => null,
    };

    private static delegate*<Warp, Instruction, uint, void> FloatUnary<T>(PtxType type, bool flushes, bool saturates) where T : struct, IFloatUnary =>
        type switch
        {
            PtxType.F32 when flushes => saturates ? &Loops.Unary<FloatUnary<T, Single32FlushedSaturated, float>> : &Loops.Unary<FloatUnary<T, Single32Flushed,
                float>>,
            PtxType.F32 => saturates ? &Loops.Unary<FloatUnary<T, Single32Saturated, float>> : &Loops.Unary<FloatUnary<T, Single32, float>>,
            PtxType.F64 => &Loops.Unary<FloatUnary<T, Double64, double>>,
            PtxType.F16 => &Loops.Unary<FloatUnary<T, Half16, double>>,
            PtxType.BF16 => &Loops.Unary<FloatUnary<T, Brain16, double>>,
            PtxType.F16x2 => &Loops.Unary<PackedUnary<FloatUnary<T, Half16, double>>>,
            PtxType.BF16x2 => &Loops.Unary<PackedUnary<FloatUnary<T, Brain16, double>>>,
            _ => null,
        };

    private static delegate*<Warp, Instruction, uint, void> FloatBinary<T>(PtxType type, bool flushes, bool saturates) where T : struct, IFloatBinary =>
        type switch
        {
            PtxType.F32 when flushes => saturates ? &Loops.Binary<FloatBinary<T, Single32FlushedSaturated, float>>
                : &Loops.Binary<FloatBinary<T, Single32Flushed, float>>,
            PtxType.F32 => saturates ? &Loops.Binary<FloatBinary<T, Single32Saturated, float>> : &Loops.Binary<FloatBinary<T, Single32, float>>,
            PtxType.F64 => &Loops.Binary<FloatBinary<T, Double64, double>>,
            PtxType.F16 => &Loops.Binary<FloatBinary<T, Half16, double>>,
            PtxType.BF16 => &Loops.Binary<FloatBinary<T, Brain16, double>>,
            PtxType.F16x2 => &Loops.Binary<PackedBinary<FloatBinary<T, Half16, double>>>,
            PtxType.BF16x2 => &Loops.Binary<PackedBinary<FloatBinary<T, Brain16, double>>>,
            _ => null,
        };

    private static delegate*<Warp, Instruction, uint, void> FloatTernary<T>(PtxType type, bool flushes, bool saturates) where T : struct, IFloatTernary =>
        type switch
        {
            PtxType.F32 when flushes => saturates ? &Loops.Ternary<FloatTernary<T, Single32FlushedSaturated, float>> : &Loops.Ternary<FloatTernary<T,
                Single32Flushed, float>>,
            PtxType.F32 => saturates ? &Loops.Ternary<FloatTernary<T, Single32Saturated, float>> : &Loops.Ternary<FloatTernary<T, Single32, float>>,
            PtxType.F64 => &Loops.Ternary<FloatTernary<T, Double64, double>>,
            PtxType.F16 => &Loops.Ternary<FloatTernary<T, Half16, double>>,
            PtxType.BF16 => &Loops.Ternary<FloatTernary<T, Brain16, double>>,
            PtxType.F16x2 => &Loops.Ternary<PackedTernary<FloatTernary<T, Half16, double>>>,
            PtxType.BF16x2 => &Loops.Ternary<PackedTernary<FloatTernary<T, Brain16, double>>>,
            _ => null,
        };

    private bool RoundsToNearest()
    {
        if (OneOf("rz", "rm", "rp") >= 0) throw Error($"Rounding other than to nearest is not emulated for '{statement.Opcode[0]}'");
        return Flag("rn");
    }

    /// <summary>add and sub.</summary>
    private void Arithmetic<T>(delegate*<Warp, Instruction, uint, void> saturated) where T : struct, IIntegerBinary, IFloatBinary
    {
        RoundsToNearest();
        bool flushes = Flag("ftz");
        PtxType type = Type();
        if (type is PtxType.F16 or PtxType.F16x2) Requires(53);
        if (type is PtxType.BF16 or PtxType.BF16x2) Requires(90);
        if (type.IsFloat()) Plain(type, 2, FloatBinary<T>(type, flushes, saturated != null));
        else if (saturated != null) Plain(type, 2, type == PtxType.S32 ? saturated : null);
        else Plain(type, 2, type.IsInteger() ? IntegerBinary<T>(type) : null);
    }

    private void MultiplyAny()
    {
        int part = OneOf("lo", "hi", "wide");
        RoundsToNearest();
        bool flushes = Flag("ftz"), saturates = Flag("sat");
        PtxType type = Type();
        if (type.IsFloat() && part >= 0 || !type.IsFloat() && (part < 0 || !type.IsInteger())) throw Error("Modifier .lo, .hi or .wide required for integers");
        if (type is PtxType.BF16 or PtxType.BF16x2) Requires(90);
        if (type.IsFloat()) Plain(type, 2, FloatBinary<Multiply>(type, flushes, saturates));
        else if (part == 0) Plain(type, 2, IntegerBinary<Multiply>(type));
        else if (part == 1)
        {
            Plain(type, 2, type switch
            {
                PtxType.S16 => &Loops.Binary<MultiplyHigh<short>>,
                PtxType.U16 => &Loops.Binary<MultiplyHigh<ushort>>,
                PtxType.S32 => &Loops.Binary<MultiplyHigh<int>>,
                PtxType.U32 => &Loops.Binary<MultiplyHigh<uint>>,
                PtxType.S64 => &Loops.Binary<MultiplyHigh<long>>,
                PtxType.U64 => &Loops.Binary<MultiplyHigh<ulong>>,
                _ => null,
            });
        }
        else
        {
            Operands(3);
            instruction.D = Destination(Wider(type));
            instruction.A = Source(1, type);
            instruction.B = Source(2, type);
            instruction.Run = type switch
            {
                PtxType.S16 => &Loops.Binary<MultiplyWide<short, int>>,
                PtxType.U16 => &Loops.Binary<MultiplyWide<ushort, uint>>,
                PtxType.S32 => &Loops.Binary<MultiplyWide<int, long>>,
                _ => &Loops.Binary<MultiplyWide<uint, ulong>>,
            };
        }
    }

    private PtxType Wider(PtxType type) => type switch
    {
        PtxType.S16 => PtxType.S32,
        PtxType.U16 => PtxType.U32,
        PtxType.S32 => PtxType.S64,
        PtxType.U32 => PtxType.U64,
        _ => throw Mismatch(),
    };

    private void MultiplyAddAny()
    {
        int part = OneOf("lo", "hi", "wide");
        if (part < 0)
        {
            Fused();
            return;
        }
        PtxType type = Type();
        if (!type.IsInteger()) throw Error("Unexpected instruction types specified for 'mad'");
        if (part == 0) Plain(type, 3, IntegerTernary<MultiplyAdd>(type));
        else if (part == 1)
        {
            Plain(type, 3, type switch
            {
                PtxType.S32 => &Loops.Ternary<MultiplyHighAdd<int>>,
                PtxType.U32 => &Loops.Ternary<MultiplyHighAdd<uint>>,
                PtxType.S64 => &Loops.Ternary<MultiplyHighAdd<long>>,
                PtxType.U64 => &Loops.Ternary<MultiplyHighAdd<ulong>>,
                _ => null,
            });
        }
        else
        {
            Operands(4);
            instruction.D = Destination(Wider(type));
            instruction.A = Source(1, type);
            instruction.B = Source(2, type);
            instruction.C = Source(3, Wider(type));
            instruction.Run = type switch
            {
                PtxType.S16 => &Loops.Ternary<MultiplyWideAdd<short, int>>,
                PtxType.U16 => &Loops.Ternary<MultiplyWideAdd<ushort, uint>>,
                PtxType.S32 => &Loops.Ternary<MultiplyWideAdd<int, long>>,
                _ => &Loops.Ternary<MultiplyWideAdd<uint, ulong>>,
            };
        }
    }

    /// <summary>fma, and mad of floating-point numbers, which is the same.</summary>
    private void Fused()
    {
        if (!RoundsToNearest()) throw Error($"Rounding modifier required for instruction '{statement.Opcode[0]}'");
        bool flushes = Flag("ftz"), saturates = Flag("sat"), relu = Flag("relu");
        PtxType type = Type();
        if (type is PtxType.BF16 or PtxType.BF16x2) Requires(80);
        if (!type.IsFloat()) throw Error("Unexpected instruction types specified for 'fma'");
        if (relu) throw Error("The modifier .relu of fma is not emulated");
        Plain(type, 3, FloatTernary<MultiplyAdd>(type, flushes, saturates));
    }

    private void DivideAny()
    {
        bool rounds = RoundsToNearest() | OneOf("approx", "full") >= 0;
        bool flushes = Flag("ftz");
        PtxType type = Type(PtxType.U16, PtxType.S16, PtxType.U32, PtxType.S32, PtxType.U64, PtxType.S64, PtxType.F32, PtxType.F64);
        if (rounds != type.IsFloat()) throw Error("Rounding modifier required for division of floating-point numbers, and for no other");
        Plain(type, 2, type.IsFloat() ? FloatBinary<Divide>(type, flushes, false) : IntegerBinary<Divide>(type));
    }

    private void IntegerOnly<T>() where T : struct, IIntegerBinary
    {
        PtxType type = Type();
        Plain(type, 2, type.IsInteger() ? IntegerBinary<T>(type) : null);
    }

    private void Sad()
    {
        PtxType type = Type();
        Plain(type, 3, type.IsInteger() ? IntegerTernary<SumOfDifference>(type) : null);
    }

    private void Extreme<T, TNaN>() where T : struct, IIntegerBinary, IFloatBinary where TNaN : struct, IFloatBinary
    {
        bool flushes = Flag("ftz"), nan = Flag("NaN");
        PtxType type = Type();
        if (nan || type is PtxType.F16 or PtxType.F16x2 or PtxType.BF16 or PtxType.BF16x2) Requires(80);
        if (!type.IsFloat()) Plain(type, 2, type.IsInteger() ? IntegerBinary<T>(type) : null);
        else Plain(type, 2, nan ? FloatBinary<TNaN>(type, flushes, false) : FloatBinary<T>(type, flushes, false));
    }

    /// <summary>neg and abs.</summary>
    private void SignOnly<T>() where T : struct, IIntegerUnary, IFloatUnary
    {
        bool flushes = Flag("ftz");
        PtxType type = Type();
        if (type is PtxType.BF16 or PtxType.BF16x2) Requires(80);
        if (type.IsFloat()) Plain(type, 1, FloatUnary<T>(type, flushes, false));
        else Plain(type, 1, type.IsSigned() ? IntegerUnary<T>(type) : null);
    }

    /// <summary>sqrt and rcp: rounded or approximate.</summary>
    private void Root<T>() where T : struct, IFloatUnary
    {
        bool approximate = Flag("approx");
        if (!(RoundsToNearest() | approximate)) throw Error($"Rounding modifier required for instruction '{statement.Opcode[0]}'");
        bool flushes = Flag("ftz");
        PtxType type = Type(PtxType.F32, PtxType.F64);
        Plain(type, 1, FloatUnary<T>(type, flushes, false));
    }

    private void Approximate<T>() where T : struct, IFloatUnary
    {
        if (!Flag("approx")) throw Error($"Modifier .approx required for instruction '{statement.Opcode[0]}'");
        bool flushes = Flag("ftz");
        PtxType type = Type();
        string name = statement.Opcode[0];
        if (name == "tanh" || (name == "ex2" && type is PtxType.F16 or PtxType.F16x2)) Requires(75);
        if (type is PtxType.BF16 or PtxType.BF16x2) Requires(90);
        bool isKnown = type == PtxType.F32 || (name is "tanh" or "ex2" && type.IsFloat() && type is not (PtxType.F64 or PtxType.TF32)) ||
            (name == "rsqrt" && type == PtxType.F64);
        Plain(type, 1, isKnown ? FloatUnary<T>(type, flushes, false) : null);
    }
}
