using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

namespace Facula;

/// <summary>a + w (b - a), from the nearer end, so that w = 1 gives exactly b.</summary>
internal readonly struct LerpOp(double weight) : IBinaryOp
{
    private readonly bool _isNearA = Math.Abs(weight) < 0.5;

    public static string Name => "lerp";
    public static ResultKind Result => ResultKind.Float;
    public static bool Fuses => false;
    public static Reads GradAReads => Reads.Nothing;
    public static Reads GradBReads => Reads.Nothing;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b) where T : INum<T> => _isNearA
        ? T.MultiplyAdd(b - a, T.Parameter(weight), a)
        : T.MultiplyAdd(a - b, T.Parameter(1 - weight), b);

    public T GradA<T>(T g, T a, T b) where T : INum<T> => g * T.Parameter(1 - weight);
    public T GradB<T>(T g, T a, T b) where T : INum<T> => g * T.Parameter(weight);
}

internal readonly struct LerpMap : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Invoke<T>(T a, T b, T w) where T : INum<T> =>
        T.Select(T.Abs(w) < T.Const(0.5), T.MultiplyAdd(b - a, w, a), T.MultiplyAdd(a - b, T.One - w, b));
}

internal sealed class LerpNode : Node
{
    public LerpNode(Tensor a, Tensor b, Tensor weight) => Save(a, b, weight);

    public override string Name => "lerp";

    protected override void Backward(Tensor gradient, Gradients into)
    {
        if (into.Wants(0)) into[0] = gradient * (1 - C);
        if (into.Wants(1)) into[1] = gradient * C;
        if (into.Wants(2)) into[2] = gradient * (B - A);
    }
}

public partial class Tensor
{
    /// <summary>The point between this (weight 0) and the end (weight 1): this + weight * (end - this). torch.lerp.</summary>
    /// <exception cref="ArgumentException">Both are integers.</exception>
    public Tensor Lerp(Tensor end, double weight)
    {
        CheckLerp(end);
        return Binary(new LerpOp(weight), this, end);
    }

    /// <summary>The same with a weight for each element; all three broadcast. torch.lerp.</summary>
    /// <exception cref="ArgumentException">Both are integers.</exception>
    public Tensor Lerp(Tensor end, Tensor weight)
    {
        CheckLerp(end);
        CheckOperands("lerp", this, weight);
        Layout layout = Broadcast("lerp", Broadcast("lerp", Layout, end.Layout), weight.Layout);
        Tensor y = Allocate(layout, DType.Promote(Promote(this, end), weight.DType.IsFloatingPoint ? weight.DType : DType.Bool),
            DeviceOf("lerp", this, end, weight));
        y.Device.Backend.Map3(new LerpMap(), y.DType, y.Operand, Operand, end.Operand, weight.Operand);
        return GradMode.Records([this, end, weight]) ? new LerpNode(this, end, weight).Record(y, this, end, weight) : y;
    }

    /// <summary>Moves this tensor towards the end: this += weight * (end - this). torch.Tensor.lerp_.</summary>
    /// <returns>This tensor.</returns>
    public Tensor LerpInPlace(Tensor end, double weight)
    {
        CheckLerp(end);
        return BinaryInPlace(new LerpOp(weight), this, end);
    }

    /// <summary>The same with a weight for each element, or one for all; both broadcast to this tensor. torch.Tensor.lerp_.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ArgumentException">This tensor is of integers, or a shape does not broadcast to its.</exception>
    public Tensor LerpInPlace(Tensor end, Tensor weight)
    {
        CheckLerp(end);
        CheckOperands("lerp", this, weight);
        Check.Floating("lerp", this);
        foreach (Tensor operand in (ReadOnlySpan<Tensor>)[end, weight])
        {
            if (operand.Layout.Expand(Layout.Shape) is null)
                throw new ArgumentException($"lerp in place: {operand.Shape} does not broadcast to {Shape}, the shape of the tensor that is changed.");
        }
        if (BeginInPlace("lerp", end.RequiresGrad || weight.RequiresGrad)) return SetValueAndHistory(Before().Lerp(end, weight));
        // Writing over elements that another operand still has to give would change the result.
        Tensor to = ReferenceEquals(end.Buffer, Buffer) ? end.CopyData() : end, share = ReferenceEquals(weight.Buffer, Buffer) ? weight.CopyData() : weight;
        Device.Backend.Map3(new LerpMap(), DType, Operand, Operand, to.Operand, share.Operand);
        Changed();
        return this;
    }

    private void CheckLerp(Tensor end)
    {
        CheckOperands("lerp", this, end);
        if (!DType.IsFloatingPoint && !end.DType.IsFloatingPoint)
            throw new ArgumentException($"lerp: between {DType.PyTorchName} and {end.DType.PyTorchName} there is nothing; " +
                "convert them with To(DType.Float32).");
    }
}
