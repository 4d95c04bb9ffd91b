using System.Diagnostics.CodeAnalysis;
using Facula.Backends;
using Facula.Numerics;

namespace Facula;

/// <summary>Operands that a gradient rule reads.</summary>
[Flags]
internal enum Reads
{
    Nothing = 0,
    A = 1,
    B = 2,
    Both = A | B,
}

/// <summary>
/// An element-wise operation of two tensors that broadcast. GradA and GradB are the gradients of a and b, given g, the gradient of
/// the result. Where a rule is a single operation, or none, fusing it gains nothing: then Fuses is false and it runs on tensors.
/// </summary>
internal interface IBinaryOp
{
    static abstract string Name { get; }
    static virtual ResultKind Result => ResultKind.Same;
    static virtual bool Fuses => true;
    static virtual Reads GradAReads => Reads.Both;
    static virtual Reads GradBReads => Reads.Both;
    static virtual bool TakesBool => true;

    /// <summary>Whether one operand may be bool where the other is not.</summary>
    static virtual bool MixesBool => true;

    /// <summary>Whether an operand that the result's type cannot hold is rounded to it first; products and quotients of 16-bit floats take
    /// it as it is.</summary>
    static virtual bool Converts => true;

    T Forward<T>(T a, T b) where T : INum<T>;

    T GradA<T>(T g, T a, T b) where T : INum<T>;

    T GradB<T>(T g, T a, T b) where T : INum<T>;
}

/// <summary>The formula of an operation of two tensors, for backends.</summary>
internal readonly struct BinaryForward<TOp>(TOp op) : IMap2 where TOp : struct, IBinaryOp
{
    public T Invoke<T>(T a, T b) where T : INum<T> => op.Forward(a, b);
}

public partial class Tensor
{
    /// <summary>The life of every element-wise operation of two tensors: check, promote and broadcast, run, record.</summary>
    internal static Tensor Binary<TOp>(TOp op, Tensor a, Tensor b) where TOp : struct, IBinaryOp
    {
        DType compute = ComputeType<TOp>(a, b);
        if (!IsWide(compute)) (a, b) = (Fit<TOp>(a, compute), Fit<TOp>(b, compute));
        Layout layout = a.Layout.SameShape(b.Layout) && !b.Layout.IsChannelsLast ? a.Layout : Broadcast(TOp.Name, a.Layout, b.Layout);
        bool records = TOp.Result != ResultKind.Bool && GradMode.Records(a, b);
        DType type = TOp.Result == ResultKind.Bool ? DType.Bool : compute;
        Tensor partner = a.IsWrappedNumber ? b : a;
        Tensor y = partner.IsWrappedNumber && !records ? AllocateNumber(type) : Allocate(layout, type, partner.Device, TOp.Name);
        Run(op, compute, y, a, b);
        return records ? new BinaryNode<TOp>(op, a, b).Record(y, a, b) : y;
    }

    /// <summary>The same, writing over the first operand.</summary>
    internal static Tensor BinaryInPlace<TOp>(TOp op, Tensor a, Tensor b) where TOp : struct, IBinaryOp
    {
        // A plain number is nobody's elements: like a name in Python, it goes over to the result.
        if (a is { IsWrappedNumber: true }) return a.TakeOver(Binary(op, a, b));
        DType compute = ComputeType<TOp>(a, b);
        if (compute.Category > a.DType.Category)
        {
            throw new ArgumentException($"{TOp.Name} in place: the result is {compute.PyTorchName}, which a {a.DType.PyTorchName} tensor cannot hold; " +
                "use the operation that makes a new tensor, or convert this one with To first.");
        }
        if (a.IsWrappedNumber && !b.IsWrappedNumber) Check.SameDevice(TOp.Name, a, b);
        if (!IsWide(compute)) b = Fit<TOp>(b, compute);
        if (!a.Layout.SameShape(b.Layout) && b.Layout.Expand(a.Layout.Shape) is null)
            throw new ArgumentException($"{TOp.Name} in place: {b.Shape} does not broadcast to {a.Shape}, the shape of the tensor that is changed.");
        if (a.BeginInPlace(TOp.Name, b.RequiresGrad)) return a.SetValueAndHistory(Binary(op, a.Before(), b));
        // Writing over elements that the other operand still has to give would change the result.
        if (ReferenceEquals(a.Buffer, b.Buffer) && !ReferenceEquals(a.Layout, b.Layout)) b = b.CopyData();
        Run(op, compute, a, a, b);
        a.Changed();
        return a;
    }

