namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    private readonly KernelCache<PoolKey> _pools = new(PoolKernel.Build);

    public override void MaxPool(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, ActivationKind activation) =>
        Pool(PoolOperation.Max, x, y, taps, plan, activation == ActivationKind.Relu);

    public override void MaxPoolGrad(in Operand g, in Operand taps, in Operand x, PoolPlan plan) => Pool(PoolOperation.MaxGrad, g, x, taps, plan, false);

    public override void AveragePool(in Operand x, in Operand y, PoolPlan plan) => Pool(PoolOperation.Average, x, y, null, plan, false);

    public override void AveragePoolGrad(in Operand g, in Operand x, PoolPlan plan) => Pool(PoolOperation.AverageGrad, g, x, null, plan, false);

    private void Pool(PoolOperation operation, in Operand from, in Operand to, in Operand? taps, PoolPlan plan, bool isRelu)
    {
        Layout layout = to.Layout;
        if (layout.Count == 0) return;
        int rank = layout.Rank - 2;
        bool isLast = layout.Shape[1] > 1 && Math.Abs(layout.Strides[1]) <= Math.Abs(layout.Strides[^1]), isWide = layout.Count > int.MaxValue - PoolKernel.Threads;
        bool isAverage = operation is PoolOperation.Average or PoolOperation.AverageGrad;
        var key = new PoolKey(operation, to.DType, taps?.DType, isRelu, isAverage && plan.Divisor is not null, isLast, isWide, rank,
            new(plan.DepthAxis), new(plan.HeightAxis), new(plan.WidthAxis));
        using CudaLaunch launch = Start(_pools, key, Named(operation));
        launch.Add(from);
        launch.Add(to);
        if (taps is { } given) launch.Add(given);
        AddCount(launch, layout.Count, isWide);
        int[] shape = layout.Shape, sizes = isLast ? [.. shape[2..], shape[1]] : shape[1..];
        foreach (int size in sizes) CoordinateWalk.AddSize(in launch, size, isWide);
        foreach (long stride in from.Layout.Strides) launch.Add(stride);
        foreach (long stride in layout.Strides) launch.Add(stride);
        if (taps is { } known)
        {
            foreach (long stride in known.Layout.Strides) launch.Add(stride);
        }
        foreach (PoolAxis axis in ((PoolAxis[])[plan.DepthAxis, plan.HeightAxis, plan.WidthAxis])[^rank..]) PoolWalk.Add(launch, axis);
        if (key.HasDivisor) AddNumber(launch, plan.Divisor!.Value, to.DType.Compute);
        launch.Run(BlocksOf(layout.Count, PoolKernel.Threads));
    }

    private static string Named(PoolOperation operation) => operation switch
    {
        PoolOperation.Max => "maxPool",
        PoolOperation.MaxGrad => "maxPoolGrad",
        PoolOperation.Average => "averagePool",
        _ => "averagePoolGrad",
    };
}
