namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    private readonly KernelCache<SoftmaxKey> _softmaxes = new(SoftmaxKernel.Build);

    public override void Softmax(in Operand x, in Operand y, int dim, bool log)
    {
        if (y.Layout.Count == 0) return;
        ReadOnlySpan<Operand> operands = [y, x];
        var plan = new LinePlan(dim, operands, 1, y.DType.Compute);
        Launch(_softmaxes, new(log, IsGradient: false, y.DType, x.DType, default!, plan.Shape), plan, operands, log ? "logSoftmax" : "softmax");
    }

    public override void SoftmaxGrad(in Operand gradient, in Operand y, in Operand result, int dim, bool log)
    {
        if (result.Layout.Count == 0) return;
        int[] shape = result.Layout.Shape;
        ReadOnlySpan<Operand> operands = [result, gradient.With(gradient.Layout.Expand(shape)!), y];
        var plan = new LinePlan(dim, operands, 2, result.DType.Compute);
        Launch(_softmaxes, new(log, IsGradient: true, result.DType, gradient.DType, y.DType, plan.Shape), plan, operands, log ? "logSoftmax" : "softmax");
    }

    /// <summary>Launches a kernel of lines that takes nothing else.</summary>
    private void Launch<TKey>(KernelCache<TKey> kernels, TKey key, LinePlan plan, ReadOnlySpan<Operand> operands, string operation) where TKey : struct, IEquatable<TKey>
    {
        using CudaLaunch launch = Start(kernels, key, operation);
        foreach (ref readonly Operand operand in operands) launch.Add(operand);
        plan.Add(in launch);
        launch.Run(BlocksOf(plan.Lines, plan.Shape.LinesPerBlock));
    }
}
