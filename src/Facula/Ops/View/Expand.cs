namespace Facula;

internal readonly struct ExpandOp(int[] shape) : IViewOp
{
    public static string Name => "expand";
    public Layout? Apply(Layout x) => x.Expand(shape);

    // The engine sums a gradient down to the shape it is for.
    public Tensor Invert(Tensor gradient, Layout x) => gradient;
}

public partial class Tensor
{
    /// <summary>Dimensions of size 1 repeated to the given sizes, without copying; -1 keeps a size. torch.Tensor.expand.</summary>
    public Tensor Expand(params ReadOnlySpan<int> shape)
    {
        int[] sizes = shape.ToArray();
        int extra = sizes.Length - Rank;
        for (int d = Math.Max(0, extra); d < sizes.Length; d++)
        {
            if (sizes[d] == -1) sizes[d] = Layout.Shape[d - extra];
        }
        Layout.CheckShape("Expand", sizes);
        if (extra < 0 || sizes.Any(size => size < 0) || Layout.Expand(sizes) is null)
            throw new ArgumentException($"Expand: a tensor of shape {Shape} does not expand to {new Shape(sizes)}: only dimensions of size 1 can grow, " +
                "and new ones come first.");
        return View(new ExpandOp(sizes), this);
    }

    /// <summary>Expanded to the shape of another tensor. torch.Tensor.expand_as.</summary>
    public Tensor ExpandAs(Tensor other) => Expand(Check.NotNull(other).Layout.Shape);

    /// <summary>Dimensions of size 1 repeated to the given sizes, without copying. torch.broadcast_to.</summary>
    public Tensor BroadcastTo(params ReadOnlySpan<int> shape) => Expand(shape);
}
