namespace Facula.Backends.Cuda;

/// <summary>
/// What tells one such kernel from another: the types of gradient, input and statistics; whether rows are centred; the types of the gradients of weight and bias,
/// null where one is not wanted; whether several blocks share a column.
/// </summary>
internal readonly record struct RowNormWeightKey(DType G, DType X, bool IsCentred, DType? Weight, DType? Bias, bool IsPartial);

/// <summary>
/// The gradients of weight and bias of a normalisation of rows: sums over rows, in double, in an order that hangs on sizes alone. Where several blocks share a
/// column, they leave what they have as [parts, 2, columns], and a second kernel adds that up.
/// </summary>
internal static class RowNormWeightKernel
{
    public const int Threads = 256, Columns = 32, RowLanes = Threads / Columns;

    public static CudaKernel Build(RowNormWeightKey key, int capability)
    {
        string types = string.Join("_", new DType?[] { key.G, key.X, key.Weight, key.Bias }.Select(type => type?.PyTorchName ?? "none"));
        var k = new Assembler($"row_norm_weight_{types}_{(key.IsCentred ? "c" : "")}{(key.IsPartial ? "p" : "")}", Threads);
        DType compute = key.X.Compute;
        Value g = k.Pointer(key.G.Size), x = k.Pointer(key.X.Size), scales = k.Pointer(compute.Size), means = key.IsCentred ? k.Pointer(compute.Size) : default;
        Value[] results = [.. Results(key).Select(result => k.Pointer(result.Type.Size))];
        Value rows = k.Parameter(PtxType.S64), columns = k.Parameter(PtxType.S64), chunk = k.Parameter(PtxType.S64);
        Value gRow = k.Parameter(PtxType.S64), gColumn = k.Parameter(PtxType.S64), xRow = k.Parameter(PtxType.S64), xColumn = k.Parameter(PtxType.S64);
        Value scaleStride = k.Parameter(PtxType.S64), meanStride = key.IsCentred ? k.Parameter(PtxType.S64) : default;
        Value[] strides = [.. Results(key).Select(_ => k.Parameter(PtxType.S64))];

        Value thread = k.Special("tid.x"), part = k.Convert(PtxType.S64, k.Special("ctaid.y"));
        Value column = k.MultiplyAddWide(k.Special("ctaid.x"), Columns, k.Convert(PtxType.U64, thread & Columns - 1)).As(PtxType.S64);
        Value ofWeight = k.Variable(PtxType.F64, 0.0), ofBias = k.Variable(PtxType.F64, 0.0), isThere = column < columns;
        Value first = part * chunk, end = k.Min(first + chunk, rows);
        k.If(isThere, () => k.For(PtxType.S64, first + k.Convert(PtxType.S64, thread >> 5), end, RowLanes, row =>
        {
            Value gradient = Element(g, key.G, row * gRow + column * gColumn), wide = k.Convert(PtxType.F64, gradient);
            k.Set(ofBias, ofBias + wide);
            if (key.Weight is null) return;
            Value value = Element(x, key.X, row * xRow + column * xColumn);
            if (key.IsCentred) value -= Element(means, compute, row * meanStride);
            k.Set(ofWeight, k.MultiplyAdd(wide, k.Convert(PtxType.F64, value * Element(scales, compute, row * scaleStride)), ofWeight));
        }));
        Value shared = k.SharedMemory(2 * Threads * sizeof(double)), own = k.MultiplyAdd(thread, sizeof(double), shared);
        k.StoreShared(PtxType.F64, own, [ofWeight]);
        k.StoreShared(PtxType.F64, own, [ofBias], Threads * sizeof(double));
        k.Barrier();
        k.If(isThere & (thread < Columns), () =>
        {
            int i = 0;
            foreach ((DType type, int which) in Results(key))
            {
                int at = which * Threads * sizeof(double);
                Value sum = k.LoadShared(PtxType.F64, own, 1, at)[0];
                for (int lane = 1; lane < RowLanes; lane++) sum += k.LoadShared(PtxType.F64, own, 1, at + lane * Columns * sizeof(double))[0];
                Value place = column * strides[i];
                if (key.IsPartial) place = (part * 2 + which) * columns + column;
                k.StoreGlobal(Elements.Stored(type), k.MultiplyAdd(place, type.Size, results[i].As(PtxType.S64)), [Elements.Store(k, sum, type)]);
                i++;
            }
        });
        return k.Build();

        Value Element(Value pointer, DType type, Value place) =>
            Elements.Load(k, type, k.LoadGlobal(Elements.Stored(type), k.MultiplyAdd(place, type.Size, pointer.As(PtxType.S64)))[0], compute);
    }

    /// <summary>What is written: where several blocks share a column, doubles to one place.</summary>
    private static IEnumerable<(DType Type, int Which)> Results(RowNormWeightKey key)
    {
        if (key.Weight is { } weight) yield return (key.IsPartial ? DType.Float64 : weight, 0);
        if (key.Bias is { } bias) yield return (key.IsPartial ? DType.Float64 : bias, 1);
    }
}
