namespace Facula;

internal readonly struct ReshapeOp(int[] shape) : IViewOp
{
    public static string Name => "reshape";
    public static bool MayCopy => true;
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
        EnsureRowMajor();
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
        long merged = 1;
        for (int d = start; d <= end; d++) merged *= Layout.Shape[d];
        return Reshape([.. Layout.Shape[..start], Check.Size("Flatten", merged, $"dimensions {start} to {end} of shape {Shape} as one"),
            .. Layout.Shape[(end + 1)..]]);
    }

    /// <summary>A dimension cut into several; one of their sizes may be -1 and is worked out. Without copying. torch.unflatten.</summary>
    /// <exception cref="ArgumentException">The sizes do not multiply to that of the dimension.</exception>
    public Tensor Unflatten(int dim, params ReadOnlySpan<int> sizes)
    {
        int d = Check.Dim("Unflatten", dim, Rank);
        if (Rank == 0 || sizes.Length == 0) throw new ArgumentException("Unflatten: needs a dimension to cut, and the sizes to cut it into.");
        int[] parts = ResolveShape("Unflatten", sizes, Layout.Shape[d]);
        return Reshape([.. Layout.Shape[..d], .. parts, .. Layout.Shape[(d + 1)..]]);
    }

    /// <summary>The same elements in the shape of another tensor; copies only if it must. torch.Tensor.reshape_as.</summary>
    public Tensor ReshapeAs(Tensor other) => Reshape(Check.NotNull(other).Layout.Shape);

    /// <summary>The same elements in the shape of another tensor, never copying. torch.Tensor.view_as.</summary>
    public Tensor ViewAs(Tensor other) => View(Check.NotNull(other).Layout.Shape);

    private int[] ResolveShape(string operation, ReadOnlySpan<int> shape) => ResolveShape(operation, shape, null);

    private int[] ResolveShape(string operation, ReadOnlySpan<int> shape, int? dimension)
    {
        int[] sizes = shape.ToArray();
        int open = -1;
        long known = 1;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] == -1 && open < 0) open = i;
            else if (sizes[i] < 0) throw new ArgumentException($"{operation}: {new Shape(sizes)} is no shape: sizes are not negative, and at most one is -1.");
            else known = Math.BigMul(known, sizes[i], out long low) == 0 && low >= 0 ? low
                : throw new ArgumentException($"{operation}: the sizes {new Shape(sizes)} multiply to more than can be counted, " +
                    $"but there are {dimension ?? Count} elements.");
        }
        long count = dimension ?? Count;
        if (open >= 0 && known > 0 && count % known == 0)
            sizes[open] = Check.Size(operation, count / known, $"the size left open in {new Shape(shape.ToArray())}");
        else if (open >= 0 || known != count)
        {
            throw new ArgumentException($"{operation}: {(dimension is null ? $"a tensor of shape {Shape}" : $"a dimension of a tensor of shape {Shape}")} " +
                $"has {count} elements, which do not fit the shape {new Shape(sizes)}.");
        }
        return sizes;
    }
}
