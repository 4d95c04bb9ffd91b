namespace Facula.Backends.Cuda;

/// <summary>
/// What tells one cross-entropy from another: whether it is the gradient; the types of logits, labels, losses or their gradients, the total or the result, and
/// weights, null where there are none; whether labels are smoothed; whether the weights that count are left for each row, as there are too many to be added up
/// by one block; how rows lie.
/// </summary>
internal readonly record struct CrossEntropyKey(
    bool IsGradient, DType Logits, DType Labels, DType Losses, DType Result, DType? Weights, bool IsSmooth, bool LeavesCounts, LineShape Lines);

/// <summary>
/// Cross-entropy of rows of logits and class labels. Forward, one more block than there are of rows adds up the weights that count. Arguments behind those of
/// the lines: <see cref="IndexErrors"/>; the label to ignore; the shares of the label and of each class; then the number of rows and, where one block adds them
/// up, where the total goes.
/// </summary>
internal static class CrossEntropyKernel
{
    public static CudaKernel Build(CrossEntropyKey key, int capability)
    {
        string types = string.Join("_", new[] { key.Logits, key.Labels, key.Losses, key.Result, key.Weights }.Select(type => type?.PyTorchName ?? "none"));
        string name = $"cross_entropy{(key.IsGradient ? "_grad" : "")}_{types}_{(key.IsSmooth ? "s" : "")}{(key.LeavesCounts ? "c" : "")}_{key.Lines}";
        var k = new Assembler(name, LineWalk.Threads);
        if (key.IsGradient) Gradient(k, key);
        else Forward(k, key);
        return k.Build();
    }

    private static void Forward(Assembler k, CrossEntropyKey key)
    {
        const int Logits = 0, Labels = 1, Losses = 2, Norms = 3;
        DType compute = key.Logits.Compute;
        List<DType> types = [key.Logits, key.Labels, key.Losses, DType.Float64];
        int counts = key.LeavesCounts ? types.Count : 0;
        if (key.LeavesCounts) types.Add(DType.Float64);
        int weights = key.Weights is null ? 0 : types.Count;
        if (key.Weights is { } ofWeights) types.Add(ofWeights);
        var lines = new LineWalk(k, key.Lines, compute, [.. types]);
        var errors = new IndexErrors(k);
        var labels = new LabelRule(k, k.Parameter(PtxType.S64), lines.Length);
        Value own = k.Parameter(PtxType.F64), each = k.Parameter(PtxType.F64), rows = k.Parameter(PtxType.U32);
        if (key.LeavesCounts)
        {
            Rows();
            return;
        }
        Value total = k.Pointer(key.Result.Size);
        k.If(k.Equal(k.Special("ctaid.x"), k.Special("nctaid.x") - 1), Total, Rows);

        void Rows()
        {
            (Value max, Value sum) = SoftmaxKernel.ExponentialSum(k, lines, FormulaPrinter.TypeOf(compute), Logits, keeps: false);
            Value norm = k.Convert(PtxType.F64, max) + Functions.Log(k, sum), all = k.Variable(PtxType.F64, 0.0);
            if (key.IsSmooth)
            {
                lines.Pass(weights > 0 ? [Logits, weights] : [Logits], (values, _) =>
                {
                    Value difference = norm - k.Convert(PtxType.F64, values[0]);
                    k.Set(all, weights > 0 ? k.MultiplyAdd(difference, k.Convert(PtxType.F64, values[1]), all) : all + difference);
                    return null;
                });
                all = lines.Sum(all);
            }
            lines.Once(() =>
            {
                Value label = lines.Read(Labels, DType.Int64), loss = k.Variable(PtxType.F64, 0.0), count = k.Variable(PtxType.F64, 0.0);
                k.If(labels.IsClass(label), () =>
                {
                    k.Set(count, weights > 0 ? lines.Read(weights, DType.Float64, label.As(PtxType.S64)) : 1.0);
                    k.Set(loss, (norm - lines.Read(Logits, DType.Float64, label)) * count * own);
                    if (key.IsSmooth) k.Set(loss, k.MultiplyAdd(all, each, loss));
                }, () => k.If(labels.Counts(label), () => errors.Leave(label, lines.Length, lines.Line)));
                lines.Write(Losses, loss);
                lines.Write(Norms, k.Select(labels.Counts(label), norm, 0.0));
                if (counts > 0) lines.Write(counts, count);
            });
        }

        void Total()
        {
            Value sum = k.Variable(PtxType.F64, 0.0), thread = k.Special("tid.x");
            k.For(PtxType.U32, thread, rows, LineWalk.Threads, row =>
            {
                Value label = lines.ReadOf(row, Labels, DType.Int64);
                k.If(labels.IsClass(label), () => k.Set(sum, sum + (weights > 0 ? lines.Read(weights, DType.Float64, label) : (Value)1.0)));
            });
            Value all = lines.SumOfBlock(sum);
            k.If(k.Equal(thread, 0), () => k.StoreGlobal(Elements.Stored(key.Result), total, [Elements.Store(k, all, key.Result)]));
        }
    }

