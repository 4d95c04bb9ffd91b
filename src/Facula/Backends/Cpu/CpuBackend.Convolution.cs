namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void Convolution(in Operand x, in Operand w, in Operand? bias, in Operand y, Window window, int groups, bool rectify) => throw new NotSupportedException();

    public override void ConvolutionInputGrad(in Operand g, in Operand w, in Operand x, Window window, int groups) => throw new NotSupportedException();

    public override void ConvolutionWeightGrad(in Operand g, in Operand x, in Operand w, Window window, int groups) => throw new NotSupportedException();
}
