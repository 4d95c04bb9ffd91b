namespace Facula;

internal readonly struct ReshapeOp(int[] shape) : IViewOp
{
    public static string Name => "reshape";
    public Layout? Apply(Layout x) => x.Reshape(shape);
    public Tensor Invert(Tensor gradient, Layout x) => gradient.Reshape(x.Shape);
}

public partial class Tensor
{
    /// <summary>The same elements in another shape; one size may be -1 and is worked out. Copies only if it must. torch.reshape.</summary>
    /// <exception cref="ArgumentException">The shape holds another number of elements.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> shape) => View(new ReshapeOp(ResolveShape("Reshape", shape)), this);

    /// <summary>The same elements in another shape, never copying. torch.Tensor.view.</summary>
    /// <exception cref="ArgumentException">The elements do not lie so that this shape can show them; Reshape copies them.</exception>
    public Tensor View(params ReadOnlySpan<int> shape)
    {
        int[] sizes = ResolveShape("View", shape);
        if (Layout.Reshape(sizes) is null)
        {
            throw new ArgumentException($"View: a tensor of shape {Shape} and strides [{string.Join(", ", Strides)}] cannot be seen as {new Shape(sizes)} " +
                "without a copy; use Reshape.");
        }
        return View(new ReshapeOp(sizes), this);
    }

    /// <summary>Merges the dimensions from startDim to endDim into one. torch.flatten.</summary>
    public Tensor Flatten(int startDim = 0, int endDim = -1)
    {
        int start = Check.Dim("Flatten", startDim, Rank), end = Check.Dim("Flatten", endDim, Rank);
        if (start > end) throw new ArgumentException($"Flatten: startDim {startDim} comes after endDim {endDim} in a tensor of shape {Shape}.");
        if (Rank == 0) return Reshape(1);
        int merged = 1;
        for (int d = start; d <= end; d++) merged = checked(merged * Layout.Shape[d]);
        return Reshape([.. Layout.Shape[..start], merged, .. Layout.Shape[(end + 1)..]]);
    }

    private int[] ResolveShape(string operation, ReadOnlySpan<int> shape)
    {
        int[] sizes = shape.ToArray();
        int open = -1;
        long known = 1;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] == -1 && open < 0) open = i;
            else if (sizes[i] < 0) throw new ArgumentException($"{operation}: {new Shape(sizes)} is no shape: sizes are not negative, and at most one is -1.");
            else known *= sizes[i];
        }
        if (open >= 0 && known > 0 && Count % known == 0) sizes[open] = checked((int)(Count / known));
        else if (open >= 0 || known != Count)
            throw new ArgumentException($"{operation}: a tensor of shape {Shape} has {Count} elements, which do not fit the shape {new Shape(sizes)}.");
        return sizes;
    }
}
