namespace Facula.Backends.Cuda;

// Arithmetic of floating-point numbers is rounded to nearest, once for each instruction: what says so is never fused by the compiler.
internal sealed partial class Assembler
{
    public Value Add(Value a, Value b) => Binary(Rounded("add", a, b), a, b);

    public Value Subtract(Value a, Value b) => Binary(Rounded("sub", a, b), a, b);

    /// <summary>The product; of integers, its lower half.</summary>
    public Value Multiply(Value a, Value b) => Binary(TypeOf(a, b).IsFloat() ? "mul.rn" : "mul.lo", a, b);

    /// <summary>The upper half of the product of integers.</summary>
    public Value MultiplyHigh(Value a, Value b) => Binary("mul.hi", a, b);

    /// <summary>The whole product of 32-bit integers, in 64 bits.</summary>
    public Value MultiplyWide(Value a, Value b)
    {
        PtxType type = TypeOf(a, b);
        return Result(type == PtxType.S32 ? PtxType.S64 : PtxType.U64, $"mul.wide.{type.Suffix()}", PtxOperand.Of(type, a), PtxOperand.Of(type, b));
    }

    public Value Divide(Value a, Value b) => Binary(Rounded("div", a, b), a, b);

    public Value Remainder(Value a, Value b) => Binary("rem", a, b);

    /// <summary>a b + c, rounded once; of integers, its lower half.</summary>
    public Value MultiplyAdd(Value a, Value b, Value c)
    {
        PtxType type = a.IsRegister ? a.Type : TypeOf(b, c);
        string operation = type.IsFloat() ? "fma.rn" : "mad.lo";
        return Result(type, $"{operation}.{type.Suffix()}", PtxOperand.Of(type, a), PtxOperand.Of(type, b), PtxOperand.Of(type, c));
    }

    /// <summary>a b + c with a product of 32-bit integers in 64 bits.</summary>
    public Value MultiplyAddWide(Value a, Value b, Value c)
    {
        PtxType type = TypeOf(a, b);
        return Result(c.Type, $"mad.wide.{type.Suffix()}", PtxOperand.Of(type, a), PtxOperand.Of(type, b), PtxOperand.Of(c.Type, c));
    }

    public Value Negate(Value a) => Unary("neg", a);

    public Value Abs(Value a) => Unary("abs", a);

    public Value Sqrt(Value a) => Unary("sqrt.rn", a);

    /// <summary>The smaller; of floating-point numbers, the number where the other one is NaN.</summary>
    public Value Min(Value a, Value b) => Binary("min", a, b);

    /// <summary>The larger; of floating-point numbers, the number where the other one is NaN.</summary>
    public Value Max(Value a, Value b) => Binary("max", a, b);

    public Value And(Value a, Value b) => OfBits("and", a, b);

    public Value Or(Value a, Value b) => OfBits("or", a, b);

    public Value Xor(Value a, Value b) => OfBits("xor", a, b);

    public Value Not(Value a) => Result(a.Type, $"not.{a.Type.Bits().Suffix()}", PtxOperand.Of(a.Type, a));

    public Value ShiftLeft(Value a, Value count) =>
        Result(a.Type, $"shl.{a.Type.Bits().Suffix()}", PtxOperand.Of(a.Type, a), PtxOperand.Of(PtxType.U32, count));

    /// <summary>Of signed integers the sign comes in.</summary>
    public Value ShiftRight(Value a, Value count) =>
        Result(a.Type, $"shr.{a.Type.Suffix()}", PtxOperand.Of(a.Type, a), PtxOperand.Of(PtxType.U32, count));

    /// <summary>The number of zeros before the first one, as u32.</summary>
    public Value LeadingZeros(Value a) => Result(PtxType.U32, $"clz.{a.Type.Bits().Suffix()}", PtxOperand.Of(a.Type, a));

    /// <summary>A predicate. The comparisons are PTX's: eq, ne, lt, le, gt, ge, which do not hold for NaN; equ, neu, .., which do; nan: either is.</summary>
    public Value Compare(string comparison, Value a, Value b)
    {
        PtxType type = TypeOf(a, b);
        return Result(PtxType.Pred, $"setp.{comparison}.{type.Suffix()}", PtxOperand.Of(type, a), PtxOperand.Of(type, b));
    }

