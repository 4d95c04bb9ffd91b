namespace Facula.Backends.Cuda;

/// <summary>The types of PTX instructions and registers that Facula uses (PTX ISA 7.8, 5.2).</summary>
internal enum PtxType : byte
{
    Pred,
    B8,
    U8,
    S8,
    B16,
    U16,
    S16,
    F16,
    B32,
    U32,
    S32,
    F32,
    B64,
    U64,
    S64,
    F64,
}

/// <summary>The kinds of registers: each has names and a declaration of its own.</summary>
internal enum RegisterClass : byte
{
    Predicate,
    Half,
    Word,
    Long,
    Single,
    Double,
}

internal static class PtxTypes
{
    /// <summary>Bytes; 0 of a predicate.</summary>
    public static int Size(this PtxType type) => type switch
    {
        PtxType.Pred => 0,
        <= PtxType.S8 => 1,
        <= PtxType.F16 => 2,
        <= PtxType.F32 => 4,
        _ => 8,
    };

    public static bool IsFloat(this PtxType type) => type is PtxType.F16 or PtxType.F32 or PtxType.F64;

    public static bool IsSigned(this PtxType type) => type is PtxType.S8 or PtxType.S16 or PtxType.S32 or PtxType.S64;

    /// <summary>How it is written behind an instruction.</summary>
    public static string Suffix(this PtxType type) => type switch
    {
        PtxType.Pred => "pred",
        PtxType.B8 => "b8",
        PtxType.U8 => "u8",
        PtxType.S8 => "s8",
        PtxType.B16 => "b16",
        PtxType.U16 => "u16",
        PtxType.S16 => "s16",
        PtxType.F16 => "f16",
        PtxType.B32 => "b32",
        PtxType.U32 => "u32",
        PtxType.S32 => "s32",
        PtxType.F32 => "f32",
        PtxType.B64 => "b64",
        PtxType.U64 => "u64",
        PtxType.S64 => "s64",
        _ => "f64",
    };

    /// <summary>The registers that hold it; bytes lie in words.</summary>
    public static RegisterClass Class(this PtxType type) => type switch
    {
        PtxType.Pred => RegisterClass.Predicate,
        PtxType.F32 => RegisterClass.Single,
        PtxType.F64 => RegisterClass.Double,
        _ => type.Size() switch
        {
            2 => RegisterClass.Half,
            8 => RegisterClass.Long,
            _ => RegisterClass.Word,
        },
    };

    /// <summary>Untyped bits of the same size.</summary>
    public static PtxType Bits(this PtxType type) => type.Size() switch
    {
        1 => PtxType.B8,
        2 => PtxType.B16,
        4 => PtxType.B32,
        8 => PtxType.B64,
        _ => PtxType.Pred,
    };

    public static string Prefix(this RegisterClass kind) => kind switch
    {
        RegisterClass.Predicate => "%p",
        RegisterClass.Half => "%h",
        RegisterClass.Word => "%r",
        RegisterClass.Long => "%rd",
        RegisterClass.Single => "%f",
        _ => "%d",
    };

    public static string Declaration(this RegisterClass kind) => kind switch
    {
        RegisterClass.Predicate => "pred",
        RegisterClass.Half => "b16",
        RegisterClass.Word => "b32",
        RegisterClass.Long => "b64",
        RegisterClass.Single => "f32",
        _ => "f64",
    };
}
