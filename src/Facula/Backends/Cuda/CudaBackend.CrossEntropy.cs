namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    // Rows whose weights one block adds up while the others are at the rows themselves.
    private const int MaxCountedRows = 1 << 16;

    private readonly KernelCache<CrossEntropyKey> _crossEntropies = new(CrossEntropyKernel.Build);

    public override void CrossEntropy(in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options, in Operand losses,
        in Operand logNorms, in Operand totals)
    {
        int n = logits.Layout.Shape[0];
        if (logits.Layout.Count == 0)
        {
            base.CrossEntropy(logits, labels, weights, options, losses, logNorms, totals);
            return;
        }
        bool leavesCounts = n > MaxCountedRows;
        using var counts = new Scratch(this, [leavesCounts ? n : 0], DType.Float64);
        Layout rows = logits.Layout;
        var operands = new List<Operand> { logits, OneEachRow(labels, rows), OneEachRow(losses, rows), OneEachRow(logNorms, rows) };
        if (leavesCounts) operands.Add(OneEachRow(counts.Operand, rows));
        if (weights is { } w) operands.Add(ForEachRow(w, rows));
        Operand[] all = [.. operands];
        var plan = new LinePlan(1, all, 1, logits.DType.Compute);
        bool isSmooth = options.LabelSmoothing > 0;
        var key = new CrossEntropyKey(IsGradient: false, logits.DType, labels.DType, losses.DType, totals.DType, weights?.DType, isSmooth, leavesCounts, plan.Shape);
        using (CudaLaunch launch = Start(_crossEntropies, key, "crossEntropy"))
        {
            Add(launch, all, plan, options);
            launch.Add((uint)n);
            if (!leavesCounts) launch.Add(totals);
            launch.Run(BlocksOf(plan.Lines, plan.Shape.LinesPerBlock) + (leavesCounts ? 0 : 1));
        }
        if (leavesCounts) Reduce(new SumReduce(), DType.Float64, totals, counts.Operand);
    }

    public override void CrossEntropyGrad(in Operand gradients, in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options,
        in Operand logNorms, in Operand result)
    {
        if (logits.Layout.Count == 0) return;
        Layout rows = result.Layout;
        var operands = new List<Operand> { result, logits, OneEachRow(labels, rows), OneEachRow(gradients, rows), OneEachRow(logNorms, rows) };
        if (weights is { } w) operands.Add(ForEachRow(w, rows));
        Operand[] all = [.. operands];
        var plan = new LinePlan(1, all, 1, logits.DType.Compute);
        var key = new CrossEntropyKey(IsGradient: true, logits.DType, labels.DType, gradients.DType, result.DType, weights?.DType, options.LabelSmoothing > 0, false,
            plan.Shape);
        using CudaLaunch launch = Start(_crossEntropies, key, "crossEntropy");
        Add(launch, all, plan, options);
        launch.Run(BlocksOf(plan.Lines, plan.Shape.LinesPerBlock));
    }

    private static void Add(in CudaLaunch launch, ReadOnlySpan<Operand> operands, LinePlan plan, in CrossEntropyOptions options)
    {
        foreach (ref readonly Operand operand in operands) launch.Add(operand);
        plan.Add(in launch);
        launch.AddIndexError(IndexError.CrossEntropy, 1);
        launch.Add(options.IgnoreIndex);
        launch.Add(1 - options.LabelSmoothing);
        launch.Add(options.LabelSmoothing / plan.Length);
    }
}
