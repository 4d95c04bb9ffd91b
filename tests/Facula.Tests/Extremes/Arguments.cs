using System.Collections;
using System.Linq.Expressions;
using System.Reflection;
using Facula.NN;

namespace Facula.Tests.Extremes;

/// <summary>What a delegate made here throws: not the library's fault.</summary>
internal sealed class OurOwnException : Exception;

/// <summary>Arguments of any type, from a seed: calm ones with which a call may succeed, and wild ones.</summary>
internal sealed class Arguments(Random random, bool vast, string folder)
{
    private const int MaxDepth = 6;

    // Out of ten.
    private int _wildness = random.Next(4) * 2;
    private int _depth;

    private static readonly int[] WildInts =
    [
        0, -1, 1, 2, int.MinValue, int.MaxValue, int.MinValue + 1, int.MaxValue - 1, 1 << 30, -(1 << 30), 1 << 29, 1 << 16, 46341, 65536, 64, 65, -2, -64,
        1000, 715827883,
    ];

    private static readonly double[] Reals =
        [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -1, double.MaxValue, double.MinValue, double.Epsilon, 1e-300, -0.0, 1e10, 2e9, 1e19,
            -1e19, 1.5, 3e38];

    private static readonly DType[] DTypes = [.. DType.All];

    private bool Wild => random.Next(10) < _wildness;

    private T Pick<T>(params ReadOnlySpan<T> values) => values[random.Next(values.Length)];

    public object? Of(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        if (parameter.Name == "download") return false;
        if (parameter.HasDefaultValue && random.Next(3) == 0 && (parameter.DefaultValue is not null || !type.IsValueType)) return Default(parameter, type);
        return Of(type.IsByRef ? type.GetElementType()! : type, parameter.Name ?? "");
    }

    private static object? Default(ParameterInfo parameter, Type type) =>
        type.IsEnum ? Enum.ToObject(type, parameter.DefaultValue!)
            : Nullable.GetUnderlyingType(type) is { IsEnum: true } e ? Enum.ToObject(e, parameter.DefaultValue!) : parameter.DefaultValue;

    /// <summary>An object to call methods of; null if none could be made.</summary>
    public object? Instance(Type type)
    {
        if (type == typeof(Tensor)) return Tensor(mayBeNull: false);
        int wildness = _wildness;
        // Mostly as one would make it, so that what its methods do is tried, not how it is made.
        if (random.Next(4) > 0) _wildness = 0;
        try
        {
            for (int i = 0; i < 20; i++)
            {
                if (Object(type, "") is { } made) return made;
            }
            return null;
        }
        finally
        {
            _wildness = wildness;
        }
    }

