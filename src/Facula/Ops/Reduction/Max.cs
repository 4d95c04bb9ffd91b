using Facula.Backends;

namespace Facula;

internal readonly struct AMaxOp : IReductionOp
{
    public static string Name => "max";
    public static SavedForBackward SavedForBackward => SavedForBackward.Input | SavedForBackward.Output;
    public static bool HasIdentity => false;
    public static DType ResultOf(DType x) => x;
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => Extreme.DistributeEvenly(g, x, y);
}

internal readonly struct AMinOp : IReductionOp
{
    public static string Name => "min";
    public static SavedForBackward SavedForBackward => SavedForBackward.Input | SavedForBackward.Output;
    public static bool HasIdentity => false;
    public static DType ResultOf(DType x) => x;
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => Extreme.DistributeEvenly(g, x, y);
}

/// <summary>Largest and smallest elements along a dimension, with their places.</summary>
internal static class Extreme
{
    public static (Tensor Values, Tensor Indices) Along(string name, Tensor x, int dim, bool keepDim, bool largest)
    {
        int d = Check.Dim(name, dim, x.Rank);
        if (x.Rank == 0) return (x.Clone(), Tensor.Zeros([], DType.Int64, x.Device));
        ReducedDims reduced = ReducedDims.Of(name, [d], x.Rank);
        if (x.Count == 0) reduced.CheckNotEmpty(name, x);
        (Layout kept, Layout final) = reduced.Layouts(x.Layout, keepDim);
        if (kept.Rank == 0) kept = Layout.Contiguous([1]);
        Tensor values = Tensor.Allocate(final, x.DType, x.Device), indices = Tensor.Allocate(final, DType.Int64, x.Device);
        x.Device.Backend.ArgReduce(x.Operand, values.Operand.With(kept), indices.Operand.With(kept), d, largest);
        if (GradMode.Records(x)) new PickNode(name, x.Layout, indices, reduced, d).Record(values, x);
        return (values, indices);
    }

    /// <summary>Equal shares of the gradient for all that equal the result.</summary>
    public static Tensor DistributeEvenly(Tensor g, Tensor x, Tensor y)
    {
        Tensor mask = (x == y) | (x.IsNaN() & y.IsNaN());
        int[] dims = [.. Enumerable.Range(0, x.Rank).Where(d => y.Layout.Shape[d] == 1)];
        return Tensor.Where(mask, g / (dims.Length == 0 ? mask : mask.Sum(dims, keepDim: true)), 0.0);
    }

    private sealed class PickNode : Node
    {
        private readonly string _name;
        private readonly Layout _shape;
        private readonly ReducedDims _reduced;
        private readonly int _dim;

        public PickNode(string name, Layout shape, Tensor indices, ReducedDims reduced, int dim)
        {
            (_name, _shape, _reduced, _dim) = (name, shape, reduced, dim);
            Save(indices);
        }

        public override string Name => _name;

        protected override void Backward(Tensor gradient, Gradients into)
        {
            Tensor picked = Tensor.IotaAlong(_shape.Shape[_dim], _dim, _shape.Rank, gradient.Device) == _reduced.Restore(A, _shape);
            into[0] = Tensor.Where(picked, _reduced.Restore(gradient, _shape), 0.0);
        }
    }
}

public partial class Tensor
{
    /// <summary>The largest element; NaN if any is. Elements that tie for it share its gradient. torch.max.</summary>
    /// <exception cref="ArgumentException">The tensor is empty.</exception>
    public Tensor Max() => Reduction(new MaxReduce(), new AMaxOp(), this, [], false);

    /// <summary>The largest elements along a dimension and the index of the first of each; NaN counts as the largest. The gradient goes to that one.
    /// torch.max.</summary>
    /// <exception cref="ArgumentException">The dimension is empty.</exception>
    public (Tensor Values, Tensor Indices) Max(int dim, bool keepDim = false) => Extreme.Along("max", this, dim, keepDim, true);

    /// <summary>The largest elements along a dimension. Elements that tie share the gradient. torch.amax.</summary>
    public Tensor AMax(int dim, bool keepDim = false) => Reduction(new MaxReduce(), new AMaxOp(), this, [dim], keepDim);

    /// <summary>The largest elements along several dimensions; none given means all. torch.amax.</summary>
    public Tensor AMax(ReadOnlySpan<int> dims, bool keepDim = false) => Reduction(new MaxReduce(), new AMaxOp(), this, dims, keepDim);

    /// <summary>The index of the first largest element among all in row-major order, as Int64. torch.argmax.</summary>
    public Tensor ArgMax()
    {
        using Tensor x = Detach(), flat = x.Flatten();
        return Extreme.Along("argMax", flat, 0, false, true).Indices;
    }

    /// <summary>The index of the first largest element along a dimension, as Int64; NaN counts as the largest. torch.argmax.</summary>
    public Tensor ArgMax(int dim, bool keepDim = false)
    {
        using Tensor x = Detach();
        return Extreme.Along("argMax", x, dim, keepDim, true).Indices;
    }

    /// <summary>The smallest element; NaN if any is. Elements that tie for it share its gradient. torch.min.</summary>
    /// <exception cref="ArgumentException">The tensor is empty.</exception>
    public Tensor Min() => Reduction(new MinReduce(), new AMinOp(), this, [], false);

    /// <summary>The smallest elements along a dimension and the index of the first of each; NaN counts as the smallest. The gradient goes to that one.
    /// torch.min.</summary>
    /// <exception cref="ArgumentException">The dimension is empty.</exception>
    public (Tensor Values, Tensor Indices) Min(int dim, bool keepDim = false) => Extreme.Along("min", this, dim, keepDim, false);

    /// <summary>The smallest elements along a dimension. Elements that tie share the gradient. torch.amin.</summary>
    public Tensor AMin(int dim, bool keepDim = false) => Reduction(new MinReduce(), new AMinOp(), this, [dim], keepDim);

    /// <summary>The smallest elements along several dimensions; none given means all. torch.amin.</summary>
    public Tensor AMin(ReadOnlySpan<int> dims, bool keepDim = false) => Reduction(new MinReduce(), new AMinOp(), this, dims, keepDim);

    /// <summary>The index of the first smallest element among all in row-major order, as Int64. torch.argmin.</summary>
    public Tensor ArgMin()
    {
        using Tensor x = Detach(), flat = x.Flatten();
        return Extreme.Along("argMin", flat, 0, false, false).Indices;
    }

    /// <summary>The index of the first smallest element along a dimension, as Int64; NaN counts as the smallest. torch.argmin.</summary>
    public Tensor ArgMin(int dim, bool keepDim = false)
    {
        using Tensor x = Detach();
        return Extreme.Along("argMin", x, dim, keepDim, false).Indices;
    }
}
