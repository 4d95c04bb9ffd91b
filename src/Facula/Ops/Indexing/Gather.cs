using Facula.Backends;

namespace Facula;

internal sealed class GatherNode : Node
{
    private readonly Layout _x;
    private readonly int _dim;

    public GatherNode(Layout x, Tensor index, int dim)
    {
        (_x, _dim) = (x, dim);
        Save(index);
    }

    public override string Name => "gather";

    protected override void Backward(Tensor gradient, Gradients into) =>
        into[0] = Tensor.Zeros(new Shape(_x.Shape), gradient.DType, gradient.Device).ScatterAdd(_dim, A, gradient);
}

internal sealed class ScatterAddNode : Node
{
    private readonly int _dim;

    public ScatterAddNode(Tensor index, int dim)
    {
        _dim = dim;
        Save(index);
    }

    public override string Name => "scatterAdd";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (into.Wants(0)) into[0] = gradient;
        if (into.Wants(1)) into[1] = gradient.Gather(_dim, A);
    }
}

internal sealed class ScatterNode : Node
{
    private readonly Layout _x;
    private readonly int _dim;

    public ScatterNode(Layout x, Tensor index, int dim)
    {
        (_x, _dim) = (x, dim);
        Save(index);
    }

    public override string Name => "scatter";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (into.Wants(0)) into[0] = gradient.Scatter(_dim, A, 0);
        if (into.Wants(1)) into[1] = Tensor.Where(LastWriters(A), gradient.Gather(_dim, A), 0.0);
    }

    /// <summary>Of several values for one element only the last has stayed, and only it gets the gradient.</summary>
    private Tensor LastWriters(Tensor index)
    {
        using GradModeScope scope = Autograd.NoGrad();
        Tensor numbers = Tensor.Iota([Check.Size("Scatter", index.Count)], 0, index.Device).Reshape(index.Shape);
        Tensor last = Tensor.Empty(new Shape(_x.Shape), DType.Int64, index.Device);
        index.Device.Backend.Scatter(numbers.Operand, index.Operand, last.Operand, _dim, add: false);
        return last.Gather(_dim, index) == numbers;
    }
}

public partial class Tensor
{
    /// <summary>
    /// y[i][j][k] = x[index[i][j][k]][j][k] for dim 0, and so on: for each place of the index one element from the line along dim. The index has this
    /// tensor's rank, and in the other dimensions at most its sizes. torch.gather.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative or too large.</exception>
    /// <exception cref="ArgumentException">The index is not of integers, or its shape does not fit.</exception>
    public Tensor Gather(int dim, Tensor index)
    {
        (int d, index) = CheckGather("Gather", dim, index);
        if (Rank == 0) return Reshape(1).Gather(0, index.Reshape(1)).Reshape();
        Tensor y = Allocate(index.Layout, DType, Device);
        Device.Backend.Gather(Operand, index.Operand, y.Operand, d);
        return GradMode.Records(this) ? new GatherNode(Layout, index, d).Record(y, this) : y;
    }

    /// <summary>
    /// A copy with y[index[i][j][k]][j][k] = source[i][j][k] for dim 0, and so on. Where the index names an element more than once, the last value stays.
    /// torch.scatter.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative or too large.</exception>
    /// <exception cref="ArgumentException">The index is not of integers, a shape does not fit, or the source is of another type.</exception>
    public Tensor Scatter(int dim, Tensor index, Tensor source)
    {
        (int d, index, source) = CheckScatter("Scatter", dim, index, source);
        if (Rank == 0) return Reshape(1).Scatter(0, index.Reshape(1), source.Reshape(1)).Reshape();
        Tensor y = CopyData();
        Device.Backend.Scatter(source.Operand, index.Operand, y.Operand, d, add: false);
        return GradMode.Records(this, source) ? new ScatterNode(Layout, index, d).Record(y, this, source) : y;
    }

    /// <summary>A copy with one value at the places of an index. torch.scatter.</summary>
    public Tensor Scatter(int dim, Tensor index, Scalar value)
    {
        ArgumentNullException.ThrowIfNull(index);
        return Scatter(dim, index, NumberLikeThis("Scatter", value).Expand(index.Layout.Shape));
    }

    /// <summary>Like <see cref="Scatter(int, Tensor, Tensor)"/>, changing this tensor. torch.Tensor.scatter_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor ScatterInPlace(int dim, Tensor index, Tensor source) => ScatterInPlace("Scatter", dim, index, source, add: false);

