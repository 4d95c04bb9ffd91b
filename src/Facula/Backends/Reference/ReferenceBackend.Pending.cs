namespace Facula.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    public override void ArgReduce(in Operand x, in Operand values, in Operand indices, int dim, bool largest) => throw new NotSupportedException();
    public override void CumSum(in Operand x, in Operand y, int dim) => throw new NotSupportedException();
    public override void Softmax(in Operand x, in Operand y, int dim, bool log) => throw new NotSupportedException();
    public override void SoftmaxGrad(in Operand gradient, in Operand y, in Operand result, int dim, bool log) => throw new NotSupportedException();
    public override void Random(in Operand y, Distribution distribution, ulong key, ulong counter) => throw new NotSupportedException();
    public override void CrossEntropy(in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options, in Operand losses, in Operand logNorms, in Operand totals) => throw new NotSupportedException();
    public override void CrossEntropyGrad(in Operand gradients, in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options, in Operand logNorms, in Operand result) => throw new NotSupportedException();
    public override void Update<TUpdate>(TUpdate update, ReadOnlySpan<UpdateTarget> targets) => throw new NotSupportedException();
}