    public Value Equal(Value a, Value b) => Compare("eq", a, b);

    /// <summary>Holds also where one is NaN.</summary>
    public Value NotEqual(Value a, Value b) => Compare(TypeOf(a, b).IsFloat() ? "neu" : "ne", a, b);

    public Value IsNaN(Value a) => Compare("nan", a, a);

    /// <summary>a where the predicate holds, else b.</summary>
    public Value Select(Value predicate, Value a, Value b)
    {
        PtxType type = TypeOf(a, b);
        return Result(type, $"selp.{type.Suffix()}", PtxOperand.Of(type, a), PtxOperand.Of(type, b), PtxOperand.Of(PtxType.Pred, predicate));
    }

    /// <summary>The same where both are plain numbers.</summary>
    public Value Select(PtxType type, Value predicate, Value a, Value b) =>
        Result(type, $"selp.{type.Suffix()}", PtxOperand.Of(type, a), PtxOperand.Of(type, b), PtxOperand.Of(PtxType.Pred, predicate));

    /// <summary>
    /// As another type. Between integers by cutting off or extending; from an integer, and to a smaller floating-point type, rounded to nearest; to a larger
    /// one exactly; to an integer cut off, and what does not fit as near as it gets.
    /// </summary>
    public Value Convert(PtxType to, Value a)
    {
        if (to == a.Type) return a;
        bool rounds = to.IsFloat() && !(a.Type.IsFloat() && to.Size() > a.Type.Size());
        string mode = rounds ? "rn." : a.Type.IsFloat() && !to.IsFloat() ? "rzi." : "";
        return Result(to, $"cvt.{mode}{to.Suffix()}.{a.Type.Suffix()}", PtxOperand.Of(a.Type, a));
    }

    /// <summary>To a whole number of the same floating-point type: rni to nearest, halves to even; rzi towards 0; rmi down; rpi up.</summary>
    public Value ToWhole(string mode, Value a) => Result(a.Type, $"cvt.{mode}.{a.Type.Suffix()}.{a.Type.Suffix()}", PtxOperand.Of(a.Type, a));

    /// <summary>The bits of a floating-point number as an unsigned integer.</summary>
    public Value BitsOf(Value a) => Reinterpret(a.Type == PtxType.F32 ? PtxType.U32 : PtxType.U64, a);

    /// <summary>The same bits in a register of another class of the same size.</summary>
    public Value Reinterpret(PtxType to, Value a) => Result(to, $"mov.{to.Bits().Suffix()}", PtxOperand.Of(a.Type, a));

    /// <summary>Two halves of a register, the lower one first.</summary>
    public (Value Low, Value High) Split(PtxType half, Value a)
    {
        Value[] halves = NewRegisters(half, 2);
        Emit($"mov.{a.Type.Bits().Suffix()}", [PtxOperand.Vector(half, halves)], PtxOperand.Of(a.Type, a));
        return (halves[0], halves[1]);
    }

    /// <summary>A register of two halves.</summary>
    public Value Join(PtxType type, Value low, Value high) =>
        Result(type, $"mov.{type.Bits().Suffix()}", PtxOperand.Vector(low.Type, [low, high]));

    private Value Unary(string operation, Value a) => Result(a.Type, $"{operation}.{a.Type.Suffix()}", PtxOperand.Of(a.Type, a));

    private Value Binary(string operation, Value a, Value b)
    {
        PtxType type = TypeOf(a, b);
        return Result(type, $"{operation}.{type.Suffix()}", PtxOperand.Of(type, a), PtxOperand.Of(type, b));
    }

    private Value OfBits(string operation, Value a, Value b)
    {
        PtxType type = TypeOf(a, b);
        return Result(type, $"{operation}.{type.Bits().Suffix()}", PtxOperand.Of(type, a), PtxOperand.Of(type, b));
    }

    private static string Rounded(string operation, Value a, Value b) => TypeOf(a, b).IsFloat() ? operation + ".rn" : operation;

    private static PtxType TypeOf(Value a, Value b) => a.IsRegister ? a.Type : b.IsRegister ? b.Type
        : throw new ArgumentException("An instruction of plain numbers alone has no type.");
}
