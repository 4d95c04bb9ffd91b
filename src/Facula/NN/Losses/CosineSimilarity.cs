namespace Facula.NN;

public static partial class Functional
{
    /// <summary>The cosine of the angle between vectors along a dimension: x·y / (max(|x|, eps) max(|y|, eps)).
    /// torch.nn.functional.cosine_similarity.</summary>
    public static Tensor CosineSimilarity(Tensor x1, Tensor x2, int dim = 1, double eps = 1e-8)
    {
        ArgumentNullException.ThrowIfNull(x1);
        ArgumentNullException.ThrowIfNull(x2);
        Check.NotNegative("CosineSimilarity", eps);
        (x1, x2) = (AutocastMode.Widen(x1), AutocastMode.Widen(x2));
        // The norms are of the vectors as they meet, so they broadcast first.
        int[] shape = Tensor.Broadcast("CosineSimilarity", x1.Layout, x2.Layout).Shape;
        return (Normalize(x1.Expand(shape), 2, dim, eps) * Normalize(x2.Expand(shape), 2, dim, eps)).Sum(dim);
    }
}

/// <summary>The cosine of the angle between vectors along a dimension. torch.nn.CosineSimilarity.</summary>
public partial class CosineSimilarity(int dim = 1, double eps = 1e-8) : Module<Tensor, Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second) => Functional.CosineSimilarity(first, second, dim, eps);
}
