namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void MatMul(in Operand a, in Operand b, in Operand y, double alpha, double beta, in Operand? bias) => throw new NotSupportedException();
    public override void Gather(in Operand x, in Operand index, in Operand y, int dim) => throw new NotSupportedException();
    public override void Scatter(in Operand x, in Operand index, in Operand y, int dim, bool add) => throw new NotSupportedException();
    public override void IndexSelect(in Operand x, in Operand index, in Operand y, int dim) => throw new NotSupportedException();
    public override void IndexPut(in Operand x, in Operand index, in Operand y, int dim, bool add) => throw new NotSupportedException();
    public override void Sort(in Operand x, in Operand values, in Operand indices, int dim, bool descending) => throw new NotSupportedException();
    public override long CountNonZero(in Operand x) => throw new NotSupportedException();
    public override void NonZero(in Operand x, in Operand y) => throw new NotSupportedException();
}
