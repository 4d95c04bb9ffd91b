namespace Facula;

internal readonly struct PermuteOp(int[] dims) : IViewOp
{
    public static string Name => "permute";
    public Layout Apply(Layout x) => x.Permute(dims);

    public Tensor Invert(Tensor gradient, Layout x)
    {
        var inverse = new int[dims.Length];
        for (int i = 0; i < dims.Length; i++) inverse[dims[i]] = i;
        return gradient.Permute(inverse);
    }
}

internal readonly struct TransposeOp(int a, int b) : IViewOp
{
    public static string Name => "transpose";
    public Layout Apply(Layout x) => x.Transpose(a, b);
    public Tensor Invert(Tensor gradient, Layout x) => gradient.Transpose(a, b);
}

public partial class Tensor
{
    /// <summary>The dimensions in another order, without copying. torch.permute.</summary>
    public Tensor Permute(params ReadOnlySpan<int> dims)
    {
        if (dims.Length != Rank) throw new ArgumentException($"Permute: a tensor of shape {Shape} needs {Rank} dimensions in a new order, not {dims.Length}.");
        Check.Dims("Permute", dims, Rank);
        var order = new int[Rank];
        for (int i = 0; i < Rank; i++) order[i] = Check.Dim("Permute", dims[i], Rank);
        return View(new PermuteOp(order), this);
    }

    /// <summary>Two dimensions exchanged, without copying. torch.transpose.</summary>
    public Tensor Transpose(int dim0, int dim1)
    {
        int a = Check.Dim("Transpose", dim0, Rank), b = Check.Dim("Transpose", dim1, Rank);
        return Rank == 0 ? this : View(new TransposeOp(a, b), this);
    }

    /// <summary>A matrix with rows and columns exchanged, without copying; vectors and numbers as they are. torch.Tensor.t.</summary>
    public Tensor T => Rank < 2 ? this
        : Rank == 2 ? Transpose(0, 1)
        : throw new InvalidOperationException($"T: this tensor has shape {Shape}; T is for matrices, use Transpose(dim0, dim1) or Permute.");

    /// <summary>A dimension moved to another place, the others in their order, without copying. torch.movedim.</summary>
    public Tensor MoveDim(int source, int destination) => MoveDim([source], [destination]);

    /// <summary>Several dimensions moved to other places, without copying. torch.movedim.</summary>
    /// <exception cref="ArgumentException">Not as many sources as destinations, or one is given twice.</exception>
    public Tensor MoveDim(ReadOnlySpan<int> sources, ReadOnlySpan<int> destinations)
    {
        if (sources.Length != destinations.Length) throw new ArgumentException($"MoveDim: {sources.Length} sources for {destinations.Length} destinations.");
        if (sources.Length == 0 || Rank == 0) return this;
        Check.Dims("MoveDim", sources, Rank);
        Check.Dims("MoveDim", destinations, Rank);
        var order = new int[Rank];
        Array.Fill(order, -1);
        var left = Enumerable.Range(0, Rank).ToList();
        for (int i = 0; i < sources.Length; i++)
        {
            int from = Check.Dim("MoveDim", sources[i], Rank);
            order[Check.Dim("MoveDim", destinations[i], Rank)] = from;
            left.Remove(from);
        }
        for (int d = 0, i = 0; d < Rank; d++)
        {
            if (order[d] < 0) order[d] = left[i++];
        }
        return Permute(order);
    }
}
