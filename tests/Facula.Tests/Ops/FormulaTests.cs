using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;
using Facula.Tests.Numerics;

namespace Facula.Tests.Ops;

/// <summary>
/// Every formula of the library, found by reflection, can be recorded as a list of instructions, and computes the same bits by that list as over a scalar: none
/// depends on what its number type happens to be, and none needs memory or lanes, the elementary functions in it included.
/// </summary>
public sealed class FormulaTests
{
    private static readonly Type[] Kinds =
        [typeof(IUnaryOp), typeof(IBinaryOp), typeof(IMap1), typeof(IMap2), typeof(IMap3), typeof(IReduce), typeof(IUpdate)];

    private static readonly double[] Values = [-2.75, -1, -0.3, -0.0, 0, 0.2, 0.5, 1, 1.5, 4, 30, -120, 2e5, 1e7, -1e7, 1e30, 1e300, -1e300, 1e-40, 5e-324,
        -1e-310, double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    public static TheoryData<string> Formulas { get; } = [.. typeof(Tensor).Assembly.GetTypes()
        .Where(type => type.IsValueType && !type.ContainsGenericParameters && Kinds.Any(kind => kind.IsAssignableFrom(type)))
        .Select(type => type.FullName!)];

    public static TheoryData<string> ElementaryFunctions { get; } = [.. ElementaryCase.All.Select(c => c.Name)];

    [Fact]
    public void All_operations_are_found()
    {
        string[] names = [.. Formulas.Select(row => row.Data)];
        Assert.Contains("Facula.ReluOp", names);
        Assert.Contains("Facula.PowOp", names);
        Assert.Contains("Facula.WhereMap", names);
        Assert.Contains("Facula.Backends.SumReduce", names);
        Assert.Contains(names, name => name.EndsWith("+SgdUpdate", StringComparison.Ordinal));
    }

    /// <summary>A body in an interface of another kind would be recorded nowhere here.</summary>
    [Fact]
    public void All_kinds_of_formulas_are_known()
    {
        string[] unknown = [.. typeof(Tensor).Assembly.GetTypes()
            .Where(type => type.IsInterface && !Kinds.Contains(type) && Bodies(type).Any())
            .Select(type => type.FullName!)];
        Assert.Empty(unknown);
    }

    [Theory, MemberData(nameof(Formulas))]
    public void A_recorded_body_computes_the_same_bits(string type)
    {
        Type formula = typeof(Tensor).Assembly.GetType(type)!;
        int bodies = 0;
        foreach (MethodInfo method in Kinds.Where(kind => kind.IsAssignableFrom(formula)).SelectMany(Bodies))
        {
            foreach (bool flag in (bool[])[false, true]) bodies += CheckBody<float>(formula, method, flag) + CheckBody<double>(formula, method, flag);
        }
        Assert.True(bodies > 0);
    }

    [Theory, MemberData(nameof(ElementaryFunctions))]
    public void A_recorded_elementary_function_computes_the_same_bits(string function)
    {
        CheckFunction<float>(ElementaryCase.Find(function));
        CheckFunction<double>(ElementaryCase.Find(function));
    }

    [Fact]
    public void A_mask_is_no_number()
    {
        Recorder<float> x = Recorder<float>.Input(0), y = Recorder<float>.Input(1);
        Assert.Throws<InvalidOperationException>(() => (x > y) + x);
        Assert.Throws<InvalidOperationException>(() => Recorder<float>.Select(x, x, y));
    }

    /// <summary>
    /// A device compiles a formula once and finds it again by the operation's type and those of its fields that are no numbers: flags, which decide what is
    /// computed. A number may differ from call to call, so it must be a parameter; as a constant, or as something to branch on, it would be compiled in.
    /// What a <see cref="FormulaKey"/> is made of tells apart what is recorded differently, and nothing else.
    /// </summary>
    [Theory, MemberData(nameof(Formulas))]
    public void Numbers_that_an_operation_carries_are_parameters(string type)
    {
        Type formula = typeof(Tensor).Assembly.GetType(type)!;
        int programs = 0;
        foreach (MethodInfo method in Kinds.Where(kind => kind.IsAssignableFrom(formula)).SelectMany(Bodies))
        {
            foreach (bool flag in (bool[])[false, true])
            {
                string? first = Program(formula, method, flag, 0.75, 0.5);
                Assert.Equal(first, Program(formula, method, flag, 0.125, 0.0625));
                Assert.Equal(first, Program(formula, method, flag, 3, 7));
                if (first is null) continue;
                programs++;
                ulong key = Key(formula, method, flag, 0.75, 0.5);
                Assert.Equal(key, Key(formula, method, flag, 0.125, 0.0625));
                Assert.Equal(first == Program(formula, method, !flag, 0.75, 0.5), key == Key(formula, method, !flag, 0.75, 0.5));
            }
        }
        Assert.True(programs > 0);
    }

    /// <summary>The bodies of a kind: its methods over any number type.</summary>
    private static IEnumerable<MethodInfo> Bodies(Type kind) => kind.GetMethods().Where(m => m.IsGenericMethodDefinition
        && m.GetGenericArguments() is [Type number]
        && number.GetGenericParameterConstraints().Any(c => c.IsGenericType && (c.GetGenericTypeDefinition() == typeof(INum<>)
            || c.GetGenericTypeDefinition() == typeof(IArithmetic<>))));

    /// <summary>What an operation with such numbers and flags records; null where it has no such formula.</summary>
    private static string? Program(Type formula, MethodInfo method, bool flag, double number, double step) =>
        Record<double>(formula, method, flag, number, step)?.ToString();

    /// <summary>What tells the program from others, found without recording it.</summary>
    private static ulong Key(Type formula, MethodInfo method, bool flag, double number, double step)
    {
        FormulaParameters.Clear();
        Fingerprint<float>[] inputs = [.. method.GetParameters().Select(p => Fingerprint<float>.Input(p.Position))];
        // Each result at its place.
        return Invoke(formula, method, inputs, flag, number, step)!.Aggregate(Fingerprint<float>.Const(0), (all, result) => all * result).Hash;
    }

    private static Recording? Record<T>(Type formula, MethodInfo method, bool flag, double number, double step) where T : unmanaged
    {
        FormulaParameters.Clear();
        Recorder<T>[] inputs = [.. method.GetParameters().Select(p => Recorder<T>.Input(p.Position))];
        return Invoke(formula, method, inputs, flag, number, step) is { } results ? new Recording(results) : null;
    }

    /// <summary>Calls a formula on numbers of a type: the result, or the operands that it changed; null where the operation has no such formula.</summary>
    private static T[]? Invoke<T>(Type formula, MethodInfo method, T[] inputs, bool flag, double number, double step)
        where T : INum<T>
    {
        object instance = RuntimeHelpers.GetUninitializedObject(formula);
        Fill(instance, flag, ref number, step);
        object[] operands = [.. inputs.Cast<object>()];
        try
        {
            object? result = method.MakeGenericMethod(typeof(T)).Invoke(instance, operands);
            return method.ReturnType == typeof(void) ? [.. operands.Cast<T>()] : [(T)result!];
        }
        catch (TargetInvocationException e) when (e.InnerException is NotSupportedException)
        {
            return null;
        }
    }

    private static int CheckBody<T>(Type formula, MethodInfo method, bool flag) where T : unmanaged, INumber<T>
    {
        Recording? recording = Record<T>(formula, method, flag, 0.75, 0.5);
        int count = method.GetParameters().Length;
        var random = new Random(1);
        for (int i = 0; i < 100; i++)
        {
            T[] inputs = [.. Enumerable.Range(0, count).Select(_ => T.CreateTruncating(Values[random.Next(i < 50 ? 11 : Values.Length)]))];
            Num<T>[]? computed = Invoke<Num<T>>(formula, method, [.. inputs.Select(x => new Num<T>(x))], flag, 0.75, 0.5);
            Assert.Equal(recording is null, computed is null);
            if (recording is null) return 0;
            AssertSame($"{formula.Name}.{method.Name}", inputs, [.. computed!.Select(y => y.Value)], recording);
        }
        return 1;
    }

    private static void CheckFunction<T>(ElementaryCase function) where T : unmanaged, INumber<T>
    {
        var recording = new Recording(function.Apply(Recorder<T>.Input(0), Recorder<T>.Input(1)));
        var random = new Random(2);
        for (int i = 0; i < 1000; i++)
        {
            double x = i < Values.Length * Values.Length ? Values[i / Values.Length] : random.NextDouble() * 20 - 10, y = Values[i % Values.Length];
            T a = T.CreateTruncating(x), b = T.CreateTruncating(y);
            AssertSame(function.Name, [a, b], [function.Apply<Num<T>>(new(a), new(b)).Value], recording);
        }
    }

    private static void AssertSame<T>(string name, T[] inputs, T[] computed, Recording recording) where T : unmanaged, INumber<T>
    {
        T[] recorded = ScalarMachine.Run(recording, inputs);
        Assert.Equal(computed.Length, recorded.Length);
        for (int i = 0; i < computed.Length; i++)
        {
            bool same = T.IsNaN(computed[i]) ? T.IsNaN(recorded[i]) : computed[i] == recorded[i] && T.IsNegative(computed[i]) == T.IsNegative(recorded[i]);
            if (!same) Assert.Fail($"{name}({string.Join(", ", inputs)}) of {typeof(T).Name} is {computed[i]}, but {recorded[i]} by\n{recording}");
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
        const BindingFlags Everything = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        string[] unmarked = [.. typeof(Tensor).Assembly.GetTypes()
            .Where(type => type.IsValueType && Kinds.Any(kind => kind.IsAssignableFrom(type)))
            .SelectMany(type => type.GetMethods(Everything | BindingFlags.DeclaredOnly))
            .Where(method => method.IsGenericMethodDefinition && method.GetMethodBody()?.GetILAsByteArray()?.Length > 100)
            .Where(method => !method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveInlining))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")];
        Assert.True(unmarked.Length == 0, $"Put [MethodImpl(MethodImplOptions.AggressiveInlining)] on {string.Join(", ", unmarked)}.");
    }
}
