namespace Facula.NN;

public static partial class Functional
{
    /// <summary>The cosine of the angle between vectors along a dimension: x·y / (max(|x|, eps) max(|y|, eps)). torch.nn.functional.cosine_similarity.</summary>
    public static Tensor CosineSimilarity(Tensor x1, Tensor x2, int dim = 1, double eps = 1e-8)
    {
        ArgumentNullException.ThrowIfNull(x1);
        ArgumentNullException.ThrowIfNull(x2);
        return (x1 * x2).Sum(dim) / (x1.Norm(2, dim).Clamp(min: eps) * x2.Norm(2, dim).Clamp(min: eps));
    }
}

/// <summary>The cosine of the angle between vectors along a dimension. torch.nn.CosineSimilarity.</summary>
public sealed partial class CosineSimilarity(int dim = 1, double eps = 1e-8) : Module<Tensor, Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second) => Functional.CosineSimilarity(first, second, dim, eps);
}
