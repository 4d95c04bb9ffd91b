namespace Facula.Backends.Cuda;

/// <summary>
/// What tells one normalisation of rows from another: whether it is the gradient of the input; whether rows are centred; the types of the result, the input, the
/// gradient, weight and bias, null where there is none; whether statistics are kept; how rows lie.
/// </summary>
internal readonly record struct RowNormKey(bool IsGradient, bool IsCentred, DType Y, DType X, DType? G, DType? Weight, DType? Bias, bool KeepsMeans, bool KeepsScales,
    LineShape Lines);

/// <summary>Normalisation of rows by their own mean and variance, or mean square, and the gradient of its input. Rows that fit into registers are read once.</summary>
internal static class RowNormKernel
{
    public static CudaKernel Build(RowNormKey key, int capability)
    {
        string types = string.Join("_", new[] { key.Y, key.X, key.G, key.Weight, key.Bias }.Select(type => type?.PyTorchName ?? "none"));
        string name = $"{(key.IsCentred ? "layer" : "rms")}_norm{(key.IsGradient ? "_grad" : "")}_{types}_{(key.KeepsMeans ? "m" : "")}{(key.KeepsScales ? "s" : "")}_{key.Lines}";
        var k = new Assembler(name, LineWalk.Threads);
        if (key.IsGradient) Gradient(k, key);
        else Forward(k, key);
        return k.Build();
    }

    private static void Forward(Assembler k, in RowNormKey key)
    {
        DType compute = key.X.Compute;
        PtxType type = FormulaPrinter.TypeOf(compute);
        var types = new List<DType> { key.Y, key.X };
        int weight = Next(key.Weight), bias = Next(key.Bias), means = Next(key.KeepsMeans ? compute : null), scales = Next(key.KeepsScales ? compute : null);
        var lines = new LineWalk(k, key.Lines, compute, [.. types]);
        Value eps = k.Parameter(PtxType.F64), count = k.Parameter(PtxType.F64);

        Value mean = k.Variable(PtxType.F64, 0.0), squares = k.Variable(PtxType.F64, 0.0);
        if (key.IsCentred)
        {
            lines.Pass([1], (x, _) =>
            {
                k.Set(mean, mean + k.Convert(PtxType.F64, x[0]));
                return null;
            });
            mean = lines.Sum(mean) / count;
        }
        // In two parts: one would lose the digits that a mean far from 0 has before the point.
        Value high = k.Convert(type, mean), low = k.Convert(type, mean - k.Convert(PtxType.F64, high));
        bool isCentred = key.IsCentred;
        lines.Pass([1], (x, _) =>
        {
            Value centred = Centred(x[0]);
            if (lines.Holds && isCentred)
            {
                k.Set(x[0], centred);
                centred = x[0];
            }
            Value difference = k.Convert(PtxType.F64, centred);
            k.Set(squares, k.MultiplyAdd(difference, difference, squares));
            return null;
        });
        Value root = k.Divide(k.Variable(PtxType.F64, 1.0), k.Sqrt(lines.Sum(squares) / count + eps)), scale = k.Convert(type, root);
        int[] read = [1, .. new[] { weight, bias }.Where(operand => operand > 0)];
        lines.Pass(read, (values, _) =>
        {
            Value normal = (lines.Holds ? values[0] : Centred(values[0])) * scale;
            if (weight > 0) normal *= values[1];
            return bias > 0 ? normal + values[^1] : normal;
        }, stores: true);
        lines.Once(() =>
        {
            if (means > 0) lines.Write(means, high);
            if (scales > 0) lines.Write(scales, scale);
        });

        Value Centred(Value x) => !isCentred ? x : type == PtxType.F32 ? x - high - low : x - high;

        int Next(DType? operand)
        {
            if (operand is not { } there) return 0;
            types.Add(there);
            return types.Count - 1;
        }
    }

    private static void Gradient(Assembler k, in RowNormKey key)
    {
        DType compute = key.X.Compute;
        PtxType type = FormulaPrinter.TypeOf(compute);
        bool isCentred = key.IsCentred, hasWeight = key.Weight is not null;
        List<DType> types = [key.Y, key.G!.Value, key.X, compute];
        if (isCentred) types.Add(compute);
        if (key.Weight is { } weight) types.Add(weight);
        var lines = new LineWalk(k, key.Lines, compute, [.. types]);
        Value count = k.Parameter(PtxType.F64), scale = lines.Read(3, compute), mean = isCentred ? lines.Read(4, compute) : default;
        Value sum = k.Variable(PtxType.F64, 0.0), products = k.Variable(PtxType.F64, 0.0);
        int[] read = hasWeight ? [1, 2, types.Count - 1] : [1, 2];
        lines.Pass(read, (values, _) =>
        {
            (Value own, Value normal) = Terms(values);
            if (lines.Holds)
            {
                if (hasWeight) k.Set(values[0], own);
                k.Set(values[1], normal);
                (own, normal) = (values[0], values[1]);
            }
            Value wide = k.Convert(PtxType.F64, own);
            if (isCentred) k.Set(sum, sum + wide);
            k.Set(products, k.MultiplyAdd(wide, k.Convert(PtxType.F64, normal), products));
            return null;
        });
        Value product = k.Convert(type, lines.Sum(products) / count), average = isCentred ? k.Convert(type, lines.Sum(sum) / count) : default;
        lines.Pass(read, (values, _) =>
        {
            (Value own, Value normal) = lines.Holds ? (values[0], values[1]) : Terms(values);
            own = own - normal * product;
            return (isCentred ? own - average : own) * scale;
        }, stores: true);

        (Value Own, Value Normal) Terms(Value[] values) =>
            (hasWeight ? values[0] * values[2] : values[0], (isCentred ? values[1] - mean : values[1]) * scale);
    }
}
