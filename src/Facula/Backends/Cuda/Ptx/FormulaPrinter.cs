using Facula.Numerics;

namespace Facula.Backends.Cuda;

/// <summary>
/// Writes a recorded formula into a kernel: every instruction rounded as the processor rounds it, so that device and host compute the same bits, but for the
/// sine of numbers so large that the processor asks the operating system.
/// </summary>
internal static partial class FormulaPrinter
{
    /// <summary>The registers with the results, for such inputs and parameters, all of the type that the formula was recorded in.</summary>
    public static Value[] Print(Assembler kernel, Recording formula, ReadOnlySpan<Value> inputs, ReadOnlySpan<Value> parameters)
    {
        var values = new Value[formula.Instructions.Count];
        for (int i = 0; i < values.Length; i++)
        {
            Instruction instruction = formula.Instructions[i];
            values[i] = instruction.Opcode switch
            {
                Opcode.Input => inputs[instruction.Index],
                Opcode.Parameter => parameters[instruction.Index],
                Opcode.Constant => Constant(instruction),
                _ => Print(kernel, instruction, values),
            };
        }
        return [.. formula.Results.Select(result => InRegister(kernel, formula.Instructions[result], values[result]))];
    }

    /// <summary>The PTX type of Float32, Float64 or Int64.</summary>
    public static PtxType TypeOf(DType type) => type.Kind switch
    {
        ElementType.Float32 => PtxType.F32,
        ElementType.Float64 => PtxType.F64,
        ElementType.Int64 => PtxType.S64,
        _ => throw new ArgumentException($"Nothing is computed in {type.PyTorchName}."),
    };

    private static Value Constant(in Instruction instruction) =>
        instruction.Type == DType.Int64 ? (Value)Num<long>.Const(instruction.Constant).Value : instruction.Constant;

    // Instructions need not take plain numbers alone.
    private static Value InRegister(Assembler kernel, in Instruction instruction, Value value) =>
        value.IsRegister ? value : kernel.Variable(TypeOf(instruction.Type), value);

    private static Value Print(Assembler k, in Instruction instruction, Value[] values)
    {
        Opcode opcode = instruction.Opcode;
        PtxType type = TypeOf(instruction.Type);
        Value a = values[instruction.A], b = values[instruction.B], c = values[instruction.C];
        // The type of an instruction comes from its registers, and one that works on bits has nothing else.
        bool takesNumbers = opcode is Opcode.Add or Opcode.Subtract or Opcode.Multiply or Opcode.Divide or Opcode.Min or Opcode.Max or Opcode.AtLeast
            or Opcode.AtMost or Opcode.MultiplyAdd or Opcode.ProductError or Opcode.Greater or Opcode.Less or Opcode.GreaterOrEqual or Opcode.LessOrEqual
            or Opcode.Equal or Opcode.Select;
        if (!a.IsRegister && !(takesNumbers && b.IsRegister && instruction.Operands > 1)) a = k.Variable(opcode == Opcode.Convert ? Other(type) : type, a);
        if (!b.IsRegister && instruction.Operands > 1 && !takesNumbers) b = k.Variable(type, b);
        return opcode switch
        {
            Opcode.Convert => k.Convert(type, a),
            Opcode.Add => a + b,
            Opcode.Subtract => a - b,
            Opcode.Multiply => a * b,
            Opcode.Divide => a / b,
            Opcode.Negate => -a,
            Opcode.Greater => a > b,
            Opcode.Less => a < b,
            Opcode.GreaterOrEqual => a >= b,
            Opcode.LessOrEqual => a <= b,
            Opcode.Equal => k.Equal(a, b),
            Opcode.Select => k.Select(type, a, b, c),
            Opcode.And => a & b,
            Opcode.Or => a | b,
            Opcode.Not => !a,
            Opcode.Min => type.IsFloat() ? OfNumbers(k, k.Min(a, b), a, b) : k.Min(a, b),
            Opcode.Max => type.IsFloat() ? OfNumbers(k, k.Max(a, b), a, b) : k.Max(a, b),
            Opcode.AtLeast => k.Select(a < b, b, a),
            Opcode.AtMost => k.Select(a > b, b, a),
            Opcode.Abs => k.Abs(a),
            Opcode.Sqrt => k.Sqrt(a),
            Opcode.Floor => Whole(k, "rmi", a),
            Opcode.Ceiling => Whole(k, "rpi", a),
            Opcode.Round => Whole(k, "rni", a),
            Opcode.Truncate => Whole(k, "rzi", a),
            Opcode.MultiplyAdd => k.MultiplyAdd(a, b, c),
            Opcode.ProductError => k.MultiplyAdd(a, b, c.IsRegister ? -c : -k.Variable(type, c)),
            Opcode.Remainder => type == PtxType.S64 ? a % b : type == PtxType.F64 ? RemainderOf(k, a, b)
                : k.Convert(PtxType.F32, RemainderOf(k, k.Convert(PtxType.F64, a), k.Convert(PtxType.F64, b))),
            Opcode.Power => PowerOf(k, a, b),
            Opcode.FarSin or Opcode.FarCos or Opcode.FarTan => type == PtxType.F64 ? Far(k, opcode, a)
                : k.Convert(PtxType.F32, Far(k, opcode, k.Convert(PtxType.F64, a))),
            _ => type == PtxType.F32 ? PrintBits(k, opcode, new(k, 23, 127), a, b) : PrintBits(k, opcode, new(k, 52, 1023), a, b),
        };
    }

