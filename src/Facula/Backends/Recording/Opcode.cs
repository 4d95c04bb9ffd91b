namespace Facula.Backends;

/// <summary>
/// What an instruction of a recorded formula does, in the words of <see cref="Numerics.INum{T}"/> and <see cref="Numerics.IFloat{V, T}"/>, whose members of
/// these names say exactly what is computed. From <see cref="Greater"/> to <see cref="IsPositiveNormal"/> the result is a mask.
/// </summary>
internal enum Opcode : byte
{
    Input,
    Constant,
    Parameter,
    /// <summary>From float32 to float64, or back.</summary>
    Convert,
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    Min,
    Max,
    AtLeast,
    AtMost,
    Abs,
    CopySign,
    Sqrt,
    Floor,
    Ceiling,
    Round,
    Truncate,
    MultiplyAdd,
    ProductError,
    Remainder,
    /// <summary>Of whole numbers; of others it is made of other instructions.</summary>
    Power,
    PowerOfTwo,
    Scale,
    NearestExponent,
    NearestMantissa,
    Xor,
    LowBitAsSign,
    SecondBitAsSign,
    FarSin,
    FarCos,
    FarTan,
    /// <summary>The second or third operand, by the first, a mask.</summary>
    Select,

    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Equal,
    And,
    Or,
    Not,
    IsPositiveNormal,
}

internal static class OpcodeExtensions
{
    public static bool IsMask(this Opcode opcode) => opcode >= Opcode.Greater;

    /// <summary>Whether the operand of that number is a mask.</summary>
    public static bool TakesMask(this Opcode opcode, int operand) =>
        opcode is Opcode.And or Opcode.Or or Opcode.Not || (opcode == Opcode.Select && operand == 0);
}
