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
        int d = Check.Dim("Narrow", dim, Rank);
        if (Rank == 0) throw new ArgumentException("Narrow: a tensor of rank 0 has no dimension to take a part of.");
        int size = Layout.Shape[d];
        // As in PyTorch, -1 is the start of nothing too.
        if (size == 0 && start == -1) start = 0;
        if (start < -size || start > size || length < 0 || (start < 0 ? start + size : start) + (long)length > size)
            throw new ArgumentOutOfRangeException(nameof(start), $"Narrow: elements {start} to {start + length} are not within dimension {dim} of a tensor of shape {Shape}.");
        return View(new SliceOp(d, start < 0 ? start + size : start, length, 1), this);
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
