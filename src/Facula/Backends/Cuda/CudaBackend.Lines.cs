namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    // Lines so short, or so many, that each has a thread.
    private const int ShortLine = 64, ManyLines = 1 << 14;

    private readonly KernelCache<CumSumKey> _cumSums = new(CumSumKernel.Build);
    private readonly KernelCache<ArgReduceKey> _argReductions = new(ArgReduceKernel.Build);

    public override void CumSum(in Operand x, in Operand y, int dim)
    {
        if (y.Layout.Count == 0) return;
        ReadOnlySpan<Operand> operands = [y, x];
        ElementPlan plan = LineStarts.PlanOf(dim, operands);
        int length = y.Layout.Shape[dim];
        bool isAlong = plan.Count == 1 || Math.Abs(y.Layout.Strides[dim]) <= Math.Abs(plan.Stride(0, plan.Rank - 1));
        bool isSerial = length <= ShortLine || plan.Count >= ManyLines || (!isAlong && plan.Count >= CumSumKernel.Threads);
        using CudaLaunch launch = Start(_cumSums, new(x.DType, y.DType, isSerial, plan.Rank), "cumSum");
        LineStarts.Add(in launch, plan, dim, operands);
        launch.Add((ulong)plan.Count);
        launch.Add((long)length);
        launch.Run(BlocksOf(plan.Count, isSerial ? CumSumKernel.Threads : 1));
    }

    public override void ArgReduce(in Operand x, in Operand values, in Operand indices, int dim, bool largest)
    {
        if (x.Layout.Count == 0) return;
        ReadOnlySpan<Operand> operands = [x, OneEachLine(values, x.Layout, dim), OneEachLine(indices, x.Layout, dim)];
        var plan = new LinePlan(dim, operands, 1, x.DType.IsFloatingPoint ? x.DType.Compute : DType.Int64);
        Launch(_argReductions, new(x.DType, largest, plan.Shape), plan, operands, largest ? "max" : "min");
    }

    /// <summary>What has size 1 along a dimension as one for all of each line of another layout.</summary>
    private static Operand OneEachLine(in Operand x, Layout lines, int dim)
    {
        var strides = (long[])x.Layout.Strides.Clone();
        strides[dim] = 0;
        return x.With(new(lines.Shape, strides, x.Layout.Offset));
    }
}
