using System.Reflection;
using System.Reflection.Emit;

namespace Facula.Tests.Extremes;

/// <summary>Calls any method or constructor with arguments in an array. Reflection and expression trees cannot pass spans; IL can.</summary>
internal static class Shim
{
    public delegate object? Call(object? instance, object?[] arguments);

    private static readonly Dictionary<MethodBase, Call> Made = [];

    /// <summary>
    /// What calls the method. Spans are given as arrays; by-reference arguments are written back to the array; a span that comes back is read at both ends.
    /// </summary>
    public static Call Of(MethodBase method) => Made.TryGetValue(method, out Call? call) ? call : Made[method] = Make(method);

    private static Call Make(MethodBase method)
    {
        var made = new DynamicMethod("call", typeof(object), [typeof(object), typeof(object[])], typeof(Shim).Module, skipVisibility: true);
        ILGenerator il = made.GetILGenerator();
        ParameterInfo[] parameters = method.GetParameters();
        if (!method.IsStatic && !method.IsConstructor)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(method.DeclaringType!.IsValueType ? OpCodes.Unbox : OpCodes.Castclass, method.DeclaringType);
        }
        var locals = new LocalBuilder?[parameters.Length];
        for (int i = 0; i < parameters.Length; i++)
        {
            Type type = parameters[i].ParameterType, element = type.IsByRef ? type.GetElementType()! : type;
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldelem_Ref);
            if (IsSpan(element))
            {
                Type item = element.GetGenericArguments()[0];
                il.Emit(OpCodes.Castclass, item.MakeArrayType());
                il.Emit(OpCodes.Newobj, element.GetConstructor([item.MakeArrayType()])!);
            }
            else il.Emit(OpCodes.Unbox_Any, element);
            if (!type.IsByRef) continue;
            locals[i] = il.DeclareLocal(element);
            il.Emit(OpCodes.Stloc, locals[i]!);
            il.Emit(OpCodes.Ldloca, locals[i]!);
        }
        Type result;
        if (method is ConstructorInfo constructor)
        {
            il.Emit(OpCodes.Newobj, constructor);
            result = constructor.DeclaringType!;
        }
        else
        {
            var plain = (MethodInfo)method;
            il.Emit(plain.IsStatic || plain.DeclaringType!.IsValueType ? OpCodes.Call : OpCodes.Callvirt, plain);
            result = plain.ReturnType;
        }
        if (result.IsByRef) il.Emit(OpCodes.Ldobj, result = result.GetElementType()!);
        if (result == typeof(void)) il.Emit(OpCodes.Ldnull);
        else if (IsSpan(result))
            il.Emit(OpCodes.Call, typeof(Shim).GetMethod(result.Name.StartsWith("Read", StringComparison.Ordinal) ? nameof(ReadEnds) : nameof(ReadSpanEnds))!
                .MakeGenericMethod(result.GetGenericArguments()));
        else if (result.IsByRefLike) Dispose(il, result);
        else il.Emit(OpCodes.Box, result);
        for (int i = 0; i < parameters.Length; i++)
        {
            if (locals[i] is not { } local || IsSpan(local.LocalType)) continue;
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldloc, local);
            il.Emit(OpCodes.Box, local.LocalType);
            il.Emit(OpCodes.Stelem_Ref);
        }
        il.Emit(OpCodes.Ret);
        return made.CreateDelegate<Call>();
    }

    private static void Dispose(ILGenerator il, Type type)
    {
        LocalBuilder local = il.DeclareLocal(type);
        il.Emit(OpCodes.Stloc, local);
        il.Emit(OpCodes.Ldloca, local);
        il.Emit(OpCodes.Call, type.GetMethod(nameof(IDisposable.Dispose))!);
        il.Emit(OpCodes.Ldnull);
    }

    public static bool IsSpan(Type type) =>
        type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(ReadOnlySpan<>) || type.GetGenericTypeDefinition() == typeof(Span<>));

    public static object? ReadEnds<T>(ReadOnlySpan<T> span) => span.Length > 0 ? (span[0], span[^1]) : null;

    public static object? ReadSpanEnds<T>(Span<T> span) => ReadEnds<T>(span);
}
