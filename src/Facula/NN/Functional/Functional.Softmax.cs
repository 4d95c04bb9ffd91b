namespace Facula.NN;

public static partial class Functional
{
    /// <summary>e^x divided by its sum along a dimension. torch.nn.functional.softmax.</summary>
    public static Tensor Softmax(Tensor input, int dim) => Check.NotNull(input).Softmax(dim);

    /// <summary>The logarithm of <see cref="Softmax"/>. torch.nn.functional.log_softmax.</summary>
    public static Tensor LogSoftmax(Tensor input, int dim) => Check.NotNull(input).LogSoftmax(dim);
}
