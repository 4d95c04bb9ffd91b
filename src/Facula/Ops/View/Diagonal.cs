namespace Facula;

internal readonly struct DiagonalOp(int offset, int a, int b) : IViewOp
{
    public static string Name => "diagonal";

    public Layout Apply(Layout x)
    {
        int length = Math.Max(0, offset >= 0 ? Math.Min(x.Shape[a], x.Shape[b] - offset) : Math.Min(x.Shape[a] + offset, x.Shape[b]));
        long start = length == 0 ? 0 : offset >= 0 ? offset * x.Strides[b] : -offset * x.Strides[a];
        var shape = new int[x.Rank - 1];
        var strides = new long[x.Rank - 1];
        for (int d = 0, i = 0; d < x.Rank; d++)
        {
            if (d != a && d != b) (shape[i], strides[i++]) = (x.Shape[d], x.Strides[d]);
        }
        (shape[^1], strides[^1]) = (length, x.Strides[a] + x.Strides[b]);
        return new(shape, strides, x.Offset + start);
    }
}

public partial class Tensor
{
    /// <summary>The diagonal of two dimensions as the last one, without copying; a positive offset means above the main one. torch.diagonal.</summary>
    public Tensor Diagonal(int offset = 0, int dim1 = 0, int dim2 = 1)
    {
        int a = Check.Dim("Diagonal", dim1, Rank), b = Check.Dim("Diagonal", dim2, Rank);
        if (Rank < 2 || a == b) throw new ArgumentException($"Diagonal: needs two dimensions, but {dim1} and {dim2} of shape {Shape} are not.");
        return View(new DiagonalOp(offset, a, b), this);
    }

    /// <summary>Elements on and below a diagonal; zero above it. torch.tril.</summary>
    public Tensor Tril(int diagonal = 0) => Triangle("Tril", diagonal, lower: true);

    /// <summary>Elements on and above a diagonal; zero below it. torch.triu.</summary>
    public Tensor Triu(int diagonal = 0) => Triangle("Triu", diagonal, lower: false);

    private Tensor Triangle(string operation, int diagonal, bool lower)
    {
        if (Rank < 2) throw new ArgumentException($"{operation}: needs a matrix, or a stack of them, but this tensor has shape {Shape}.");
        var key = new TriangleKey(Layout.Shape[^2], Layout.Shape[^1], diagonal, lower);
        Check.Size(operation, (long)key.Rows * key.Columns, "the number of elements of a matrix");
        Tensor keep = Table(Device, key, static key => key.Mask()).Reshape(key.Rows, key.Columns);
        return Where(keep, this, Full([], 0, DType, Device));
    }

    private readonly record struct TriangleKey(int Rows, int Columns, int Diagonal, bool Lower)
    {
        /// <summary>Which elements of the matrix stay.</summary>
        public bool[] Mask()
        {
            var keep = new bool[Rows * Columns];
            for (int row = 0; row < Rows; row++)
            {
                int edge = (int)Math.Clamp((long)row + Diagonal + (Lower ? 1 : 0), 0, Columns);
                keep.AsSpan(row * Columns, edge).Fill(Lower);
                keep.AsSpan(row * Columns + edge, Columns - edge).Fill(!Lower);
            }
            return keep;
        }
    }
}
