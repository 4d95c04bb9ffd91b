using System.Numerics;
using Facula.Backends;
using Facula.Numerics;

namespace Facula;

/// <summary>
/// What a reduction is besides its formula: its types and its gradient rule. g, y and the result of Grad keep the reduced dimensions, of size 1.
/// </summary>
internal interface IReductionOp
{
    static abstract string Name { get; }
    static virtual SavedForBackward SavedForBackward => SavedForBackward.Nothing;
    static virtual bool HasIdentity => true;

    /// <summary>The type of the result.</summary>
    static abstract DType ResultOf(DType x);

    /// <summary>The type of the computation.</summary>
    static virtual DType ComputeOf(DType x, DType result) => result;

    /// <summary>The gradient of x; it may be smaller and broadcast.</summary>
    Tensor Grad(Tensor g, Tensor x, Tensor y);
}

public partial class Tensor
{
    /// <summary>Reduces the given dimensions (none: all of them) by an operation that is its own formula.</summary>
    internal static Tensor Reduction<TOp>(TOp op, Tensor x, ReadOnlySpan<int> dims, bool keepDim) where TOp : struct, IReduce, IReductionOp =>
        Reduction(op, op, x, dims, keepDim);

    /// <summary>Reduces the given dimensions (none: all of them) by a formula.</summary>
    internal static Tensor Reduction<TReduce, TOp>(TReduce reduce, TOp op, Tensor x, ReadOnlySpan<int> dims, bool keepDim, DType? type = null)
        where TReduce : struct, IReduce where TOp : struct, IReductionOp
    {
        ArgumentNullException.ThrowIfNull(x, TOp.Name);
        ReducedDims reduced = ReducedDims.Of(TOp.Name, dims, x.Rank);
        if (x.Count == 0 && !TOp.HasIdentity) reduced.CheckNotEmpty(TOp.Name, x);
        (Layout kept, Layout final) = reduced.Layouts(x.Layout, keepDim);
        DType result = type ?? TOp.ResultOf(x.DType);
        // 2 - 2 is nothing, but of two truths the sum is true.
        if (result == DType.Bool && reduce.IsSum) x = x.To(DType.Bool);
        Tensor y = Allocate(final, result, x.Device, TOp.Name);
        x.Device.Backend.Reduce(reduce, TOp.ComputeOf(x.DType, result).Compute, y.Operand.With(kept), x.Operand);
        return GradMode.Records(x) && result.IsFloatingPoint ? new ReductionNode<TOp>(op, x, y, reduced).Record(y, x) : y;
    }

    private sealed class ReductionNode<TOp> : Node where TOp : struct, IReductionOp
    {
        private readonly TOp _op;
        private readonly Layout _shape;
        private readonly ReducedDims _reduced;

        public ReductionNode(TOp op, Tensor x, Tensor y, ReducedDims reduced)
        {
            (_op, _shape, _reduced) = (op, x.Layout, reduced);
            Save(TOp.SavedForBackward.HasFlag(SavedForBackward.Input) ? x : null, TOp.SavedForBackward.HasFlag(SavedForBackward.Output) ? y : null);
        }

        public override string Name => TOp.Name;

        protected override void Backward(Tensor gradient, Gradients into)
        {
            Tensor g = _reduced.Restore(gradient, _shape);
            Tensor x = TOp.SavedForBackward.HasFlag(SavedForBackward.Input) ? A : null!,
                y = TOp.SavedForBackward.HasFlag(SavedForBackward.Output) ? _reduced.Restore(B, _shape) : null!;
            Tensor result = _op.Grad(g, x, y);
            into[0] = result.Layout.SameShape(_shape) ? result : View(new ExpandOp(_shape.Shape), result);
        }
    }
}

/// <summary>The set of dimensions that a reduction takes away.</summary>
internal readonly struct ReducedDims
{
    private readonly ulong _dims;

    private ReducedDims(ulong dims) => _dims = dims;

    /// <summary>None given means all.</summary>
    public static ReducedDims Of(string operation, ReadOnlySpan<int> dims, int rank)
    {
        if (dims.Length == 0) return new(ulong.MaxValue);
        ulong mask = 0;
        foreach (int dim in dims)
        {
            ulong bit = 1ul << Check.Dim(operation, dim, rank);
            if ((mask & bit) != 0) throw new ArgumentException($"{operation}: dimension {dim} is given twice.", nameof(dims));
            mask |= bit;
        }
        return new(mask);
    }

    public bool Contains(int dim) => (_dims >> dim & 1) != 0;

    /// <summary>How many elements become one.</summary>
    public long CountIn(Layout x)
    {
        long count = 1;
        for (int d = 0; d < x.Rank; d++)
        {
            if (Contains(d)) count *= x.Shape[d];
        }
        return count;
    }

    /// <summary>Refuses the reduction of nothing to something.</summary>
    public void CheckNotEmpty(string operation, Tensor x)
    {
        for (int d = 0; d < x.Rank; d++)
        {
            if (Contains(d) && x.Layout.Shape[d] == 0)
                throw new ArgumentException($"{operation}: dimension {d} of a tensor of shape {x.Shape} is empty, and {operation} of nothing is undefined.");
        }
    }

    /// <summary>The result's layout as the backend sees it, with the reduced dimensions of size 1 (or rank 0), and as the caller does.</summary>
    public (Layout Kept, Layout Final) Layouts(Layout x, bool keepDim)
    {
        int rank = x.Rank;
        ulong all = rank >= 64 ? ulong.MaxValue : (1ul << rank) - 1;
        if ((_dims & all) == all && !keepDim) return (Layout.Scalar, Layout.Scalar);
        var shape = (int[])x.Shape.Clone();
        for (int d = 0; d < rank; d++)
        {
            if (Contains(d)) shape[d] = 1;
        }
        Layout kept = Layout.Contiguous(shape);
        if (keepDim) return (kept, kept);
        var final = new int[rank - BitOperations.PopCount(_dims & all)];
        for (int d = 0, i = 0; d < rank; d++)
        {
            if (!Contains(d)) final[i++] = x.Shape[d];
        }
        return (kept, Layout.Contiguous(final));
    }

    /// <summary>A result with the reduced dimensions put back, of size 1.</summary>
    public Tensor Restore(Tensor y, Layout x)
    {
        if (y.Rank == x.Rank) return y;
        var shape = (int[])x.Shape.Clone();
        for (int d = 0; d < shape.Length; d++)
        {
            if (Contains(d)) shape[d] = 1;
        }
        return Tensor.View(new ReshapeOp(shape), y);
    }
}
