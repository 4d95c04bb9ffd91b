using System.Globalization;
using System.Numerics;
using Facula.Numerics;

namespace Facula.Tests.Ops;

/// <summary>
/// What is done, in which type (of a comparison: that of the numbers), to the results of which instructions before; the number of a constant, an input and
/// a parameter.
/// </summary>
internal readonly record struct Instruction(string Operation, Type Type, int[] Operands, double Constant)
{
    public override string ToString()
    {
        string constant = Operation is "constant" or "input" ? Constant.ToString("R", CultureInfo.InvariantCulture) : "";
        return $"{Operation}.{Type.Name} {constant}{string.Join(", ", Operands.Select(operand => $"%{operand}"))}";
    }
}

/// <summary>
/// A recorded formula as a list of instructions, each of which needs only those before: what a device compiles; and a scalar machine that runs it.
/// </summary>
internal sealed class Recording
{
    private readonly List<Instruction> _instructions = [];
    private readonly Dictionary<Recorded, int> _places = new(ReferenceEqualityComparer.Instance);
    private readonly int[] _results;

    public Recording(params IEnumerable<Recorded> results) => _results = [.. results.Select(Place)];

    private int Place(Recorded node)
    {
        if (_places.TryGetValue(node, out int place)) return place;
        int[] operands = [.. node.Operands.Select(Place)];
        _instructions.Add(new(node.Operation, node.Type, operands, node.Constant));
        return _places[node] = _instructions.Count - 1;
    }

    /// <summary>The formula as text, without the values of its parameters.</summary>
    public override string ToString() =>
        string.Join("\n", [.. _instructions.Select((instruction, i) => $"%{i} = {instruction}"), $"return {string.Join(", ", _results.Select(r => $"%{r}"))}"]);

    /// <summary>The results for such inputs. Masks are all ones or all zeros.</summary>
    public T[] Run<T>(params T[] inputs) where T : unmanaged, INumber<T>
    {
        var singles = new Num<float>[_instructions.Count];
        var doubles = new Num<double>[_instructions.Count];
        for (int i = 0; i < singles.Length; i++)
        {
            Instruction instruction = _instructions[i];
            if (instruction.Operation == "widen") doubles[i] = new(singles[instruction.Operands[0]].Value);
            else if (instruction.Operation == "narrow") singles[i] = new((float)doubles[instruction.Operands[0]].Value);
            else if (instruction.Type == typeof(float)) singles[i] = Execute<Num<float>, float>(instruction, inputs as float[], singles);
            else doubles[i] = Execute<Num<double>, double>(instruction, inputs as double[], doubles);
        }
        return [.. _results.Select(r => typeof(T) == typeof(float) ? (T)(object)singles[r].Value : (T)(object)doubles[r].Value)];
    }

    private static V Execute<V, T>(Instruction instruction, T[]? inputs, V[] registers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V[] v = [.. instruction.Operands.Select(operand => registers[operand])];
        V a = v.Length > 0 ? v[0] : default, b = v.Length > 1 ? v[1] : default, c = v.Length > 2 ? v[2] : default;
        return instruction.Operation switch
        {
            "input" => V.Create(inputs![(int)instruction.Constant]),
            "constant" => V.Const(instruction.Constant),
            "parameter" => V.Parameter(instruction.Constant),
            "add" => a + b,
            "subtract" => a - b,
            "multiply" => a * b,
            "divide" => a / b,
            "negate" => -a,
            "greater" => a > b,
            "less" => a < b,
            "greater_equal" => a >= b,
            "less_equal" => a <= b,
            "equal" => V.Equal(a, b),
            "select" => V.Select(a, b, c),
            "and" => V.And(a, b),
            "or" => V.Or(a, b),
            "not" => V.Not(a),
            "min" => V.Min(a, b),
            "max" => V.Max(a, b),
            "at_least" => V.AtLeast(a, b),
            "at_most" => V.AtMost(a, b),
            "abs" => V.Abs(a),
            "copy_sign" => V.CopySign(a, b),
            "sqrt" => V.Sqrt(a),
            "floor" => V.Floor(a),
            "ceiling" => V.Ceiling(a),
            "round" => V.Round(a),
            "truncate" => V.Truncate(a),
            "multiply_add" => V.MultiplyAdd(a, b, c),
            "product_error" => V.ProductError(a, b, c),
            "remainder" => V.Remainder(a, b),
            "power_of_two" => V.PowerOfTwo(a),
            "scale" => V.Scale(a, b),
            "nearest_exponent" => V.NearestExponent(a),
            "nearest_mantissa" => V.NearestMantissa(a),
            "xor" => V.Xor(a, b),
            "is_positive_normal" => V.IsPositiveNormal(a),
            "low_bit_as_sign" => V.LowBitAsSign(a),
            "second_bit_as_sign" => V.SecondBitAsSign(a),
            "far_sin" => V.FarSin(a),
            "far_cos" => V.FarCos(a),
            "far_tan" => V.FarTan(a),
            _ => throw new NotSupportedException(instruction.Operation),
        };
    }
}
