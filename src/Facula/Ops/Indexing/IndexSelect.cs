namespace Facula;

internal sealed class IndexSelectNode : Node
{
    private readonly Layout _x;
    private readonly int _dim;

    public IndexSelectNode(Layout x, Tensor index, int dim)
    {
        (_x, _dim) = (x, dim);
        Save(index);
    }

    public override string Name => "indexSelect";

    protected override void Backward(Tensor gradient, Gradients into) => into[0] = Tensor.IndexAddToZeros(_x, _dim, A, gradient);
}

/// <summary>x, or zeros, to which slices have been added.</summary>
internal sealed class IndexAddNode : Node
{
    private readonly int _dim;

    public IndexAddNode(Tensor index, int dim)
    {
        _dim = dim;
        Save(index);
    }

    public override string Name => "indexAdd";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (into.Wants(0)) into[0] = gradient;
        if (into.Wants(1)) into[1] = gradient.IndexSelect(_dim, A);
    }
}

public partial class Tensor
{
    /// <summary>Slices along a dimension, in the order of a rank-1 tensor of integers; rows of a table, for one. torch.index_select.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative or too large.</exception>
    /// <exception cref="ArgumentException">The index is not of rank 1, or not of integers.</exception>
    public Tensor IndexSelect(int dim, Tensor index)
    {
        int d = Check.Dim("IndexSelect", dim, Rank);
        index = Positions("IndexSelect", index, 1);
        if (Rank == 0 && index.Count != 1)
            throw new ArgumentException($"IndexSelect: of a single number one slice can be taken, not {index.Count}; Reshape(1) makes it a line.");
        if (Rank == 0) return Reshape(1).IndexSelect(0, index).Reshape();
        int[] shape = (int[])Layout.Shape.Clone();
        shape[d] = (int)index.Count;
        Tensor y = Allocate(Layout.Contiguous(shape), DType, Device);
        Device.Backend.IndexSelect(Operand, index.Operand, y.Operand, d);
        return GradMode.Records(this) ? new IndexSelectNode(Layout, index, d).Record(y, this) : y;
    }

    /// <summary>A copy to which slices of the source, times alpha, have been added where a rank-1 tensor of integers says; a slice may be named more than once.
    /// torch.index_add.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative or too large.</exception>
    /// <exception cref="ArgumentException">The source differs in another size, or has not as many slices as the index has elements;
    /// or the tensor is of integers, and alpha is none.</exception>
    public Tensor IndexAdd(int dim, Tensor index, Tensor source, Scalar? alpha = null)
    {
        (int d, index, source) = CheckIndexAdd(dim, index, source, alpha);
        Tensor y = CopyData();
        Device.Backend.IndexPut(source.Operand, index.Operand, y.Operand, d, add: true);
        return GradMode.Records(this, source) ? new IndexAddNode(index, d).Record(y, this, source) : y;
    }

    /// <summary>Adds slices of the source to this tensor in place. torch.Tensor.index_add_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor IndexAddInPlace(int dim, Tensor index, Tensor source, Scalar? alpha = null)
    {
        (int d, index, source) = CheckIndexAdd(dim, index, source, alpha);
        if (BeginInPlace("indexAdd", source.RequiresGrad)) return SetValueAndHistory(Before().IndexAdd(d, index, source));
        Tensor terms = ReferenceEquals(source.Buffer, Buffer) ? source.CopyData() : source;
        Device.Backend.IndexPut(terms.Operand, index.Operand, Operand, d, add: true, "IndexAdd");
        Changed();
        return this;
    }

    internal static Tensor IndexAddToZeros(Layout shape, int dim, Tensor index, Tensor source)
    {
        Tensor y = Zeros(new Shape(shape.Shape), source.DType, source.Device);
        y.Device.Backend.IndexPut(source.Operand, index.Operand, y.Operand, dim, add: true);
        return GradMode.Records(source) ? new IndexAddNode(index, dim).Record(y, null, source) : y;
    }

    private (int Dim, Tensor Index, Tensor Source) CheckIndexAdd(int dim, Tensor index, Tensor source, Scalar? alpha)
    {
        CheckOperands("IndexAdd", this, source);
        int d = Check.Dim("IndexAdd", dim, Rank);
        index = Positions("IndexAdd", index, 1);
        Check.Rank("IndexAdd", source, Rank);
        if (Rank == 0) throw new ArgumentException("IndexAdd: a single number has no slices to add to.");
        for (int k = 0; k < Rank; k++)
        {
            if (source.Layout.Shape[k] != (k == d ? index.Count : Layout.Shape[k]))
            {
                throw new ArgumentException($"IndexAdd: a source of shape {source.Shape} does not fit a tensor of shape {Shape} and {index.Count} indices " +
                    $"along dimension {d}: it needs one slice for each index, and the tensor's other sizes.");
            }
        }
        if (DType.Promote(DType, source.DType) != DType)
            throw new ArgumentException($"IndexAdd: a {source.DType.PyTorchName} source does not fit a {DType.PyTorchName} tensor; convert one with To.");
        if (alpha is { DType.Kind: ElementType.Float64 } && !DType.IsFloatingPoint)
            throw new ArgumentException($"IndexAdd: alpha is {alpha}, but the tensor holds integers; convert it with To(DType.Float32).");
        source = source.To(DType);
        return (d, index, alpha is { } factor ? (source * factor).To(DType) : source);
    }

    /// <summary>An index tensor as Int64.</summary>
    private Tensor Positions(string operation, Tensor index, int? rank = null)
    {
        ArgumentNullException.ThrowIfNull(index);
        if (!index.DType.IsInteger)
            throw new ArgumentException($"{operation}: the index holds integers, but this one is {index.DType.PyTorchName}; convert it with To(DType.Int64).");
        if (rank is { } wanted && index.Rank != wanted)
        {
            if (wanted == 1 && index.Rank == 0) index = index.Reshape(1);
            else throw new ArgumentException($"{operation}: the index has rank {wanted}, but this one has shape {index.Shape}; use Flatten, or Gather.");
        }
        Check.SameDevice(operation, this, index);
        return index.To(DType.Int64);
    }
}
