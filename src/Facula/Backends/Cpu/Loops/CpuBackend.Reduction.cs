namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void Reduce<TReduce>(TReduce reduce, DType compute, in Operand y, in Operand x) => ReduceLoop.Run(reduce, compute.Compute, y, x);

    public override void ArgReduce(in Operand x, in Operand values, in Operand indices, int dim, bool largest) =>
        LineLoop.Run(new ExtremeKernel(largest), x.DType.Compute, dim, 3, x, values.With(values.Layout.Squeeze(dim)), indices.With(indices.Layout.Squeeze(dim)));

    public override void CumSum(in Operand x, in Operand y, int dim) => LineLoop.Run(new CumSumKernel(), y.DType.Compute, dim, 2, y, x);

    public override void Softmax(in Operand x, in Operand y, int dim, bool log) => LineLoop.Run(new SoftmaxKernel(log), y.DType.Compute, dim, 2, y, x);

    public override void SoftmaxGrad(in Operand gradient, in Operand y, in Operand result, int dim, bool log) =>
        LineLoop.Run(new SoftmaxGradKernel(log), result.DType.Compute, dim, 3, result, gradient, y);
}
