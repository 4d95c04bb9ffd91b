namespace Facula.NN;

/// <summary>
/// Layers and losses as functions; they keep no state. torch.nn.functional. Write <c>using F = Facula.NN.Functional;</c> for PyTorch's short name.
/// </summary>
public static partial class Functional
{
    /// <inheritdoc cref="Tensor.OneHot"/>
    /// <param name="input">The labels, integers of any shape.</param>
    /// <param name="numClasses">How long the rows are; -1 for one more than the largest label, to find which waits for the device.</param>
    public static Tensor OneHot(Tensor input, int numClasses = -1)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.OneHot(numClasses);
    }
}
