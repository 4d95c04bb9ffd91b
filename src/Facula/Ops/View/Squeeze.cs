namespace Facula;

internal readonly struct SqueezeOp(int dim) : IViewOp
{
    public static string Name => "squeeze";
    public Layout Apply(Layout x) => x.Squeeze(dim);
    public Tensor Invert(Tensor gradient, Layout x) => gradient.Unsqueeze(dim);
}

internal readonly struct UnsqueezeOp(int dim) : IViewOp
{
    public static string Name => "unsqueeze";
    public Layout Apply(Layout x) => x.Unsqueeze(dim);
    public Tensor Invert(Tensor gradient, Layout x) => gradient.Squeeze(dim);
}

public partial class Tensor
{
    /// <summary>Without the dimensions of size 1. torch.squeeze.</summary>
    public Tensor Squeeze() => Reshape([.. Layout.Shape.Where(size => size != 1)]);

    /// <summary>Without a dimension, if it has size 1; else as it is. torch.squeeze.</summary>
    public Tensor Squeeze(int dim)
    {
        int d = Check.Dim("Squeeze", dim, Rank);
        return Rank > 0 && Layout.Shape[d] == 1 ? View(new SqueezeOp(d), this) : this;
    }

    /// <summary>With a new dimension of size 1 at a place. torch.unsqueeze.</summary>
    public Tensor Unsqueeze(int dim) => View(new UnsqueezeOp(Check.Dim("Unsqueeze", dim, Rank + 1)), this);
}
