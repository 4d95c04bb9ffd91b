using Facula.Backends;
using Facula.Numerics;

namespace Facula.NN;

/// <summary>What becomes of the losses of the elements, or of the rows of a batch.</summary>
public enum Reduction
{
    /// <summary>They stay as they are.</summary>
    None,
    /// <summary>Their mean; weighted where the loss has weights of classes.</summary>
    Mean,
    /// <summary>Their sum.</summary>
    Sum,
    /// <summary>Their sum divided by the first size, the batch; for <see cref="Functional.KlDiv(Tensor, Tensor, Reduction, bool)"/> alone.</summary>
    BatchMean,
}

/// <summary>How far outputs are from targets, as a module: <c>loss.Call(model.Call(x), y)</c>.</summary>
public abstract class Loss : Module<Tensor, Tensor, Tensor>
{
    private protected Loss(string typeName, Reduction reduction) => (TypeName, Reduction) = (IsBuiltIn ? typeName : base.TypeName, reduction);

    /// <summary>What becomes of the single losses.</summary>
    public Reduction Reduction { get; }

    /// <inheritdoc/>
    protected internal override string TypeName { get; }
}

/// <summary>A loss of pairs of elements.</summary>
public abstract class PointwiseLoss : Loss
{
    private readonly Func<Tensor, Tensor, Reduction, Tensor> _function;

    private protected PointwiseLoss(string typeName, Reduction reduction, Func<Tensor, Tensor, Reduction, Tensor> function) : base(typeName, reduction) =>
        _function = function;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) => _function(input, target, Reduction);
}

public static partial class Functional
{
    /// <summary>The life of a loss of pairs of elements: the formula and its reduction are one node.</summary>
    internal static Tensor Pointwise<TOp>(TOp op, Tensor input, Tensor target, Reduction reduction) where TOp : struct, IBinaryOp
    {
        CheckPair(TOp.Name, input, target);
        if (reduction == Reduction.None) return Tensor.Binary(op, input, target);
        double divisor = Divisor(TOp.Name, reduction, input);
        DType type = Tensor.Promote(input, target).AsFloat;
        Backend backend = input.Device.Backend;
        using Tensor losses = Tensor.Allocate(input.Layout, type, input.Device);
        backend.Map2(new BinaryForward<TOp>(op), type, losses.Operand, input.Operand, target.Operand);
        Tensor y = Tensor.Allocate(Layout.Scalar, type, input.Device);
        var ones = new int[input.Rank];
        Array.Fill(ones, 1);
        backend.Reduce(new MeanReduce(divisor), type, y.Operand.With(Layout.Contiguous(ones)), losses.Operand);
        return GradMode.Records(input, target) ? new PointwiseNode<TOp>(op, 1 / divisor, input, target).Record(y, input, target) : y;
    }

    /// <summary>The same of losses that have been computed already.</summary>
    internal static Tensor Reduce(string operation, Tensor losses, Reduction reduction)
    {
        if (reduction == Reduction.None) return losses;
        double divisor = Divisor(operation, reduction, losses);
        return Tensor.Reduction(new MeanReduce(divisor), new MeanOp(divisor), losses, [], false);
    }

    /// <summary>What the sum of the losses is divided by.</summary>
    private static double Divisor(string operation, Reduction reduction, Tensor losses) => reduction switch
    {
        Reduction.Mean => losses.Count,
        Reduction.Sum => 1,
        Reduction.BatchMean when operation == KlDivOp.Name => losses.Rank == 0 ? 1 : losses.Length,
        _ => throw new ArgumentOutOfRangeException(nameof(reduction), reduction, $"{operation}: this is no reduction of it; use None, Mean or Sum."),
    };

    /// <summary>
    /// PyTorch warns where the shapes differ and goes on with whatever they broadcast to, which is hardly ever meant. Here the target
    /// may repeat along dimensions of the input, but never the other way round.
    /// </summary>
    private static void CheckPair(string operation, Tensor input, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(target);
        Tensor.DeviceOf(operation, input, target);
        if (input.Layout.SameShape(target.Layout) || target.Layout.Expand(input.Layout.Shape) is not null) return;
        throw new ArgumentException($"{operation}: the input has shape {input.Shape}, the target {target.Shape}; they must be equal. " +
            "Use Squeeze, Unsqueeze or Reshape on one of them.");
    }

    private readonly struct PointwiseGradA<TOp>(TOp op, double scale) : IMap3 where TOp : struct, IBinaryOp
    {
        public T Invoke<T>(T g, T a, T b) where T : INum<T> => op.GradA(g * T.Parameter(scale), a, b);
    }

    private readonly struct PointwiseGradB<TOp>(TOp op, double scale) : IMap3 where TOp : struct, IBinaryOp
    {
        public T Invoke<T>(T g, T a, T b) where T : INum<T> => op.GradB(g * T.Parameter(scale), a, b);
    }

    private sealed class PointwiseNode<TOp> : Node where TOp : struct, IBinaryOp
    {
        private readonly TOp _op;
        private readonly double _scale;

        public PointwiseNode(TOp op, double scale, Tensor input, Tensor target)
        {
            (_op, _scale) = (op, scale);
            Save(input, target);
        }

        public override string Name => TOp.Name;

        protected override void Backward(Tensor gradient, Gradients into)
        {
            if (into.CreateGraph)
            {
                Tensor g = gradient * _scale;
                if (into.Wants(0)) into[0] = _op.GradA(g, A, B);
                if (into.Wants(1)) into[1] = _op.GradB(g, A, B);
                return;
            }
            if (into.Wants(0)) into[0] = Run(new PointwiseGradA<TOp>(_op, _scale), gradient);
            if (into.Wants(1)) into[1] = Run(new PointwiseGradB<TOp>(_op, _scale), gradient);
        }

        private Tensor Run<TMap>(TMap map, Tensor gradient) where TMap : struct, IMap3
        {
            Tensor result = Tensor.Allocate(A.Layout, gradient.DType, gradient.Device);
            gradient.Device.Backend.Map3(map, gradient.DType, result.Operand, gradient.Operand, A.Operand, B.Operand);
            return result;
        }
    }
}
