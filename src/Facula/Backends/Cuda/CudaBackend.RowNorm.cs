namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    // Rows that a thread should at least add up before more blocks take part, and blocks that keep every device busy.
    private const int RowsPerThread = 16, ManyColumnBlocks = 1024;

    private readonly KernelCache<RowNormKey> _rowNorms = new(RowNormKernel.Build);
    private readonly KernelCache<RowNormWeightKey> _rowNormWeights = new(RowNormWeightKernel.Build);

    public override void RowNorm(in Operand x, in Operand? weight, in Operand? bias, double eps, bool centred, in Operand y, in Operand? means,
        in Operand? scales)
    {
        if (x.Layout.Count == 0) return;
        Layout rows = y.Layout;
        var operands = new List<Operand> { y, x };
        if (weight is { } w) operands.Add(ForEachRow(w, rows));
        if (bias is { } b) operands.Add(ForEachRow(b, rows));
        bool keepsMeans = centred && means is not null;
        if (keepsMeans) operands.Add(OneEachRow(means!.Value, rows));
        if (scales is { } s) operands.Add(OneEachRow(s, rows));
        Operand[] all = [.. operands];
        var plan = new LinePlan(1, all, 1, x.DType.Compute);
        var key = new RowNormKey(IsGradient: false, centred, y.DType, x.DType, null, weight?.DType, bias?.DType, keepsMeans, scales is not null, plan.Shape);
        using CudaLaunch launch = Start(_rowNorms, key, centred ? "layerNorm" : "rmsNorm");
        foreach (ref readonly Operand operand in all.AsSpan()) launch.Add(operand);
        plan.Add(in launch);
        launch.Add(eps);
        launch.Add((double)plan.Length);
        launch.Run(BlocksOf(plan.Lines, plan.Shape.LinesPerBlock));
    }

    public override void RowNormGrad(in Operand g, in Operand x, in Operand? weight, in Operand? means, in Operand scales, in Operand? input,
        in Operand? weightGrad, in Operand? bias)
    {
        if (x.Layout.Count == 0) return;
        bool isCentred = means is not null;
        string operation = isCentred ? "layerNorm" : "rmsNorm";
        if (weightGrad is not null || bias is not null) WeightGrad(g, x, means, scales, weightGrad, bias, operation);
        if (input is not { } result) return;
        Layout rows = result.Layout;
        var operands = new List<Operand> { result, g, x, OneEachRow(scales, rows) };
        if (means is { } m) operands.Add(OneEachRow(m, rows));
        if (weight is { } w) operands.Add(ForEachRow(w, rows));
        Operand[] all = [.. operands];
        var plan = new LinePlan(1, all, weight is null ? 2 : 3, x.DType.Compute);
        var key = new RowNormKey(IsGradient: true, isCentred, result.DType, x.DType, g.DType, weight?.DType, null, false, false, plan.Shape);
        using CudaLaunch launch = Start(_rowNorms, key, operation);
        foreach (ref readonly Operand operand in all.AsSpan()) launch.Add(operand);
        plan.Add(in launch);
        launch.Add((double)plan.Length);
        launch.Run(BlocksOf(plan.Lines, plan.Shape.LinesPerBlock));
    }

    private void WeightGrad(in Operand g, in Operand x, in Operand? means, in Operand scales, in Operand? weight, in Operand? bias, string operation)
    {
        int rows = x.Layout.Shape[0], columns = x.Layout.Shape[1], blocks = (columns + RowNormWeightKernel.Columns - 1) / RowNormWeightKernel.Columns;
        int parts = Math.Clamp(rows / (RowNormWeightKernel.RowLanes * RowsPerThread), 1, Math.Max(1, ManyColumnBlocks / blocks));
        if (parts == 1)
        {
            LaunchWeightGrad(g, x, means, scales, weight, bias, parts, blocks, operation);
            return;
        }
        using var scratch = new Scratch(this, [parts, 2, columns], DType.Float64);
        LaunchWeightGrad(g, x, means, scales, weight is null ? null : scratch.Operand, bias is null ? null : scratch.Operand, parts, blocks, operation);
        if (weight is { } w) Reduce(new SumReduce(), DType.Float64, w.With(w.Layout.Unsqueeze(0)), scratch.Operand.With(new([parts, columns], [2L * columns, 1], 0)));
        if (bias is { } b) Reduce(new SumReduce(), DType.Float64, b.With(b.Layout.Unsqueeze(0)), scratch.Operand.With(new([parts, columns], [2L * columns, 1], columns)));
    }

    private void LaunchWeightGrad(in Operand g, in Operand x, in Operand? means, in Operand scales, in Operand? weight, in Operand? bias, int parts, int blocks,
        string operation)
    {
        int rows = x.Layout.Shape[0];
        using CudaLaunch launch = Start(_rowNormWeights, new(g.DType, x.DType, means is not null, weight?.DType, bias?.DType, parts > 1), operation);
        launch.Add(g);
        launch.Add(x);
        launch.Add(scales);
        if (means is { } mean) launch.Add(mean);
        if (weight is { } ofWeight) launch.Add(ofWeight);
        if (bias is { } ofBias) launch.Add(ofBias);
        launch.Add((long)rows);
        launch.Add((long)x.Layout.Shape[1]);
        launch.Add((long)((rows + parts - 1) / parts));
        foreach (long stride in (ReadOnlySpan<long>)[g.Layout.Strides[0], g.Layout.Strides[1], x.Layout.Strides[0], x.Layout.Strides[1], scales.Layout.Strides[0]])
            launch.Add(stride);
        if (means is { } m) launch.Add(m.Layout.Strides[0]);
        if (weight is { } w) launch.Add(w.Layout.Strides[^1]);
        if (bias is { } b) launch.Add(b.Layout.Strides[^1]);
        launch.Run(blocks, parts);
    }

    /// <summary>[columns] as the same for each of some rows.</summary>
    private static Operand ForEachRow(in Operand x, Layout rows) => x.With(new(rows.Shape, [0, x.Layout.Strides[0]], x.Layout.Offset));

    /// <summary>[rows] as one for all of each row.</summary>
    private static Operand OneEachRow(in Operand x, Layout rows) => x.With(new(rows.Shape, [x.Layout.Strides[0], 0], x.Layout.Offset));
}
