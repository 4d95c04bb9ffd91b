namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    private readonly KernelCache<ReduceKey> _reductions = new(ReduceKernel.Build);

    public override void Reduce<TReduce>(TReduce reduce, DType compute, in Operand y, in Operand x)
    {
        if (y.Layout.Count == 0) return;
        FormulaKey formula = FormulaKey.OfReduce(reduce);
        Span<double> parameters = stackalloc double[FormulaParameters.Values.Length];
        FormulaParameters.Values.CopyTo(parameters);
        // In float64 a sum is right whatever the order, and however far it gets beyond float32 on the way.
        DType type = reduce.IsSum && compute.Compute == DType.Float32 ? DType.Float64 : compute.Compute;
        var plan = new ReducePlan(x.Layout, y.Layout, x.DType.Size);
        string operation = OperationName<TReduce>.Text;
        if (plan.Splits == 1)
        {
            Launch(ReducePhase.Whole, plan, formula, type, y, x, parameters, operation);
            return;
        }
        Layout parts = Layout.Contiguous([plan.Splits, (int)plan.Results]);
        using var scratch = new Scratch(this, parts.Shape, type);
        Launch(ReducePhase.Partial, plan, formula, type, scratch.Operand, x, parameters, operation);
        // The results, in the order in which the parts have them.
        int[] sizes = [.. plan.Kept.Select(dim => dim.Size)];
        Layout results = new([1, .. sizes], [0, .. plan.Kept.Select(dim => dim.Y)], y.Layout.Offset);
        Operand all = scratch.Operand.With(parts.Reshape([plan.Splits, .. sizes])!);
        Launch(ReducePhase.Last, new(all.Layout, results, type.Size), formula, type, y.With(results), all, parameters, operation);
    }

    private void Launch(ReducePhase phase, ReducePlan plan, FormulaKey formula, DType type, in Operand y, in Operand x, ReadOnlySpan<double> parameters,
        string operation)
    {
        bool isPartial = phase == ReducePhase.Partial, hasTail = plan.Elements % plan.Vector != 0;
        var key = new ReduceKey(formula, type, x.DType, y.DType, phase, plan.Kept.Count, plan.Reduced.Count, plan.Lanes, plan.IsAlong, plan.Vector, hasTail,
            plan.IsWide);
        using CudaLaunch launch = Start(_reductions, key, operation);
        launch.Add(x);
        launch.Add(y);
        AddCount(launch, plan.Results, plan.IsWide);
        AddCount(launch, plan.Units, plan.IsWide);
        // The last phase has one block for each result, however many parts there are.
        AddCount(launch, phase == ReducePhase.Last ? plan.Units : plan.Chunk, plan.IsWide);
        if (hasTail) AddCount(launch, plan.Elements, plan.IsWide);
        AddSizes(launch, plan.Kept, plan.IsWide);
        AddSizes(launch, plan.Reduced, plan.IsWide);
        foreach ((_, long stride, _) in plan.Kept) AddStride(launch, stride / plan.Vector, plan.IsWide);
        foreach ((_, _, long stride) in plan.Kept) AddStride(launch, isPartial ? 0 : stride, plan.IsWide);
        foreach ((_, long stride, _) in plan.Reduced) AddStride(launch, stride, plan.IsWide);
        foreach (double parameter in parameters) AddNumber(launch, parameter, type);
        launch.Run(BlocksOf(plan.Results, plan.Rows), phase == ReducePhase.Last ? 1 : plan.Splits);
    }

    private static void AddSizes(in CudaLaunch launch, IReadOnlyList<(int Size, long X, long Y)> dims, bool isWide)
    {
        for (int d = 1; d < dims.Count; d++) CoordinateWalk.AddSize(in launch, dims[d].Size, isWide);
    }

    private static void AddStride(in CudaLaunch launch, long stride, bool isWide)
    {
        if (isWide) launch.Add(stride);
        else launch.Add((int)stride);
    }
}
