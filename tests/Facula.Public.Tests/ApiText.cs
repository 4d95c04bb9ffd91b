using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Facula.Public.Tests;

/// <summary>What an assembly lets others see, a line for each type and member, in an order that does not depend on that of the sources.</summary>
internal static class ApiText
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string[] Of(Assembly assembly) =>
        [.. assembly.GetExportedTypes().Where(type => !type.FullName!.Contains('<')).SelectMany(Lines).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Lines(Type type)
    {
        string name = $"{type.Namespace}.{Name(type)}";
        yield return $"{name}: {Head(type)}";
        if (type.IsAssignableTo(typeof(Delegate)))
        {
            yield return $"{name}.{Parameters(type.GetMethod("Invoke")!)}";
            yield break;
        }
        foreach (FieldInfo field in type.GetFields(Own).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly))
        {
            if (field.IsSpecialName) continue;
            string value = field.IsLiteral ? $" = {Value(field.GetRawConstantValue(), type.IsEnum ? typeof(long) : field.FieldType)}" : "";
            string modifiers = (field.IsStatic && !type.IsEnum ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
            yield return $"{name}.{field.Name}{value}: {modifiers}{Shown(field)}";
        }
        foreach (ConstructorInfo constructor in type.GetConstructors(Own).Where(IsVisible))
            yield return $"{name}.{Plain(type)}{Parameters(constructor)}{Protection(constructor)}";
        foreach (PropertyInfo property in type.GetProperties(Own))
        {
            MethodInfo? get = property.GetMethod is { } g && IsVisible(g) ? g : null, set = property.SetMethod is { } s && IsVisible(s) ? s : null;
            MethodInfo? any = get ?? set;
            if (any is null || IsInherited(any) || any.IsPrivate || property.Name == "EqualityContract") continue;
            string index = property.GetIndexParameters().Length > 0 ? $"[{string.Join(", ", property.GetIndexParameters().Select(Parameter))}]" : "";
            string accessors = (get is null ? "" : " get;") + (set is null ? "" : IsInit(set) ? " init;" : " set;");
            string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
            yield return $"{name}.{property.Name}{index}: {required}{Modifiers(any)}{Shown(property)} {{{accessors} }}{Protection(any)}";
        }
        foreach (MethodInfo method in type.GetMethods(Own).Where(IsVisible))
        {
            if (method.IsPrivate || IsInherited(method) || method.IsDefined(typeof(CompilerGeneratedAttribute))) continue;
            if (method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal)) continue;
            string arguments = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Constrained))}>" : "";
            string extension = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
            yield return $"{name}.{method.Name}{arguments}{Parameters(method, extension)}: " +
                $"{Modifiers(method)}{Shown(method.ReturnParameter)}{Protection(method)}";
        }
    }

    private static string Head(Type type)
    {
        string kind = type.IsInterface ? "interface" : type.IsEnum ? $"enum {Name(type.GetEnumUnderlyingType())}"
            : type.IsAssignableTo(typeof(Delegate)) ? "delegate"
            : type.IsValueType ? (type.IsByRefLike ? "ref struct" : "struct")
            : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class" : "class";
        Type[] bases = type.IsEnum || kind == "delegate" ? []
            : [.. new[] { type.BaseType }.OfType<Type>().Where(t => t != typeof(object) && t != typeof(ValueType)),
                .. type.GetInterfaces().Where(t => t.IsPublic && !(type.BaseType?.GetInterfaces().Contains(t) ?? false))
                    .OrderBy(t => t.ToString(), StringComparer.Ordinal)];
        string constraints = string.Join("", type.GetGenericArguments().Select(Constrained).Where(text => text.Contains(':')).Select(text => $" where {text}"));
        return kind + (bases.Length > 0 ? $", {string.Join(", ", bases.Select(t => Text(t)))}" : "") + constraints;
    }

    private static string Constrained(Type parameter)
    {
        string[] constraints =
            [.. parameter.GetGenericParameterConstraints().Where(t => t != typeof(ValueType)).Select(t => Text(t)).Order(StringComparer.Ordinal)];
        if ((parameter.GenericParameterAttributes & GenericParameterAttributes.NotNullableValueTypeConstraint) != 0) constraints = ["struct", .. constraints];
        return constraints.Length == 0 ? parameter.Name : $"{parameter.Name}: {string.Join(", ", constraints)}";
    }

    private static bool IsVisible(MethodBase method) =>
        method.IsPublic || (method.DeclaringType is { IsSealed: false } && (method.IsFamily || method.IsFamilyOrAssembly));

    // What overrides changes nothing that is not seen already where it was declared.
    private static bool IsInherited(MethodInfo method) => method.GetBaseDefinition() != method;

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit");

    private static string Protection(MethodBase method) => method.IsPublic ? "" : " (protected)";

    private static string Modifiers(MethodInfo method) =>
        method.IsStatic ? "static " : method.IsAbstract ? "abstract " : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "";

    private static string Parameters(MethodBase method, string extension = "") => $"({extension}{string.Join(", ", method.GetParameters().Select(Parameter))})";

    private static string Parameter(ParameterInfo parameter)
    {
        bool isParams = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute));
        string value = parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue, parameter.ParameterType)}" : "";
        string passed = parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "";
        return $"{(isParams ? "params " : "")}{passed}{Shown(parameter)} {parameter.Name}{value}";
    }

    private static string Value(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ when (Nullable.GetUnderlyingType(type) ?? type) is { IsEnum: true } choice => Enum.ToObject(choice, value).ToString()!,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Shown(ParameterInfo parameter) => Text(parameter.ParameterType, parameter, () => new NullabilityInfoContext().Create(parameter));

    private static string Shown(PropertyInfo property) => Text(property.PropertyType, property, () => new NullabilityInfoContext().Create(property));

    private static string Shown(FieldInfo field) => Text(field.FieldType, field, () => new NullabilityInfoContext().Create(field));

    private static string Text(Type type, ICustomAttributeProvider of, Func<NullabilityInfo> nullability)
    {
        var names = (TupleElementNamesAttribute?)of.GetCustomAttributes(typeof(TupleElementNamesAttribute), false).FirstOrDefault();
        Queue<string?> elements = new(names?.TransformNames ?? []);
        return Text(type.IsByRef ? type.GetElementType()! : type, type.IsByRef ? null : nullability(), elements);
    }

    private static string Text(Type type, NullabilityInfo? nullability = null, Queue<string?>? names = null)
    {
        string mark = type is { IsValueType: false, IsGenericParameter: false } && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (Nullable.GetUnderlyingType(type) is { } value) return Text(value, null, names) + "?";
        if (type.IsArray) return $"{Text(type.GetElementType()!, nullability?.ElementType, names)}[]{mark}";
        if (!type.IsGenericType) return Name(type) + mark;
        Type[] arguments = type.GetGenericArguments();
        NullabilityInfo?[] inner = nullability is { GenericTypeArguments.Length: var count } && count == arguments.Length ? nullability.GenericTypeArguments
            : new NullabilityInfo?[arguments.Length];
        if (type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true || type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal))
        {
            string?[] own = [.. arguments.Select(_ => names is { Count: > 0 } ? names.Dequeue() : null)];
            return $"({string.Join(", ", arguments.Select((argument, i) => Text(argument, inner[i], names) + (own[i] is { } name ? $" {name}" : "")))})";
        }
        return $"{Plain(type)}<{string.Join(", ", arguments.Select((argument, i) => Text(argument, inner[i], names)))}>{mark}";
    }

    private static string Name(Type type) =>
        type.IsGenericType ? $"{Plain(type)}<{string.Join(", ", type.GetGenericArguments().Select(argument => Name(argument)))}>" : Plain(type);

    private static string Plain(Type type)
    {
        string name = type.IsNested && !type.IsGenericParameter ? $"{Plain(type.DeclaringType!)}.{type.Name}" : type.Name;
        int generic = name.IndexOf('`', StringComparison.Ordinal);
        if (generic >= 0) name = name[..generic];
        return name switch
        {
            "Int32" => "int",
            "Int64" => "long",
            "Double" => "double",
            "Single" => "float",
            "Boolean" => "bool",
            "String" => "string",
            "Object" => "object",
            "Void" => "void",
            "Byte" => "byte",
            _ => name,
        };
    }
}