    private static void Gradient(Assembler k, in CrossEntropyKey key)
    {
        const int Logits = 1, Labels = 2, Losses = 3, Norms = 4, Weights = 5;
        DType compute = key.Logits.Compute;
        PtxType type = FormulaPrinter.TypeOf(compute);
        List<DType> types = [key.Result, key.Logits, key.Labels, key.Losses, DType.Float64];
        if (key.Weights is { } ofWeights) types.Add(ofWeights);
        bool isWeighted = key.Weights is not null, isSmooth = key.IsSmooth;
        var lines = new LineWalk(k, key.Lines, compute, [.. types]);
        var errors = new IndexErrors(k);
        var labels = new LabelRule(k, k.Parameter(PtxType.S64), lines.Length);
        Value own = k.Parameter(PtxType.F64), each = k.Parameter(PtxType.F64);

        Value label = lines.Read(Labels, DType.Int64), isClass = labels.IsClass(label);
        lines.Once(() => k.If(!isClass & labels.Counts(label), () => errors.Leave(label, lines.Length, lines.Line)));
        Value number = k.Convert(PtxType.U32, k.Select(isClass, label, -1)), norm = lines.Read(Norms, DType.Float64), gradient = lines.Read(Losses, compute);
        // In two parts: one would lose the digits that a large logit has before the point.
        Value high = k.Convert(type, norm), low = k.Convert(type, norm - k.Convert(PtxType.F64, high));
        Value weight = k.Variable(PtxType.F64, 1.0), sum = k.Variable(PtxType.F64, 0.0);
        if (isWeighted) k.If(isClass, () => k.Set(weight, lines.Read(Weights, DType.Float64, label)));
        Value ofLabel = k.Convert(type, weight * own), ofEach = k.Convert(type, each);
        Value all = k.Convert(type, lines.Length);
        if (isWeighted && isSmooth)
        {
            lines.Pass([Weights], (values, _) =>
            {
                k.Set(sum, sum + k.Convert(PtxType.F64, values[0]));
                return null;
            });
            all = k.Convert(type, lines.Sum(sum));
        }
        lines.Pass(isWeighted && isSmooth ? [Logits, Weights] : [Logits], (values, i) =>
        {
            Value share = Functions.Exp(k, type == PtxType.F32 ? values[0] - high - low : values[0] - high);
            Value slope = k.Select(k.Equal(i(), number), share - 1.0, share) * ofLabel;
            if (isSmooth) slope = k.MultiplyAdd(k.MultiplyAdd(share, all, isWeighted ? -values[1] : k.Variable(type, -1.0)), ofEach, slope);
            return k.Select(isClass, slope * gradient, 0.0);
        }, stores: true);
    }

    /// <summary>Which labels count, and which are classes.</summary>
    private sealed class LabelRule(Assembler k, Value ignored, Value classes)
    {
        public Value Counts(Value label) => k.NotEqual(label, ignored);

        // As unsigned numbers, negative ones are beyond every size.
        public Value IsClass(Value label) => Counts(label) & (label.As(PtxType.U64) < k.Convert(PtxType.U64, classes));
    }
}