    private static void Run<TOp>(TOp op, DType compute, Tensor y, Tensor a, Tensor b) where TOp : struct, IBinaryOp
    {
        Backend backend = y.Device.Backend;
        if (TOp.Result == ResultKind.Bool) backend.Map2(new BinaryPredicate<TOp>(op), compute, y.Operand, a.Operand, b.Operand);
        else backend.Map2(new BinaryForward<TOp>(op), compute, y.Operand, a.Operand, b.Operand);
    }

    private static DType ComputeType<TOp>(Tensor a, Tensor b) where TOp : struct, IBinaryOp
    {
        CheckOperands(TOp.Name, a, b);
        DType type = Promote(a, b);
        if (!TOp.TakesBool && (type == DType.Bool || (!TOp.MixesBool && (a.DType == DType.Bool || b.DType == DType.Bool)))) ThrowBool(TOp.Name);
        return TOp.Result == ResultKind.Float ? type.AsFloat : type;
    }

    /// <summary>Whether kernels compute in the type itself, or in one that rounds to it what is read.</summary>
    private static bool IsWide(DType type) => type.Kind is ElementType.Float32 or ElementType.Float64 or ElementType.Int64;

    /// <summary>The operand as a tensor of the type that the operation is one of, where it may hold what that type does not.</summary>
    private static Tensor Fit<TOp>(Tensor x, DType type) where TOp : struct, IBinaryOp => TOp.Converts && !type.Holds(x.DType) ? x.InType(type) : x;

    [DoesNotReturn]
    private static void ThrowBool(string operation) => throw new ArgumentException($"{operation}: bool has no such operation; use the operators " +
        "!, &, | and ^ for logic, or convert with To(DType.Int64) to count with truth values.");

    private static void CheckOperands(string operation, Tensor? a, Tensor? b)
    {
        if (a is null || b is null)
            throw new ArgumentNullException(a is null ? nameof(a) : nameof(b),
                $"{operation}: an operand is null. A .Grad is null until Backward has been called.");
        if (!a.IsWrappedNumber && !b.IsWrappedNumber) Check.SameDevice(operation, a, b);
    }

    /// <summary>Where a kernel runs that reads all of these: where those are that are no plain numbers, for which one place is as good as another.</summary>
    internal static Device DeviceOf(string operation, params ReadOnlySpan<Tensor> operands)
    {
        Tensor? anchor = null;
        foreach (Tensor operand in operands)
        {
            if (operand.IsWrappedNumber) continue;
            if (anchor is null) anchor = operand;
            else Check.SameDevice(operation, anchor, operand);
        }
        return (anchor ?? operands[0]).Device;
    }

    /// <summary>The layout of the result: that of a convolution's output lives on in what is made of it.</summary>
    internal static Layout Broadcast(string operation, Layout a, Layout b)
    {
        int[] shape = Layout.Broadcast(a.Shape, b.Shape) ?? Check.ThrowBroadcast(operation, a, b);
        Layout? first = b.IsChannelsLast ? b : a.IsChannelsLast ? a : null;
        return first is not null && first.Shape.AsSpan().SequenceEqual(shape) ? first : Layout.Contiguous(shape, operation);
    }

    /// <summary>
    /// PyTorch's rule (torch.result_type): tensors with dimensions decide before tensors without, and those before plain numbers; a lesser
    /// one counts only if its category (bool, integer, floating-point) is higher.
    /// </summary>
    internal static DType Promote(Tensor a, Tensor b)
    {
        if (a.DType == b.DType) return a.DType;
        int rankA = a.IsWrappedNumber ? 0 : a.Rank == 0 ? 1 : 2, rankB = b.IsWrappedNumber ? 0 : b.Rank == 0 ? 1 : 2;
        if (rankA == rankB) return DType.Promote(a.DType, b.DType);
        (Tensor strong, Tensor weak) = rankA > rankB ? (a, b) : (b, a);
        if (weak.DType.Category <= strong.DType.Category) return strong.DType;
        return weak.IsWrappedNumber && weak.DType == DType.Float64 ? DType.Float32 : DType.Promote(strong.DType, weak.DType);
    }

