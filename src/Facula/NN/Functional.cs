namespace Facula.NN;

/// <summary>
/// Layers and losses as functions; they keep no state. torch.nn.functional. Write <c>using F = Facula.NN.Functional;</c> for PyTorch's short name.
/// </summary>
public static partial class Functional
{
}
