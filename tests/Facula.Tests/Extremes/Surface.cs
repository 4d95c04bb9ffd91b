using System.Reflection;
using Facula.Data;
using Facula.NN;
using Facula.Optim;
using Facula.Vision;
using Module = Facula.NN.Module;

namespace Facula.Tests.Extremes;

/// <summary>Everything public that can be called in the two assemblies: methods, constructors, operators, properties, indexers.</summary>
internal static class Surface
{
    /// <summary>What is left out, by the start of its signature, and why.</summary>
    public static readonly Dictionary<string, string> Excluded = new()
    {
        ["Facula.NN.ForwardHook"] = "a delegate's methods are its target's, which is the caller's own code",
        ["Facula.NN.ForwardPreHook"] = "a delegate's methods are its target's, which is the caller's own code",
        ["Facula.GradModeScope."] = "lives on the stack only; every call that makes one disposes it",
        ["Facula.NN.MemberVisitor."] = "abstract, and implemented outside only",
    };

    /// <summary>
    /// What honestly reads all elements of what it is given, so that 2^62 of them (in one number's memory, expanded) take for ever. These get no such views.
    /// </summary>
    public static readonly HashSet<string> ReadsEverything =
    [
        "Sum", "Mean", "Prod", "Var", "Std", "Norm", "Any", "All", "CountNonZero", "LogSumExp", "AMax", "AMin", "Max", "Min", "ArgMax", "ArgMin",
        "AllClose", "AllEqual",
        "NonZero", "MaskedSelect",
    ];

    public static readonly IReadOnlyList<Assembly> Assemblies = [typeof(Tensor).Assembly, typeof(ImageDataset).Assembly];

    /// <summary>The exported types that can be made, generic ones closed over each of some arguments that suit them.</summary>
    public static readonly IReadOnlyList<Type> Types =
        [.. Assemblies.SelectMany(a => a.GetExportedTypes()).Where(t => !t.FullName!.Contains('<')).SelectMany(Close)];

    public static IReadOnlyList<MethodBase> Members { get; } =
        [.. Types.Where(t => !t.IsEnum).SelectMany(Declared).Where(IsIncluded).OrderBy(Signature, StringComparer.Ordinal)];

    public static string Signature(MethodBase method) =>
        $"{method.DeclaringType}.{method.Name}({string.Join(", ", method.GetParameters().Select(p => p.ParameterType))})"
        + (method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(t => t.Name))}>" : "");

    private static bool IsIncluded(MethodBase method) => !Excluded.Keys.Any(Signature(method).StartsWith);

    private static IEnumerable<MethodBase> Declared(Type type)
    {
        const BindingFlags own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (ConstructorInfo constructor in type.GetConstructors(own))
        {
            if (!type.IsAbstract) yield return constructor;
        }
        foreach (MethodInfo method in type.GetMethods(own))
        {
            if (!method.IsGenericMethodDefinition) yield return method;
            else
            {
                foreach (Type[] arguments in Arguments(method.GetGenericArguments())) yield return method.MakeGenericMethod(arguments);
            }
        }
    }

    private static IEnumerable<Type> Close(Type type) =>
        type.IsGenericTypeDefinition ? Arguments(type.GetGenericArguments()).Select(arguments => type.MakeGenericType(arguments)) : [type];

    private static IEnumerable<Type[]> Arguments(Type[] parameters)
    {
        Type[][] choices = [.. parameters.Select(Choices)];
        for (int i = 0; i < choices.Max(c => c.Length); i++) yield return [.. choices.Select(c => c[i % c.Length])];
    }

    private static Type[] Choices(Type parameter)
    {
        if ((parameter.GenericParameterAttributes & GenericParameterAttributes.NotNullableValueTypeConstraint) != 0)
            return [typeof(float), typeof(double), typeof(long), typeof(byte), typeof(bool), typeof(Half), typeof(decimal)];
        Type[] constraints = parameter.GetGenericParameterConstraints();
        if (constraints.Contains(typeof(OptimizerOptions))) return [typeof(SgdOptions), typeof(AdamOptions)];
        if (constraints.Contains(typeof(Module))) return [typeof(Module<Tensor, Tensor>)];
        // Types that say of themselves what they are are the user's.
        if (constraints.Any(constraint => constraint.IsGenericType && constraint.GetGenericTypeDefinition() == parameter.DeclaringType)) return [];
        string space = (parameter.DeclaringMethod?.DeclaringType ?? parameter.DeclaringType)!.Namespace!;
        return space == typeof(DataLoader).Namespace ? [typeof((Tensor, Tensor))] : [typeof(Tensor)];
    }

    /// <summary>Types of which there are objects, that can stand where this one is wanted.</summary>
    public static Type[] Concrete(Type type)
    {
        if (s_concrete.TryGetValue(type, out Type[]? known)) return known;
        return s_concrete[type] = [.. Types.Where(t => !t.IsAbstract && !t.IsInterface && t.IsAssignableTo(type))];
    }

    private static readonly Dictionary<Type, Type[]> s_concrete = [];
}