    public object? Of(Type type, string name)
    {
        _depth++;
        try
        {
            if (type == typeof(bool)) return random.Next(2) == 0;
            if (type == typeof(int)) return Int();
            if (type == typeof(long)) return Wild ? Pick(long.MinValue, long.MaxValue, long.MinValue + 1, 1L << 62, int.MaxValue + 1L, -1, 0) : (long)Int();
            if (type == typeof(double)) return Double();
            if (type == typeof(float)) return (float)Double();
            if (type == typeof(Half)) return (Half)Double();
            if (type == typeof(decimal)) return (decimal)random.Next(5);
            if (type == typeof(byte)) return (byte)random.Next(256);
            if (type == typeof(ushort)) return (ushort)random.Next(65536);
            if (type == typeof(string)) return Text();
            if (type == typeof(object)) return Pick<object?>(null, 1.0, 1L, true, "text", new object());
            if (type.IsEnum)
                return Wild ? Enum.ToObject(type, Pick(200, 255, 77))
                    : Pick(Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(v => Enum.ToObject(type, v)).ToArray());
            if (Nullable.GetUnderlyingType(type) is { } inner) return random.Next(3) == 0 ? null : Of(inner, name);
            if (type == typeof(Tensor)) return Tensor(mayBeNull: true);
            if (type == typeof(Parameter)) return Wild ? null : new Parameter(Tensor(false)!.Detach().To(DType.Float32));
            if (type == typeof(Shape)) return Shape();
            if (type == typeof(Device)) return Wild ? null : random.Next(4) == 0 ? Device.Reference : Device.Cpu;
            if (type == typeof(Generator)) return random.Next(2) == 0 ? null : new Generator(random.Next());
            if (type == typeof(TimeSpan)) return Wild ? Pick(TimeSpan.MinValue, TimeSpan.MaxValue, TimeSpan.Zero, new TimeSpan(-1)) : TimeSpan.FromSeconds(30);
            if (type == typeof(CancellationToken)) return new CancellationToken(Wild);
            if (type == typeof(Array)) return NestedArray();
            if (type == typeof(Index)) return new Index(Math.Abs(Int() + 1L) is var at && at > int.MaxValue ? int.MaxValue : (int)at, random.Next(2) == 0);
            if (type == typeof(Range)) return new Range((Index)Of(typeof(Index), "")!, (Index)Of(typeof(Index), "")!);
            if (type.IsAssignableTo(typeof(Delegate))) return Wild ? null : Delegate(type);
            if (Shim.IsSpan(type)) return Items(type.GetGenericArguments()[0]);
            if (type.IsArray) return Wild ? null : Items(type.GetElementType()!);
            if (type.IsGenericType && type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal))
                return Activator.CreateInstance(type, [.. type.GetGenericArguments().Select(t => Of(t, ""))]);
            if (type.IsGenericType && type.IsInterface && type.Namespace == "System.Collections.Generic") return Wild ? null : Collection(type);
            if (!type.IsValueType && Wild) return null;
            return Object(type, name);
        }
        finally
        {
            _depth--;
        }
    }

    private int Int() => Wild ? Pick(WildInts) : Pick(0, 1, 1, 2, 2, 3, 4, -1);

    private double Double() => Wild ? Pick(Reals) : Pick(0, 0.5, 1, 2, 0.1, 0.9);

    private string? Text() => Wild
        ? Pick(null, "", "\0", folder, Path.Combine(folder, "absent", "x"), "a.b", new string('x', 5000), "..")
        : Pick(Path.Combine(folder, "file"), Path.Combine(folder, "other"), "0", "weight", "lr", "name");

    private Array Items(Type item)
    {
        int length = Wild ? Pick(0, 1, 5, 65, 70) : _depth > MaxDepth ? 0 : random.Next(4);
        Array items = Array.CreateInstance(item, length);
        for (int i = 0; i < length; i++) items.SetValue(Of(item, ""), i);
        return items;
    }

    private object? Collection(Type type)
    {
        Type[] items = type.GetGenericArguments();
        if (items.Length == 1)
            return items[0] is { IsGenericType: true } pair && pair.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)
                ? Dictionary(pair.GetGenericArguments()) : Items(items[0]);
        return type.Name.Contains("Dictionary", StringComparison.Ordinal) ? Dictionary(items) : null;
    }

    private IDictionary Dictionary(Type[] types)
    {
        var made = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(types))!;
        for (int i = random.Next(4); i > 0; i--)
        {
            if (Of(types[0], "") is { } key) made[key] = Of(types[1], "");
        }
        return made;
    }

    private Array? NestedArray() => random.Next(6) switch
    {
        0 => null,
        1 => new float[2, 3],
        2 => new int[][] { [1, 2], random.Next(2) == 0 ? null! : [3] },
        3 => new string[] { "x" },
        4 => Array.CreateInstance(typeof(int), [2, 2], [1, -1]),
        _ => new double[1, 0, 2, 1],
    };

    /// <summary>By a public constructor, conversion or property of the type or one that derives from it;
    /// null where the arguments that came did not suit.</summary>
    private object? Object(Type type, string name)
    {
        if (type.IsValueType && Wild) return Activator.CreateInstance(type);
        if (_depth > MaxDepth) return type.IsValueType ? Activator.CreateInstance(type) : null;
        Type[] concrete = Surface.Concrete(type);
        if (concrete.Length == 0) return null;
        Type chosen = Pick(concrete);
        MethodBase[] ways =
        [
            .. chosen.GetConstructors(),
            .. chosen.GetMethods(BindingFlags.Public | BindingFlags.Static)
                .Where(m => m.ReturnType == chosen && m.Name is not ("op_Explicit" or "Open") && !m.IsGenericMethod),
        ];
        if (ways.Length == 0) return type.IsValueType ? Activator.CreateInstance(type) : null;
        MethodBase way = Pick(ways);
        _depth++;
        try
        {
            return Shim.Of(way)(null, [.. way.GetParameters().Select(Of)]);
        }
        catch (Exception)
        {
            // Tried for its own sake elsewhere.
            return type.IsValueType ? Activator.CreateInstance(type) : null;
        }
        finally
        {
            _depth--;
        }
    }

    private Delegate Delegate(Type type)
    {
        MethodInfo invoke = type.GetMethod("Invoke")!;
        ParameterExpression[] parameters = [.. invoke.GetParameters().Select(p => Expression.Parameter(p.ParameterType))];
        Type result = invoke.ReturnType;
        Expression body = result == typeof(void) ? Expression.Empty() : Expression.Default(result);
        if (Wild) body = Expression.Throw(Expression.New(typeof(OurOwnException)), result);
        else if (result == typeof(double)) body = Expression.Constant(Double());
        else if (parameters.FirstOrDefault(p => p.Type == result) is { } same) body = same;
        else if (result == typeof(Tensor) && parameters.FirstOrDefault(p => p.Type == typeof(Tensor[])) is { } several)
            body = Expression.Call(typeof(Arguments).GetMethod(nameof(SumOfFirst))!, several);
        else if (result == typeof(Tensor) && !Wild) body = Expression.Constant(Tensor(false), typeof(Tensor));
        return Expression.Lambda(type, body, parameters).Compile(preferInterpretation: true);
    }

    public static Tensor SumOfFirst(Tensor[] tensors) => tensors.Length > 0 ? tensors[0].Sum() : Facula.Tensor.Zeros([]);

    private Shape Shape()
    {
        if (!Wild) return new Shape(Sizes());
        return random.Next(8) switch
        {
            0 => default,
            1 => new Shape([.. Enumerable.Repeat(1, Pick(64, 65, 100_000))]),
            2 => new Shape([.. Enumerable.Repeat(0, Pick(64, 65, 1000))]),
            3 => new Shape([int.MaxValue, int.MaxValue, int.MaxValue]),
            4 => new Shape([1 << 30, 1 << 30, 4]),
            5 => new Shape([0, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue]),
            _ => new Shape([.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Int())]),
        };
    }

    private int[] Sizes()
    {
        var sizes = new int[Pick(0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5)];
        foreach (ref int size in sizes.AsSpan()) size = Pick(1, 2, 2, 2, 3, 4);
        if (random.Next(12) == 0 && sizes.Length > 0) sizes[random.Next(sizes.Length)] = 0;
        return sizes;
    }

    private Tensor? Tensor(bool mayBeNull)
    {
        if (Wild && WildTensor(mayBeNull) is var wild && (wild is not null || mayBeNull)) return wild;
        int[] sizes = Sizes();
        DType type = random.Next(3) == 0 ? Pick(DTypes) : DType.Float32;
        Device device = random.Next(10) == 0 ? Device.Reference : Device.Cpu;
        Tensor x = type.IsFloatingPoint ? Facula.Tensor.Rand(new Shape(sizes), type, device, generator: new Generator(random.Next()))
            : Facula.Tensor.RandInt(0, random.Next(1, 4), new Shape(sizes), type, device, new Generator(random.Next()));
        if (x.Rank > 1 && random.Next(4) == 0) x = x.Transpose(0, x.Rank - 1);
        if (x.Rank > 0 && x.Size(0) > 1 && random.Next(6) == 0) x = x[TensorIndex.Slice(step: 2)];
        if (type.IsFloatingPoint && random.Next(3) == 0)
        {
            x.RequiresGrad = true;
            if (random.Next(2) == 0) x = x * 2;
        }
        return x;
    }

    private Tensor? WildTensor(bool mayBeNull)
    {
        DType type = Pick(DTypes);
        switch (random.Next(mayBeNull ? 0 : 1, 11))
        {
            case 0:
                return null;
            case 1:
                return Facula.Tensor.Zeros(Pick<Shape>([0], [2, 0, 3], [0, 2], [3, 0]), type);
            case 2:
                return Facula.Tensor.Zeros(Pick<Shape>([0, int.MaxValue], [int.MaxValue, 0], [1, 0, 1 << 30, 1]), type);
            case 3:
                return Facula.Tensor.Full(new Shape(Sizes()), Pick(Reals), DType.Float32).To(Pick(DType.Float16, DType.Float32, DType.Float64));
            case 4:
                return Facula.Tensor.Full(new Shape(Sizes()), Pick(long.MinValue, long.MaxValue, -1, int.MinValue, 5, 1L << 40), DType.Int64);
            case 5:
                return Facula.Tensor.Ones([.. Enumerable.Repeat(1, 64)], type);
            case 6:
                Tensor disposed = Facula.Tensor.Ones([2, 2], type);
                disposed.Dispose();
                return disposed;
            case 7:
                using (Autograd.InferenceMode()) return Facula.Tensor.Ones(new Shape(Sizes()));
            default:
                if (!vast) return Facula.Tensor.Zeros([], type);
                Shape shape = Pick<Shape>([1 << 30, 1 << 30, 4], [int.MaxValue, int.MaxValue], [1 << 16, 1 << 16, 1 << 16], [1 << 30, 1, 1 << 30, 2],
                    [1, 1 << 30, 1 << 20, 2]);
                return Facula.Tensor.Ones(Enumerable.Repeat(1, shape.Count).ToArray(), type).Expand(shape);
        }
    }
}
