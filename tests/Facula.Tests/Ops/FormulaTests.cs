using System.Reflection;
using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

namespace Facula.Tests.Ops;

/// <summary>
/// Every element-wise formula of the library, found by reflection, can be printed and means the same printed as it does as a scalar: none
/// depends on what its number type happens to be.
/// </summary>
public sealed class FormulaTests
{
    private static readonly double[] Values = [-2.75, -1, -0.3, 0, 0.2, 0.5, 1, 1.5, 4];
    private static readonly Type[] Kinds = [typeof(IUnaryOp), typeof(IBinaryOp), typeof(IMap1), typeof(IMap2), typeof(IMap3)];

    public static TheoryData<string> Formulas { get; } = [.. typeof(Tensor).Assembly.GetTypes()
        .Where(type => type.IsValueType && !type.ContainsGenericParameters && Kinds.Any(kind => kind.IsAssignableFrom(type)))
        .Select(type => type.FullName!)];

    [Fact]
    public void All_operations_are_found()
    {
        string[] names = [.. Formulas.Select(row => row.Data)];
        Assert.Contains("Facula.ReluOp", names);
        Assert.Contains("Facula.PowOp", names);
        Assert.Contains("Facula.WhereMap", names);
    }

    [Theory, MemberData(nameof(Formulas))]
    public void A_printed_formula_means_what_it_computes(string type)
    {
        Type formula = typeof(Tensor).Assembly.GetType(type)!;
        int checkedFormulas = 0;
        foreach (Type kind in Kinds.Where(kind => kind.IsAssignableFrom(formula)))
        {
            foreach (MethodInfo method in kind.GetMethods().Where(m => m.IsGenericMethodDefinition))
            {
                string[] parameters = [.. method.GetParameters().Select(p => p.Name!)];
                if (Invoke(formula, method, [.. parameters.Select(Recorder.Variable)]) is not { } recorded) continue;
                Assert.False(string.IsNullOrEmpty(recorded.ToString()));
                AssertSame(formula, method, parameters, recorded);
                checkedFormulas++;
            }
        }
        Assert.True(checkedFormulas > 0);
    }

    /// <summary>
    /// A device compiles a formula once and finds it again by the operation's type and those of its fields that are no numbers: flags,
    /// which decide what is computed. A number may
    /// differ from call to call, so it must be a parameter; as a constant, or as something to branch on, it would be compiled in.
    /// </summary>
    [Theory, MemberData(nameof(Programs))]
    public void Numbers_that_an_operation_carries_are_parameters(string type)
    {
        Type formula = typeof(Tensor).Assembly.GetType(type)!;
        int programs = 0;
        foreach (Type kind in (Type[])[.. Kinds, typeof(IReduce), typeof(IUpdate)])
        {
            if (!kind.IsAssignableFrom(formula)) continue;
            foreach (MethodInfo method in kind.GetMethods().Where(m => m.IsGenericMethodDefinition))
            {
                foreach (bool flag in (bool[])[false, true])
                {
                    string? first = Program(formula, method, flag, 0.75, 0.5);
                    Assert.Equal(first, Program(formula, method, flag, 0.125, 0.0625));
                    Assert.Equal(first, Program(formula, method, flag, 3, 7));
                    if (first is not null) programs++;
                }
            }
        }
        Assert.True(programs > 0);
    }

    public static TheoryData<string> Programs { get; } = [.. typeof(Tensor).Assembly.GetTypes()
        .Where(type => type.IsValueType && !type.ContainsGenericParameters
            && ((Type[])[.. Kinds, typeof(IReduce), typeof(IUpdate)]).Any(kind => kind.IsAssignableFrom(type)))
        .Select(type => type.FullName!)];

    /// <summary>What an operation with such numbers and flags records; null where it has no such formula.</summary>
    private static string? Program(Type formula, MethodInfo method, bool flag, double number, double step)
    {
        object instance = RuntimeHelpers.GetUninitializedObject(formula);
        Fill(instance, flag, ref number, step);
        object[] operands = [.. method.GetParameters().Select(p => Recorder.Variable(p.Name!))];
        try
        {
            object? result = method.MakeGenericMethod(typeof(Recorder)).Invoke(instance, operands);
            return result is null ? string.Join("; ", operands) : result.ToString();
        }
        catch (TargetInvocationException e) when (e.InnerException is NotSupportedException)
        {
            return null;
        }
    }