    private static PtxType Other(PtxType type) => type == PtxType.F32 ? PtxType.F64 : PtxType.F32;

    // PTX takes the number where the other one is NaN; a sum is NaN where either is.
    private static Value OfNumbers(Assembler k, Value extreme, Value a, Value b) => k.Select(k.Compare("nan", a, b), a + b, extreme);

    private static Value Whole(Assembler k, string mode, Value a) => a.Type.IsFloat() ? k.ToWhole(mode, a) : a;

    /// <summary>A power of whole numbers, wrapping; a negative one of anything but 1 and -1 is 0.</summary>
    private static Value PowerOf(Assembler k, Value x, Value exponent)
    {
        Value odd = k.NotEqual(exponent & 1, 0);
        Value inverse = k.Select(PtxType.S64, k.Equal(x, 1), 1, 0);
        inverse = k.Select(k.Equal(x, -1), k.Select(PtxType.S64, odd, -1, 1), inverse);
        Value result = k.Variable(PtxType.S64, k.Select(exponent < 0, inverse, 1));
        Value left = k.Variable(PtxType.S64, k.Max(exponent, 0)), power = k.Variable(PtxType.S64, x);
        k.While(() => k.NotEqual(left, 0), () =>
        {
            k.Set(result, k.Select(k.NotEqual(left & 1, 0), result * power, result));
            k.Set(power, power * power);
            k.Set(left, left >> 1);
        });
        return result;
    }

