using System.Numerics;
using Facula.Backends;
using Facula.Numerics;

namespace Facula.Tests.Ops;

/// <summary>Runs recorded formulas on one number after the other: what they mean.</summary>
internal static class ScalarMachine
{
    /// <summary>The results for such inputs. Masks are all ones or all zeros.</summary>
    public static T[] Run<T>(Recording recording, params T[] inputs) where T : unmanaged, INumber<T>
    {
        int count = recording.Instructions.Count;
        var singles = new Num<float>[count];
        var doubles = new Num<double>[count];
        var wholes = new Num<long>[count];
        for (int i = 0; i < count; i++)
        {
            Instruction instruction = recording.Instructions[i];
            if (instruction.Opcode == Opcode.Convert)
            {
                if (instruction.Type == DType.Float64) doubles[i] = new(singles[instruction.A].Value);
                else singles[i] = new((float)doubles[instruction.A].Value);
            }
            else if (instruction.Type == DType.Float32) singles[i] = Execute<Num<float>, float>(instruction, inputs as float[], singles);
            else if (instruction.Type == DType.Float64) doubles[i] = Execute<Num<double>, double>(instruction, inputs as double[], doubles);
            else wholes[i] = Execute<Num<long>, long>(instruction, inputs as long[], wholes);
        }
        return [.. recording.Results.Select(r => typeof(T) == typeof(float) ? (T)(object)singles[r].Value
            : typeof(T) == typeof(double) ? (T)(object)doubles[r].Value : (T)(object)wholes[r].Value)];
    }

    private static V Execute<V, T>(Instruction instruction, T[]? inputs, V[] registers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V a = registers[instruction.A], b = registers[instruction.B], c = registers[instruction.C];
        return instruction.Opcode switch
        {
            Opcode.Input => V.Create(inputs![instruction.Index]),
            Opcode.Constant => V.Const(instruction.Constant),
            Opcode.Parameter => V.Parameter(instruction.Constant),
            Opcode.Add => a + b,
            Opcode.Subtract => a - b,
            Opcode.Multiply => a * b,
            Opcode.Divide => a / b,
            Opcode.Negate => -a,
            Opcode.Greater => a > b,
            Opcode.Less => a < b,
            Opcode.GreaterOrEqual => a >= b,
            Opcode.LessOrEqual => a <= b,
            Opcode.Equal => V.Equal(a, b),
            Opcode.Select => V.Select(a, b, c),
            Opcode.And => V.And(a, b),
            Opcode.Or => V.Or(a, b),
            Opcode.Not => V.Not(a),
            Opcode.Min => V.Min(a, b),
            Opcode.Max => V.Max(a, b),
            Opcode.AtLeast => V.AtLeast(a, b),
            Opcode.AtMost => V.AtMost(a, b),
            Opcode.Abs => V.Abs(a),
            Opcode.CopySign => V.CopySign(a, b),
            Opcode.Sqrt => V.Sqrt(a),
            Opcode.Floor => V.Floor(a),
            Opcode.Ceiling => V.Ceiling(a),
            Opcode.Round => V.Round(a),
            Opcode.Truncate => V.Truncate(a),
            Opcode.MultiplyAdd => V.MultiplyAdd(a, b, c),
            Opcode.ProductError => V.ProductError(a, b, c),
            Opcode.Remainder => V.Remainder(a, b),
            Opcode.Power => V.Pow(a, b),
            Opcode.PowerOfTwo => V.PowerOfTwo(a),
            Opcode.Scale => V.Scale(a, b),
            Opcode.NearestExponent => V.NearestExponent(a),
            Opcode.NearestMantissa => V.NearestMantissa(a),
            Opcode.Xor => V.Xor(a, b),
            Opcode.IsPositiveNormal => V.IsPositiveNormal(a),
            Opcode.LowBitAsSign => V.LowBitAsSign(a),
            Opcode.SecondBitAsSign => V.SecondBitAsSign(a),
            Opcode.FarSin => V.FarSin(a),
            Opcode.FarCos => V.FarCos(a),
            Opcode.FarTan => V.FarTan(a),
            _ => throw new NotSupportedException(instruction.Opcode.ToString()),
        };
    }
}
