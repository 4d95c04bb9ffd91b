namespace Facula.CudaEmulator;

/// <summary>The fundamental types of PTX and those that instructions name besides.</summary>
internal enum PtxType { None, Pred, B8, B16, B32, B64, U8, U16, U32, U64, S8, S16, S32, S64, F16, F16x2, BF16, BF16x2, TF32, F32, F64 }

internal static class PtxTypes
{
    public static PtxType Parse(string name) => name switch
    {
        "pred" => PtxType.Pred,
        "b8" => PtxType.B8,
        "b16" => PtxType.B16,
        "b32" => PtxType.B32,
        "b64" => PtxType.B64,
        "u8" => PtxType.U8,
        "u16" => PtxType.U16,
        "u32" => PtxType.U32,
        "u64" => PtxType.U64,
        "s8" => PtxType.S8,
        "s16" => PtxType.S16,
        "s32" => PtxType.S32,
        "s64" => PtxType.S64,
        "f16" => PtxType.F16,
        "f16x2" => PtxType.F16x2,
        "bf16" => PtxType.BF16,
        "bf16x2" => PtxType.BF16x2,
        "tf32" => PtxType.TF32,
        "f32" => PtxType.F32,
        "f64" => PtxType.F64,
        _ => PtxType.None,
    };

    public static int Bytes(this PtxType type) => type switch
    {
        PtxType.B8 or PtxType.U8 or PtxType.S8 => 1,
        PtxType.B16 or PtxType.U16 or PtxType.S16 or PtxType.F16 or PtxType.BF16 => 2,
        PtxType.B64 or PtxType.U64 or PtxType.S64 or PtxType.F64 => 8,
        PtxType.None or PtxType.Pred => 0,
        _ => 4,
    };

    public static bool IsSigned(this PtxType type) => type is PtxType.S8 or PtxType.S16 or PtxType.S32 or PtxType.S64;

    public static bool IsUnsigned(this PtxType type) => type is PtxType.U8 or PtxType.U16 or PtxType.U32 or PtxType.U64;

    public static bool IsInteger(this PtxType type) => type.IsSigned() || type.IsUnsigned();

    public static bool IsBits(this PtxType type) => type is PtxType.B8 or PtxType.B16 or PtxType.B32 or PtxType.B64;

    public static bool IsFloat(this PtxType type) => type >= PtxType.F16;

    /// <summary>
    /// Whether a register may stand where an instruction has this type: the same size, and bits or the same kind on either side (PTX ISA, Type Checking
    /// Rules). The packed and short floating-point types are kept in bits.
    /// </summary>
    public static bool Takes(this PtxType instruction, PtxType register)
    {
        if (instruction == PtxType.Pred || register == PtxType.Pred) return instruction == register;
        if (instruction.Bytes() != register.Bytes()) return false;
        if (instruction.IsBits() || register.IsBits()) return true;
        return instruction.IsInteger() ? register.IsInteger() : instruction == register;
    }
}