    private static void Fill(object instance, bool flag, ref double number, double step)
    {
        foreach (FieldInfo field in instance.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
        {
            if (field.FieldType == typeof(bool)) field.SetValue(instance, flag);
            else if (field.FieldType == typeof(double)) field.SetValue(instance, number += step);
            else if (field.FieldType == typeof(long)) field.SetValue(instance, (long)(1000 * (number += step)));
            else if (field.FieldType.IsValueType && !field.FieldType.IsPrimitive && !field.FieldType.IsEnum)
            {
                object inner = field.GetValue(instance)!;
                Fill(inner, flag, ref number, step);
                field.SetValue(instance, inner);
            }
        }
    }

    /// <summary>
    /// The JIT inlines methods of up to 100 bytes of IL by itself. A formula that it calls instead has its vectors passed through memory and
    /// its constants made anew for every one of them: several times slower, and nothing else tells.
    /// </summary>
    [Fact]
    public void Long_formulas_are_marked_for_inlining()
    {
        Type[] kinds = [.. Kinds, typeof(IReduce), typeof(IUpdate)];
        string[] unmarked = [.. typeof(Tensor).Assembly.GetTypes()
            .Where(type => type.IsValueType && kinds.Any(kind => kind.IsAssignableFrom(type)))
            .SelectMany(type =>
                type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(method => method.IsGenericMethodDefinition && method.GetMethodBody()?.GetILAsByteArray()?.Length > 100)
            .Where(method => !method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveInlining))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")];
        Assert.True(unmarked.Length == 0, $"Put [MethodImpl(MethodImplOptions.AggressiveInlining)] on {string.Join(", ", unmarked)}.");
    }

    private static void AssertSame(Type formula, MethodInfo method, string[] parameters, Recorder recorded)
    {
        int count = (int)Math.Pow(Values.Length, parameters.Length);
        for (int i = 0; i < count; i++)
        {
            int rest = i;
            var at = new Dictionary<string, double>();
            foreach (string parameter in parameters)
            {
                at[parameter] = Values[rest % Values.Length];
                rest /= Values.Length;
            }
            double computed = Number(Invoke(formula, method, [.. parameters.Select(p => new Num<double>(at[p]))]));
            double printed;
            try
            {
                printed = recorded.Evaluate(at);
            }
            catch (ArgumentOutOfRangeException)
            {
                continue;
            }
            // A mask is all ones in a number, 1 where it is printed.
            bool mask = double.IsNaN(computed) && BitConverter.DoubleToInt64Bits(computed) == -1;
            bool good = mask ? printed == 1
                : double.IsFinite(computed) ? Math.Abs(printed - computed) <= 1e-12 * (1 + Math.Abs(computed)) : printed.Equals(computed);
            Assert.True(good, $"{formula.Name}.{method.Name} at ({string.Join(", ", at.Values)}) is {computed}, but {recorded} = {printed}.");
        }
    }

    private static double Number(Num<double>? value) => value!.Value.Value;

    /// <summary>Calls a formula on numbers of a type; null where the operation has no such formula.</summary>
    private static T? Invoke<T>(Type formula, MethodInfo method, T[] operands) where T : INum<T>
    {
        object instance = RuntimeHelpers.GetUninitializedObject(formula);
        double parameter = 0.75;
        foreach (FieldInfo field in formula.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
        {
            if (field.FieldType != typeof(double)) continue;
            field.SetValue(instance, parameter);
            parameter += 0.5;
        }
        try
        {
            return (T?)method.MakeGenericMethod(typeof(T)).Invoke(instance, [.. operands.Cast<object>()]);
        }
        catch (TargetInvocationException e) when (e.InnerException is NotSupportedException)
        {
            return default;
        }
    }
}
