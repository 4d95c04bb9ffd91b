namespace Facula;

internal sealed class SoftmaxNode : Node
{
    private readonly int _dim;
    private readonly bool _log;

    public SoftmaxNode(Tensor y, int dim, bool log)
    {
        (_dim, _log) = (dim, log);
        Save(y);
    }

    public override string Name => _log ? "logSoftmax" : "softmax";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        Tensor y = A;
        if (into.CreateGraph)
        {
            into[0] = _log ? gradient - y.Exp() * gradient.Sum(_dim, keepDim: true) : y * (gradient - (gradient * y).Sum(_dim, keepDim: true));
            return;
        }
        Tensor result = Tensor.Allocate(y.Layout, y.DType, y.Device);
        y.Device.Backend.SoftmaxGrad(gradient.Operand, y.Operand, result.Operand, _dim, _log);
        into[0] = result;
    }
}

public partial class Tensor
{
    /// <summary>
    /// e^x divided by its sum along a dimension: positive numbers that add up to 1. torch.softmax.
    /// </summary>
    /// <param name="dim">The dimension.</param>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type.</exception>
    public Tensor Softmax(int dim) => SoftmaxOf("softmax", dim, false);

    /// <summary>The logarithm of <see cref="Softmax"/>, computed so that no digits are lost. torch.log_softmax.</summary>
    /// <param name="dim">The dimension.</param>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type.</exception>
    public Tensor LogSoftmax(int dim) => SoftmaxOf("logSoftmax", dim, true);

    /// <summary><see cref="Softmax"/> of the negative: the smallest element gets the largest share. torch.nn.functional.softmin.</summary>
    /// <param name="dim">The dimension.</param>
    public Tensor Softmin(int dim) => Neg().Softmax(dim);

    private Tensor SoftmaxOf(string name, int dim, bool log)
    {
        int d = Check.Dim(name, dim, Rank);
        Check.Floating(name, this);
        if (AutocastMode.Widens(this)) return To(DType.Float32).SoftmaxOf(name, dim, log);
        if (Rank == 0) return Reshape(1).SoftmaxOf(name, 0, log).Reshape([]);
        Tensor y = Allocate(Layout, DType, Device);
        if (y.Count > 0) Device.Backend.Softmax(Operand, y.Operand, d, log);
        return GradMode.Records(this) ? new SoftmaxNode(y, d, log).Record(y, this) : y;
    }
}
