using Facula.Backends;
using Facula.Numerics;

namespace Facula;

/// <summary>Which types an element-wise operation takes and gives.</summary>
internal enum ResultKind
{
    /// <summary>The (promoted) type of the operands.</summary>
    Same,
    /// <summary>A floating-point type; integers become float32.</summary>
    Float,
    /// <summary>Bool, from operands compared in their promoted type.</summary>
    Bool,
}

/// <summary>What the gradient rule of an operation reads besides the gradient of its result.</summary>
[Flags]
internal enum SavedForBackward
{
    Nothing = 0,
    Input = 1,
    Output = 2,
}

/// <summary>
/// An element-wise operation of one tensor. Grad is the gradient of x, given g, the gradient of y = Forward(x). Both bodies serve
/// every backend, and, with T = Tensor, the gradient of the gradient. A struct may have fields: the operation's parameters.
/// </summary>
internal interface IUnaryOp
{
    static abstract string Name { get; }
    static virtual ResultKind Result => ResultKind.Float;
    static virtual SavedForBackward SavedForBackward => SavedForBackward.Input;
    static virtual bool TakesBool => true;

    /// <summary>Whether <see cref="Autograd.Autocast"/> computes it in Float32.</summary>
    static virtual bool AutocastsToFloat32 => false;

    T Forward<T>(T x) where T : INum<T>;

    T Grad<T>(T g, T x, T y) where T : INum<T>;
}

public partial class Tensor
{
    /// <summary>The life of every element-wise operation of one tensor: check, promote, run, record.</summary>
    internal static Tensor Unary<TOp>(TOp op, Tensor x) where TOp : struct, IUnaryOp
    {
        ArgumentNullException.ThrowIfNull(x, TOp.Name);
        if (TOp.AutocastsToFloat32) x = AutocastMode.Widen(x);
        DType compute = TOp.Result == ResultKind.Float ? x.DType.AsFloat : x.DType;
        if (!TOp.TakesBool && compute == DType.Bool) ThrowBool(TOp.Name);
        bool records = TOp.Result != ResultKind.Bool && GradMode.Records(x);
        DType type = TOp.Result == ResultKind.Bool ? DType.Bool : compute;
        Tensor y = x.IsWrappedNumber && !records ? AllocateNumber(type) : Allocate(x.Layout, type, x.Device, TOp.Name);
        if (TOp.Result == ResultKind.Bool) x.Device.Backend.Map(new UnaryPredicate<TOp>(op), compute, y.Operand, x.Operand);
        else x.Device.Backend.Map(new UnaryForward<TOp>(op), compute, y.Operand, x.Operand);
        return records ? new UnaryNode<TOp>(op, x, y).Record(y, x) : y;
    }

    /// <summary>The same, writing over the operand.</summary>
    internal static Tensor UnaryInPlace<TOp>(TOp op, Tensor x) where TOp : struct, IUnaryOp
    {
        ArgumentNullException.ThrowIfNull(x, TOp.Name);
        if (x.BeginInPlace(TOp.Name, false)) return x.SetValueAndHistory(Unary(op, x.Before()));
        if (TOp.Result == ResultKind.Float) Check.Floating(TOp.Name, x);
        if (!TOp.TakesBool && x.DType == DType.Bool) ThrowBool(TOp.Name);
        x.Device.Backend.Map(new UnaryForward<TOp>(op), x.DType, x.Operand, x.Operand);
        x.Changed();
        return x;
    }

    /// <summary>The gradient of an operation's input from that of its output, y, which is all that it keeps; not recorded.</summary>
    internal static Tensor GradOf<TOp>(TOp op, Tensor g, Tensor y) where TOp : struct, IUnaryOp
    {
        Tensor result = Allocate(y.Layout, g.DType, g.Device);
        g.Device.Backend.Map2(new GradOfOutput<TOp>(op), result.DType, result.Operand, g.Operand, y.Operand);
        return result;
    }

    private readonly struct UnaryForward<TOp>(TOp op) : IMap1 where TOp : struct, IUnaryOp
    {
        public T Invoke<T>(T a) where T : INum<T> => op.Forward(a);
    }

    private readonly struct UnaryPredicate<TOp>(TOp op) : IMap1 where TOp : struct, IUnaryOp
    {
        public T Invoke<T>(T a) where T : INum<T> => T.Select(op.Forward(a), T.One, T.Zero);
    }

    private readonly struct GradOfInput<TOp>(TOp op) : IMap2 where TOp : struct, IUnaryOp
    {
        public T Invoke<T>(T g, T x) where T : INum<T> => op.Grad(g, x, default!);
    }

    private readonly struct GradOfOutput<TOp>(TOp op) : IMap2 where TOp : struct, IUnaryOp
    {
        public T Invoke<T>(T g, T y) where T : INum<T> => op.Grad(g, default!, y);
    }

    private readonly struct GradOfBoth<TOp>(TOp op) : IMap3 where TOp : struct, IUnaryOp
    {
        public T Invoke<T>(T g, T x, T y) where T : INum<T> => op.Grad(g, x, y);
    }

    private sealed class UnaryNode<TOp> : Node where TOp : struct, IUnaryOp
    {
        private readonly TOp _op;

        public UnaryNode(TOp op, Tensor x, Tensor y)
        {
            _op = op;
            Save(TOp.SavedForBackward.HasFlag(SavedForBackward.Input) ? x : null, TOp.SavedForBackward.HasFlag(SavedForBackward.Output) ? y : null);
        }

        public override string Name => TOp.Name;

        protected override void Backward(Tensor gradient, Gradients into)
        {
            SavedForBackward saved = TOp.SavedForBackward;
            Tensor x = saved.HasFlag(SavedForBackward.Input) ? A : null!, y = saved.HasFlag(SavedForBackward.Output) ? B : null!;
            if (into.CreateGraph || saved == SavedForBackward.Nothing)
            {
                into[0] = _op.Grad(gradient, x, y);
                return;
            }
            if (saved == SavedForBackward.Output)
            {
                into[0] = GradOf(_op, gradient, y);
                return;
            }
            Tensor result = Allocate(x.Layout, gradient.DType, gradient.Device);
            Backend backend = gradient.Device.Backend;
            if (saved == SavedForBackward.Input) backend.Map2(new GradOfInput<TOp>(_op), result.DType, result.Operand, gradient.Operand, x.Operand);
            else backend.Map3(new GradOfBoth<TOp>(_op), result.DType, result.Operand, gradient.Operand, x.Operand, y.Operand);
            into[0] = result;
        }
    }
}
