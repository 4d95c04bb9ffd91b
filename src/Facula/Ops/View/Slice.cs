namespace Facula;

internal readonly struct SliceOp(int dim, int start, int length, int step) : IViewOp
{
    public static string Name => "slice";
    public Layout Apply(Layout x) => x.Slice(dim, start, length, step);
}

internal readonly struct SelectOp(int dim, int index) : IViewOp
{
    public static string Name => "select";
    public Layout Apply(Layout x) => x.Select(dim, index);
}

public partial class Tensor
{
    /// <summary>Elements start to start+length (exclusive) along a dimension, without copying. torch.narrow.</summary>
    public Tensor Narrow(int dim, int start, int length)
    {
        int d = Check.DimOf("Narrow", dim, this), size = Layout.Shape[d];
        // As in PyTorch, -1 is the start of nothing too.
        if (size == 0 && start == -1) start = 0;
        long first = start < 0 ? (long)start + size : start;
        if (first < 0 || length < 0 || first + length > size)
            throw new ArgumentOutOfRangeException(nameof(start),
                $"Narrow: {length} elements from {start} on are not within dimension {dim} of a tensor of shape {Shape}.");
        return View(new SliceOp(d, (int)first, length, 1), this);
    }

    /// <summary>The slice at an index along a dimension, which disappears; without copying. torch.select.</summary>
    public Tensor Select(int dim, int index)
    {
        int d = Check.Dim("Select", dim, Rank), size = Rank == 0 ? 0 : Layout.Shape[d];
        if (index < -size || index >= size)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"Select: dimension {dim} of a tensor of shape {Shape} has no index {index}.");
        return View(new SelectOp(d, index < 0 ? index + size : index), this);
    }
}
