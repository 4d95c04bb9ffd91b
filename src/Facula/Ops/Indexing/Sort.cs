namespace Facula;

internal sealed class SortNode : Node
{
    private readonly Layout _x;
    private readonly int _dim;

    public SortNode(Layout x, Tensor indices, int dim)
    {
        (_x, _dim) = (x, dim);
        Save(indices);
    }

    public override string Name => "sort";

    protected override void Backward(Tensor gradient, Gradients into) =>
        into[0] = Tensor.Zeros(new Shape(_x.Shape), gradient.DType, gradient.Device).ScatterAdd(_dim, A, gradient);
}

public partial class Tensor
{
    /// <summary>
    /// The elements along a dimension in ascending (or descending) order, and where each was. Equal elements keep their order;
    /// NaN counts as larger than any number. torch.sort.
    /// </summary>
    public (Tensor Values, Tensor Indices) Sort(int dim = -1, bool descending = false)
    {
        int d = Check.Dim("Sort", dim, Rank);
        return Sort(d, Rank == 0 ? 1 : Layout.Shape[d], descending);
    }

    /// <summary>The indices that sort along a dimension; equal elements keep their order. torch.argsort.</summary>
    public Tensor ArgSort(int dim = -1, bool descending = false)
    {
        using GradModeScope scope = Autograd.NoGrad();
        return Sort(dim, descending).Indices;
    }

    /// <summary>
    /// The k largest (or smallest) elements along a dimension, from the most extreme on, and where each was; of equal ones the first. torch.topk.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">k is negative or larger than the dimension.</exception>
    public (Tensor Values, Tensor Indices) TopK(int k, int dim = -1, bool largest = true)
    {
        int d = Check.Dim("TopK", dim, Rank), size = Rank == 0 ? 1 : Layout.Shape[d];
        if (k < 0 || k > size) throw new ArgumentOutOfRangeException(nameof(k), k, $"TopK: dimension {d} of a tensor of shape {Shape} has {size} elements.");
        return Sort(d, k, largest);
    }

    private (Tensor Values, Tensor Indices) Sort(int dim, int count, bool descending)
    {
        if (Rank == 0)
        {
            // PyTorch's result of a single number is that number, even if none were asked for.
            (Tensor value, Tensor index) = Reshape(1).Sort(0, 1, descending);
            return (value.Reshape(), index.Reshape());
        }
        int[] shape = (int[])Layout.Shape.Clone();
        shape[dim] = count;
        Layout layout = Layout.Contiguous(shape);
        Tensor values = Allocate(layout, DType, Device), indices = Allocate(layout, DType.Int64, Device);
        Device.Backend.Sort(Operand, values.Operand, indices.Operand, dim, descending);
        if (GradMode.Records(this)) new SortNode(Layout, indices, dim).Record(values, this);
        return (values, indices);
    }
}