    /// <summary>The type of a tensor combined with a plain number.</summary>
    private static DType Promote(DType type, Scalar number) =>
        number.DType.Category <= type.Category ? type : number.DType == DType.Float64 ? DType.Float32 : number.DType;

    /// <summary>A plain number as an operand.</summary>
    internal static Tensor Wrap(Scalar value) => new(new Number(value), Layout.Scalar, value.DType, Device.Cpu);

    /// <summary>The result of a formula over plain numbers alone, which is one too, so that formulas over tensors keep the type and the device
    /// of their tensors.</summary>
    private static Tensor AllocateNumber(DType type) => new(new Number(), Layout.Scalar, type, Device.Cpu);

    /// <summary>The same elements in another type; a plain number stays one.</summary>
    private Tensor InType(DType type)
    {
        if (!IsWrappedNumber || type == DType) return To(type);
        Tensor number = AllocateNumber(type);
        number.Device.Backend.Copy(Operand, number.Operand);
        return number;
    }

    private readonly struct BinaryPredicate<TOp>(TOp op) : IMap2 where TOp : struct, IBinaryOp
    {
        public T Invoke<T>(T a, T b) where T : INum<T> => T.Select(op.Forward(a, b), T.One, T.Zero);
    }

    private readonly struct BinaryGradA<TOp>(TOp op) : IMap3 where TOp : struct, IBinaryOp
    {
        public T Invoke<T>(T g, T a, T b) where T : INum<T> => op.GradA(g, a, b);
    }

    private readonly struct BinaryGradB<TOp>(TOp op) : IMap3 where TOp : struct, IBinaryOp
    {
        public T Invoke<T>(T g, T a, T b) where T : INum<T> => op.GradB(g, a, b);
    }

    private sealed class BinaryNode<TOp> : Node where TOp : struct, IBinaryOp
    {
        private readonly TOp _op;

        public BinaryNode(TOp op, Tensor a, Tensor b)
        {
            _op = op;
            Reads reads = (a.RequiresGrad ? TOp.GradAReads : Reads.Nothing) | (b.RequiresGrad ? TOp.GradBReads : Reads.Nothing);
            Save(reads.HasFlag(Reads.A) ? a : null, reads.HasFlag(Reads.B) ? b : null);
        }

        public override string Name => TOp.Name;

        protected override void Backward(Tensor gradient, Gradients into)
        {
            Reads reads = (into.Wants(0) ? TOp.GradAReads : Reads.Nothing) | (into.Wants(1) ? TOp.GradBReads : Reads.Nothing);
            Tensor a = reads.HasFlag(Reads.A) ? A : null!, b = reads.HasFlag(Reads.B) ? B : null!;
            bool fuse = TOp.Fuses && !into.CreateGraph;
            // Formulas run on tensors compute in the gradient's type, as fused ones do.
            if (TOp.Fuses && !fuse) (a, b) = (a?.InType(gradient.DType)!, b?.InType(gradient.DType)!);
            // What is not there is not read; the other operand stands in for it.
            if (fuse) (a, b) = (reads.HasFlag(Reads.A) ? a : b, reads.HasFlag(Reads.B) ? b : a);
            Backend backend = gradient.Device.Backend;
            if (into.Wants(0))
            {
                if (!fuse) into[0] = _op.GradA(gradient, a, b);
                else
                {
                    Tensor result = Allocate(gradient.Layout, gradient.DType, gradient.Device);
                    backend.Map3(new BinaryGradA<TOp>(_op), gradient.DType, result.Operand, gradient.Operand, a.Operand, b.Operand);
                    into[0] = result;
                }
            }
            if (!into.Wants(1)) return;
            if (!fuse) into[1] = _op.GradB(gradient, a, b);
            else
            {
                Tensor result = Allocate(gradient.Layout, gradient.DType, gradient.Device);
                backend.Map3(new BinaryGradB<TOp>(_op), gradient.DType, result.Operand, gradient.Operand, a.Operand, b.Operand);
                into[1] = result;
            }
        }
    }
}
