namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void Random(in Operand y, Distribution distribution, ulong key, ulong counter) => throw new NotSupportedException();
    public override void CrossEntropy(in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options, in Operand losses, in Operand logNorms, in Operand totals) => throw new NotSupportedException();
    public override void CrossEntropyGrad(in Operand gradients, in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options, in Operand logNorms, in Operand result) => throw new NotSupportedException();
    public override void Update<TUpdate>(TUpdate update, ReadOnlySpan<UpdateTarget> targets) => throw new NotSupportedException();
}
