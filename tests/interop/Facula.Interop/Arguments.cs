using System.Globalization;
using System.Text.Json;
using Facula.NN;

namespace Facula.Interop;

/// <summary>The arguments of one call, as ../compare.py has written them: tensors, numbers, lists of numbers, names, null.</summary>
internal sealed class Arguments(JsonElement array)
{
    private readonly List<Tensor> _leaves = [];

    /// <summary>The tensors read so far that require gradients.</summary>
    public IReadOnlyList<Tensor> Leaves => _leaves;

    public Tensor T(int i) => Read(array[i]);

    public Tensor? TOrNull(int i) => IsNull(i) ? null : T(i);

    public Tensor[] Ts(int i) => [.. array[i].EnumerateArray().Select(Read)];

    public bool IsNull(int i) => array[i].ValueKind == JsonValueKind.Null;

    public bool IsTensor(int i) => array[i].ValueKind == JsonValueKind.Object && array[i].TryGetProperty("type", out _);

    public bool IsList(int i) => array[i].ValueKind == JsonValueKind.Array;

    public int I(int i) => array[i].GetInt32();

    public int? IOrNull(int i) => IsNull(i) ? null : I(i);

    public double D(int i) => Number(array[i]);

    public double? DOrNull(int i) => IsNull(i) ? null : D(i);

    public bool B(int i) => array[i].GetBoolean();

    public string S(int i) => array[i].GetString()!;

    public DType Type(int i) => TypeOf(S(i));

    public DType? TypeOrNull(int i) => IsNull(i) ? null : Type(i);

    public int[] Is(int i) => [.. array[i].EnumerateArray().Select(item => item.GetInt32())];

    public double[] Ds(int i) => [.. array[i].EnumerateArray().Select(Number)];

    public Shape Shape(int i) => [.. Is(i)];

    public Scalar N(int i) => array[i].ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => array[i].GetBoolean(),
        JsonValueKind.Number => array[i].GetInt64(),
        _ => D(i),
    };

    public Scalar? NOrNull(int i) => IsNull(i) ? null : N(i);

    /// <summary>A number for all dimensions of space, or a list with one for each.</summary>
    public SpatialSize Extent(int i)
    {
        if (IsNull(i)) return default;
        if (!IsList(i)) return I(i);
        int[] values = Is(i);
        return values.Length switch { 1 => values[0], 2 => (values[0], values[1]), _ => (values[0], values[1], values[2]) };
    }

    public Padding Padding(int i)
    {
        if (array[i].ValueKind == JsonValueKind.String) return S(i) == "same" ? NN.Padding.Same : NN.Padding.Valid;
        if (!IsList(i)) return I(i);
        int[] values = Is(i);
        return values.Length switch { 1 => values[0], 2 => (values[0], values[1]), _ => (values[0], values[1], values[2]) };
    }

    public Reduction Reduction(int i) => Enum.Parse<Reduction>(S(i), ignoreCase: true);

    /// <summary>What stands between brackets: numbers, {"slice": [start, stop, step]}, "...", null for a new dimension, and tensors.</summary>
    public TensorIndex[] Index(int i) => [.. array[i].EnumerateArray().Select(item => item.ValueKind switch
    {
        JsonValueKind.Number => item.GetInt32(),
        JsonValueKind.Null => TensorIndex.NewAxis,
        JsonValueKind.String => TensorIndex.Ellipsis,
        _ => item.TryGetProperty("slice", out JsonElement slice) ? TensorIndex.Slice(Bound(slice[0]), Bound(slice[1]), Bound(slice[2]) ?? 1)
            : (TensorIndex)Read(item),
    })];

    public static DType TypeOf(string name) => DType.Parse(name);

    private static int? Bound(JsonElement item) => item.ValueKind == JsonValueKind.Null ? null : item.GetInt32();

    private static double Number(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.Number => item.GetDouble(),
        _ => double.Parse(item.GetProperty("float").GetString()!, CultureInfo.InvariantCulture),
    };

    /// <summary>A leaf, and the views by which it comes to lie in memory as it is meant to.</summary>
    private Tensor Read(JsonElement item)
    {
        Shape shape = [.. item.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];
        Tensor tensor = TensorBytes.Read(TypeOf(item.GetProperty("type").GetString()!), shape, item.GetProperty("bytes").GetBytesFromBase64());
        if (item.GetProperty("grad").GetBoolean())
        {
            tensor.RequiresGrad = true;
            _leaves.Add(tensor);
        }
        foreach (JsonElement view in item.GetProperty("views").EnumerateArray())
        {
            int[] numbers = [.. view.EnumerateArray().Skip(1).Select(number => number.GetInt32())];
            tensor = view[0].GetString() switch
            {
                "permute" => tensor.Permute(numbers),
                "narrow" => tensor.Narrow(numbers[0], numbers[1], numbers[2]),
                "expand" => tensor.Expand(numbers),
                _ => tensor[[TensorIndex.Ellipsis, TensorIndex.Slice(null, null, numbers[0])]],
            };
        }
        return tensor;
    }
}
