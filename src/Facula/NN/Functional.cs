namespace Facula.NN;

/// <summary>
/// Layers and losses as functions; they keep no state. torch.nn.functional. Write <c>using F = Facula.NN.Functional;</c> for PyTorch's short name.
/// </summary>
public static partial class Functional
{
    /// <summary>Vectors along a dimension, each divided by its p-norm, or by eps where that is larger. torch.nn.functional.normalize.</summary>
    /// <param name="input">Any shape, floating-point.</param>
    /// <param name="p">Which norm: 2 for the length, 1 for the sum of absolute values, infinity for the largest.</param>
    /// <param name="dim">The dimension along which a vector lies.</param>
    /// <param name="eps">The smallest divisor, so that zeros stay zeros.</param>
    public static Tensor Normalize(Tensor input, double p = 2, int dim = 1, double eps = 1e-12)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input / input.Norm(p, dim, keepDim: true).Clamp(min: eps);
    }

    /// <inheritdoc cref="Tensor.OneHot"/>
    /// <param name="input">The labels, integers of any shape.</param>
    /// <param name="numClasses">How long the rows are; -1 for one more than the largest label.</param>
    public static Tensor OneHot(Tensor input, int numClasses = -1)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.OneHot(numClasses);
    }
}
