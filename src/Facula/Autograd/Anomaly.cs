namespace Facula;

/// <summary>The check of anomaly mode.</summary>
internal static class Anomaly
{
    public static void Check(Node node, ReadOnlySpan<Tensor?> gradients)
    {
        for (int i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is not { } gradient || !gradient.DType.IsFloatingPoint) continue;
            using GradModeScope scope = Autograd.NoGrad();
            if (!gradient.IsNaN().Any().Item<bool>()) continue;
            throw new InvalidOperationException($"Anomaly: backward of '{node.Name}' gave NaN in the gradient of its input {i}, of shape {gradient.Shape}. " +
                $"The operation was called{(node.Trace is null ? " outside anomaly mode." : ":" + Environment.NewLine + node.Trace)}");
        }
    }
}
