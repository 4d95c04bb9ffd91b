using System.Globalization;

namespace Facula.Backends.Cuda;

/// <summary>
/// What an instruction works with: a typed register of a kernel that is being written, or a plain number. Operators write the instruction that they stand
/// for and give the register with its result, so that a kernel's address arithmetic reads as such; both sides must be of one type.
/// </summary>
internal readonly struct Value : IEquatable<Value>
{
    private readonly Assembler? _owner;
    private readonly double _real;
    private readonly long _integer;

    internal Value(Assembler owner, PtxType type, int number) => (_owner, Type, Number) = (owner, type, number);

    private Value(long integer) => (_integer, _real) = (integer, integer);

    private Value(double real) => (_real, IsReal) = (real, true);

    public PtxType Type { get; }

    /// <summary>Which of the registers of its class it is.</summary>
    public int Number { get; }

    public bool IsRegister => _owner is not null;

    /// <summary>Whether it is a plain number with a point.</summary>
    public bool IsReal { get; }

    /// <summary>A plain number's value.</summary>
    public long Integer => _integer;

    /// <summary>The assembler of a register.</summary>
    public Assembler Owner => _owner ?? throw new InvalidOperationException("A plain number belongs to no kernel.");

    public static implicit operator Value(int value) => new((long)value);
    public static implicit operator Value(long value) => new(value);
    public static implicit operator Value(double value) => new(value);

    /// <summary>The same register, seen as another type of the same class. No instruction.</summary>
    public Value As(PtxType type) => type.Class() == Type.Class() && IsRegister ? new(Owner, type, Number)
        : throw new ArgumentException($"A register of type {Type} cannot be seen as {type}.");

    public static Value operator +(Value a, Value b) => OwnerOf(a, b).Add(a, b);
    public static Value operator -(Value a, Value b) => OwnerOf(a, b).Subtract(a, b);
    public static Value operator *(Value a, Value b) => OwnerOf(a, b).Multiply(a, b);
    public static Value operator /(Value a, Value b) => OwnerOf(a, b).Divide(a, b);
    public static Value operator %(Value a, Value b) => OwnerOf(a, b).Remainder(a, b);
    public static Value operator -(Value a) => a.Owner.Negate(a);
    public static Value operator &(Value a, Value b) => OwnerOf(a, b).And(a, b);
    public static Value operator |(Value a, Value b) => OwnerOf(a, b).Or(a, b);
    public static Value operator ^(Value a, Value b) => OwnerOf(a, b).Xor(a, b);
    public static Value operator !(Value a) => a.Owner.Not(a);
    public static Value operator <<(Value a, Value b) => OwnerOf(a, b).ShiftLeft(a, b);
    public static Value operator >>(Value a, Value b) => OwnerOf(a, b).ShiftRight(a, b);
    public static Value operator <(Value a, Value b) => OwnerOf(a, b).Compare("lt", a, b);
    public static Value operator >(Value a, Value b) => OwnerOf(a, b).Compare("gt", a, b);
    public static Value operator <=(Value a, Value b) => OwnerOf(a, b).Compare("le", a, b);
    public static Value operator >=(Value a, Value b) => OwnerOf(a, b).Compare("ge", a, b);

    private static Assembler OwnerOf(Value a, Value b) => a._owner ?? b.Owner;

    /// <summary>As an operand of an instruction of a type.</summary>
    public string Text(PtxType type)
    {
        if (IsRegister) return $"{Type.Class().Prefix()}{Number.ToString(CultureInfo.InvariantCulture)}";
        return type switch
        {
            PtxType.F32 => $"0f{BitConverter.SingleToUInt32Bits((float)_real):X8}",
            PtxType.F64 => $"0d{BitConverter.DoubleToUInt64Bits(_real):X16}",
            _ => _integer.ToString(CultureInfo.InvariantCulture),
        };
    }

    public bool Equals(Value other) =>
        ReferenceEquals(_owner, other._owner) && Type == other.Type && Number == other.Number && _integer == other._integer && _real.Equals(other._real);

    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Type.Class(), Number, _integer, _real);
}
