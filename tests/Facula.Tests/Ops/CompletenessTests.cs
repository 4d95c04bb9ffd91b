using System.Reflection;
using System.Text.RegularExpressions;

namespace Facula.Tests.Ops;

/// <summary>No operation without a line in the table.</summary>
public sealed class CompletenessTests
{
    /// <summary>Methods that give a tensor and need no line, and why.</summary>
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["To"] = "every test of the suite converts by it",
        ["EmptyLike"] = "its elements are not defined",
        ["ZerosLike"] = "only the shape of its operand counts: CreationTests",
        ["OnesLike"] = "only the shape of its operand counts: CreationTests",
        ["FullLike"] = "only the shape of its operand counts: CreationTests",
    };

    private static readonly Dictionary<string, string> Operators = new()
    {
        ["op_Addition"] = @"\w \+ ",
        ["op_Subtraction"] = @"\w - ",
        ["op_Multiply"] = @"\w \* ",
        ["op_Division"] = @"\w / ",
        ["op_Modulus"] = @"\w % ",
        ["op_UnaryNegation"] = @"=> -\w",
        ["op_LogicalNot"] = @"=> !\w",
        ["op_BitwiseAnd"] = " & ",
        ["op_BitwiseOr"] = @" \| ",
        ["op_ExclusiveOr"] = @" \^ ",
        ["op_Equality"] = " == ",
        ["op_Inequality"] = " != ",
        ["op_GreaterThan"] = @"\w > ",
        ["op_GreaterThanOrEqual"] = " >= ",
        ["op_LessThan"] = " < ",
        ["op_LessThanOrEqual"] = " <= ",
    };

    [Fact]
    public void Every_operation_has_a_line_in_the_table()
    {
        string source = string.Join("\n", OpCases.All.Select(c => c.Source));
        string[] missing = [.. Operations().Where(name => !Exceptions.ContainsKey(name) && !Covers(source, name))];
        Assert.True(missing.Length == 0, $"Add a line to OpCases for {string.Join(", ", missing)}, or say in {nameof(CompletenessTests)} why there is none.");
    }

    [Fact]
    public void Exceptions_exist_and_are_needed()
    {
        string source = string.Join("\n", OpCases.All.Select(c => c.Source));
        foreach (string name in Exceptions.Keys)
        {
            Assert.Contains(name, Operations());
            Assert.False(Covers(source, name) && name is not "To", $"{name} has a line in the table now; take it off the exceptions.");
        }
    }

    /// <summary>The names of Tensor's methods and operators that compute a tensor, or several, from a tensor, not from random numbers.</summary>
    private static HashSet<string> Operations() =>
        [.. typeof(Tensor).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(m => !m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal))
        .Where(m => Holds(m.ReturnType) && (!m.IsStatic || m.GetParameters().Any(p => Holds(p.ParameterType))))
        .Where(m => m.GetParameters().All(p => p.ParameterType != typeof(Generator)))
        .Select(m => m.Name)];

    private static bool Holds(Type type) => type == typeof(Tensor) || (type.IsGenericType && type.GetGenericArguments().Any(Holds))
        || (type.IsArray && Holds(type.GetElementType()!));

    private static bool Covers(string source, string name) =>
        Regex.IsMatch(source, Operators.TryGetValue(name, out string? pattern) ? pattern : $@"\.{name}\(");
}
