using System.Globalization;

namespace Facula.Backends;

/// <summary>What is done to the results of which instructions before.</summary>
/// <param name="Opcode">What is done.</param>
/// <param name="Type">Float32, Float64 or Int64: the type of the result, or, of a mask, of what is compared.</param>
/// <param name="Operands">How many of the next three count.</param>
/// <param name="A">The instruction whose result is the first operand.</param>
/// <param name="B">That of the second.</param>
/// <param name="C">That of the third.</param>
/// <param name="Constant">The value of a constant, and what a parameter was while it was recorded.</param>
/// <param name="Index">Which input or parameter it is.</param>
internal readonly record struct Instruction(Opcode Opcode, DType Type, int Operands, int A, int B, int C, double Constant, int Index)
{
    public override string ToString()
    {
        string text = Opcode switch
        {
            Opcode.Constant => Constant.ToString("R", CultureInfo.InvariantCulture),
            Opcode.Input or Opcode.Parameter => Index.ToString(CultureInfo.InvariantCulture),
            _ => string.Join(", ", ((int[])[A, B, C])[..Operands].Select(operand => $"%{operand}")),
        };
        return $"{Opcode}.{Type} {text}";
    }
}

/// <summary>
/// A recorded formula as a list of instructions, each of which needs only those before: what a device compiles. What is computed twice is there once, and
/// what nobody needs is not there.
/// </summary>
internal sealed class Recording
{
    private readonly List<Instruction> _instructions = [];
    private readonly int[] _results;

    public Recording(params IEnumerable<Recorded> results)
    {
        var places = new Dictionary<Recorded, int>(ReferenceEqualityComparer.Instance);
        var known = new Dictionary<(Instruction, long Bits), int>();
        _results = [.. results.Select(Place)];

        int Place(Recorded node)
        {
            if (places.TryGetValue(node, out int place)) return place;
            int n = node.Operands.Count;
            int a = n > 0 ? Place(node.Operands[0]) : 0, b = n > 1 ? Place(node.Operands[1]) : 0, c = n > 2 ? Place(node.Operands[2]) : 0;
            var instruction = new Instruction(node.Opcode, node.Type, n, a, b, c, node.Constant, node.Index);
            // By the bits of a constant: 0 and -0 are equal.
            (Instruction, long) key = (instruction, BitConverter.DoubleToInt64Bits(node.Constant));
            if (!known.TryGetValue(key, out place))
            {
                place = known[key] = _instructions.Count;
                _instructions.Add(instruction);
            }
            return places[node] = place;
        }
    }

    public IReadOnlyList<Instruction> Instructions => _instructions;

    /// <summary>The instructions whose results are those of the formula.</summary>
    public IReadOnlyList<int> Results => _results;

    /// <summary>The formula as text, without the values of its parameters.</summary>
    public override string ToString() =>
        string.Join("\n", [.. _instructions.Select((instruction, i) => $"%{i} = {instruction}"), $"return {string.Join(", ", _results.Select(r => $"%{r}"))}"]);
}