    /// <summary>
    /// a - b truncate(a / b) of doubles, exactly: a division of their fractions, of which as many bits follow at a time as a 64-bit integer has room for.
    /// </summary>
    private static Value RemainderOf(Assembler k, Value a, Value b)
    {
        const long Magnitude = long.MaxValue, Infinity = 0x7FF0000000000000;
        const int Room = 11;
        Value bits = k.BitsOf(a), x = bits & Magnitude, y = k.BitsOf(b) & Magnitude;
        Value result = k.Variable(PtxType.F64, a);
        k.If(x >= y | k.Equal(y, 0) | x >= Infinity | y > Infinity, () =>
        {
            k.Set(result, double.NaN);
            k.If(k.NotEqual(y, 0) & (x < Infinity) & (y <= Infinity), () =>
            {
                (Value xExponent, Value xFraction) = Parts(x);
                (Value yExponent, Value yFraction) = Parts(y);
                Value rest = k.Variable(PtxType.U64, xFraction % yFraction);
                Value left = k.Variable(PtxType.U32, xExponent - yExponent);
                k.While(() => k.NotEqual(left, 0), () =>
                {
                    Value step = k.Min(left, Room);
                    k.Set(rest, (rest << step) % yFraction);
                    k.Set(left, left - step);
                });
                // Exact: a multiple of what y is one of, and less. 1075 is the exponent of the fraction's last bit, and in two steps all are in range.
                Value exponent = yExponent.As(PtxType.S32) - 1075, half = exponent >> 1;
                Value magnitude = k.Convert(PtxType.F64, rest) * Power(half) * Power(exponent - half);
                k.Set(result, k.Reinterpret(PtxType.F64, k.BitsOf(magnitude) | (bits & long.MinValue)));
            });
        });
        return result;

        (Value Exponent, Value Fraction) Parts(Value magnitude)
        {
            Value exponent = k.Convert(PtxType.U32, magnitude >> 52), fraction = magnitude & ((1L << 52) - 1);
            Value normal = k.NotEqual(exponent, 0);
            return (k.Max(exponent, 1), k.Select(normal, fraction | (1L << 52), fraction));
        }

        Value Power(Value n) => k.Reinterpret(PtxType.F64, k.Convert(PtxType.S64, n + 1023) << 52);
    }

    /// <summary>The instructions that work on the bits of numbers with a fraction of so many bits.</summary>
    private static Value PrintBits(Assembler k, Opcode opcode, in Format f, Value a, Value b) => opcode switch
    {
        Opcode.CopySign => f.Number((f.Bits(a) & ~f.Sign) | (f.Bits(b) & f.Sign)),
        Opcode.Xor => f.Number(f.Bits(a) ^ f.Bits(b)),
        Opcode.PowerOfTwo => f.PowerOfTwo(a),
        Opcode.Scale => f.Scale(a, b),
        Opcode.NearestExponent => f.NearestExponent(a),
        Opcode.NearestMantissa => f.Number(f.Bits(a) - ((f.Bits(a) - f.TwoThirds) & f.ExponentMask)),
        Opcode.LowBitAsSign => f.Number(f.Bits(a) << f.Width),
        Opcode.SecondBitAsSign => f.Number((f.Bits(a) & 2) << f.Width - 1),
        Opcode.IsPositiveNormal => f.Bits(a) + f.NormalToSmallest < f.Normals,
        _ => throw new NotSupportedException($"{opcode} of whole numbers is nothing that a device computes."),
    };

    /// <summary>A floating-point format and what its bits stand for.</summary>
    private readonly struct Format(Assembler k, int fraction, int bias)
    {
        private bool IsSingle => fraction == 23;

        private PtxType Type => IsSingle ? PtxType.F32 : PtxType.F64;

        private PtxType Integer => IsSingle ? PtxType.S32 : PtxType.S64;

        /// <summary>The place of the sign.</summary>
        public int Width => IsSingle ? 31 : 63;

        public long Sign => IsSingle ? int.MinValue : long.MinValue;

        public long TwoThirds => IsSingle ? BitsOf.TwoThirds : BitsOf.TwoThirdsDouble;

        public long ExponentMask => -1L << fraction;

        public long NormalToSmallest => IsSingle ? BitsOf.NormalToSmallest : BitsOf.NormalToSmallestDouble;

        public long Normals => IsSingle ? BitsOf.Normals : BitsOf.NormalsDouble;

        public Value Bits(Value a) => k.Reinterpret(Integer, a);

        public Value Number(Value bits) => k.Reinterpret(Type, bits);

        // Adding 1.5 * 2^fraction leaves the integer in the low bits.
        public Value PowerOfTwo(Value n) => Number(Bits(n + ((IsSingle ? 12582912.0 : 6755399441055744.0) + bias)) << fraction);

        // In two steps, the first of which is exact.
        public Value Scale(Value a, Value n)
        {
            Value half = k.ToWhole("rni", n * 0.5);
            return a * PowerOfTwo(half) * PowerOfTwo(n - half);
        }

        public Value NearestExponent(Value a) => k.Convert(Type, (Bits(a) - TwoThirds) >> fraction);
    }
}
