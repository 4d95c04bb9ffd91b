using Facula.Backends;

namespace Facula;

/// <summary>A reduction with its gradient rule. g, y and the result of Grad keep the reduced dimensions, of size 1.</summary>
internal interface IReductionOp : IReduce
{
    static abstract string Name { get; }
    static virtual Keeps Keeps => Keeps.Nothing;
    static virtual bool HasIdentity => true;

    /// <summary>The type of the result and of the computation.</summary>
    static abstract DType ResultOf(DType x);

    /// <summary>The gradient of x; it may be smaller and broadcast.</summary>
    Tensor Grad(Tensor g, Tensor x, Tensor y);
}

public partial class Tensor
{
    /// <summary>Reduces the given dimensions (none: all of them).</summary>
    internal static Tensor Reduction<TOp>(TOp op, Tensor x, ReadOnlySpan<int> dims, bool keepDim, DType? type = null) where TOp : struct, IReductionOp
    {
        int[] reduced = Check.Dims(TOp.Name, dims, x.Rank);
        int[] kept = (int[])x.Layout.Shape.Clone();
        foreach (int d in reduced)
        {
            if (kept[d] == 0 && !TOp.HasIdentity)
                throw new ArgumentException($"{TOp.Name}: dimension {d} of a tensor of shape {x.Shape} is empty, and {TOp.Name} of nothing is undefined.");
            kept[d] = 1;
        }
        Tensor y = Allocate(Layout.Contiguous(kept), type ?? TOp.ResultOf(x.DType), x.Device);
        x.Device.Backend.Reduce(op, y.DType, y.Operand, x.Operand);
        if (GradMode.Records(x) && y.DType.IsFloatingPoint) new ReductionNode<TOp>(op, x, y).Record(y, x);
        if (keepDim || reduced.Length == 0) return y;
        return y.Reshape([.. Enumerable.Range(0, x.Rank).Except(reduced).Select(d => x.Layout.Shape[d])]);
    }

    private sealed class ReductionNode<TOp> : Node where TOp : struct, IReductionOp
    {
        private readonly TOp _op;
        private readonly Layout _shape;

        public ReductionNode(TOp op, Tensor x, Tensor y)
        {
            (_op, _shape) = (op, x.Layout);
            Save(TOp.Keeps.HasFlag(Keeps.Input) ? x : null, TOp.Keeps.HasFlag(Keeps.Output) ? y : null);
        }

        public override string Name => TOp.Name;

        protected override void Backward(Tensor gradient, Gradients into) => into[0] =
            _op.Grad(gradient, TOp.Keeps.HasFlag(Keeps.Input) ? A : null!, TOp.Keeps.HasFlag(Keeps.Output) ? B : null!).Expand(_shape.Shape);
    }
}