    /// <summary>Writes one value at the places of an index. torch.Tensor.scatter_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor ScatterInPlace(int dim, Tensor index, Scalar value)
    {
        ArgumentNullException.ThrowIfNull(index);
        return ScatterInPlace(dim, index, NumberLikeThis("Scatter", value).Expand(index.Layout.Shape));
    }

    /// <summary>
    /// A copy with y[index[i][j][k]][j][k] += source[i][j][k] for dim 0, and so on. Terms are added in the order of the index,
    /// so the result is the same bits for any number of threads. torch.scatter_add.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative or too large.</exception>
    /// <exception cref="ArgumentException">The index is not of integers, a shape does not fit, or the source is of another type.</exception>
    public Tensor ScatterAdd(int dim, Tensor index, Tensor source)
    {
        (int d, index, source) = CheckScatter("ScatterAdd", dim, index, source);
        if (Rank == 0) return Reshape(1).ScatterAdd(0, index.Reshape(1), source.Reshape(1)).Reshape();
        Tensor y = CopyData();
        Device.Backend.Scatter(source.Operand, index.Operand, y.Operand, d, add: true);
        return GradMode.Records(this, source) ? new ScatterAddNode(index, d).Record(y, this, source) : y;
    }

    /// <summary>Like <see cref="ScatterAdd"/>, changing this tensor. torch.Tensor.scatter_add_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor ScatterAddInPlace(int dim, Tensor index, Tensor source) => ScatterInPlace("ScatterAdd", dim, index, source, add: true);

    private Tensor ScatterInPlace(string operation, int dim, Tensor index, Tensor source, bool add)
    {
        (int d, index, source) = CheckScatter(operation, dim, index, source);
        if (BeginInPlace(add ? "scatterAdd" : "scatter", source.RequiresGrad))
            return SetValueAndHistory(add ? Before().ScatterAdd(d, index, source) : Before().Scatter(d, index, source));
        Tensor values = ReferenceEquals(source.Buffer, Buffer) ? source.CopyData() : source;
        Operand target = Rank == 0 ? Operand.With(Layout.Unsqueeze(0)) : Operand;
        if (Rank == 0) (index, values) = (index.Reshape(1), values.Reshape(1));
        Device.Backend.Scatter(values.Operand, index.Operand, target, d, add, operation);
        Changed();
        return this;
    }

    private (int Dim, Tensor Index) CheckGather(string operation, int dim, Tensor index)
    {
        int d = Check.Dim(operation, dim, Rank);
        index = Positions(operation, index);
        if (index.Rank != Rank)
            throw new ArgumentException($"{operation}: an index of shape {index.Shape} does not fit a tensor of shape {Shape}; their ranks must be equal.");
        for (int k = 0; k < Rank; k++)
        {
            if (k != d && index.Layout.Shape[k] > Layout.Shape[k])
            {
                throw new ArgumentException($"{operation}: an index of shape {index.Shape} does not fit a tensor of shape {Shape}: " +
                    $"except in dimension {d} it may not be larger, but in dimension {k} it is.");
            }
        }
        return (d, index);
    }

    private (int Dim, Tensor Index, Tensor Source) CheckScatter(string operation, int dim, Tensor index, Tensor source)
    {
        CheckOperands(operation, this, source);
        (int d, index) = CheckGather(operation, dim, index);
        if (source.DType != DType && !source.IsWrappedNumber)
            throw new ArgumentException($"{operation}: a {source.DType.PyTorchName} source does not fit a {DType.PyTorchName} tensor; convert one with To.");
        source = source.IsWrappedNumber ? InThisType(operation, source).Expand(index.Layout.Shape) : source;
        if (source.Rank != Rank)
            throw new ArgumentException($"{operation}: a source of shape {source.Shape} does not fit a tensor of shape {Shape}; their ranks must be equal.");
        for (int k = 0; k < Rank; k++)
        {
            int size = index.Layout.Shape[k];
            if (size > source.Layout.Shape[k])
                throw new ArgumentException($"{operation}: a source of shape {source.Shape} has too few elements for an index of shape {index.Shape}, " +
                    $"in dimension {k}.");
            if (size < source.Layout.Shape[k]) source = source.Narrow(k, 0, size);
        }
        return (d, index, source);
    }
}
