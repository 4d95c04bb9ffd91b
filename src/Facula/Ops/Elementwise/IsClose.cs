using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula;

internal readonly struct IsCloseOp(double rtol, double atol, bool equalNan) : IComparison
{
    public static string Name => "isClose";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T a, T b) where T : INum<T>
    {
        // An infinite difference is no small one, however large what it is compared with.
        T error = T.Abs(a - b), allowed = T.Abs(b) * T.Parameter(rtol) + T.Parameter(atol);
        T close = T.Or(T.Equal(a, b), T.And(error <= allowed, error < T.Const(double.PositiveInfinity)));
        return equalNan ? T.Or(close, T.And(T.IsNaN(a), T.IsNaN(b))) : close;
    }
}

public partial class Tensor
{
    /// <summary>
    /// Where |this - other| is at most atol + rtol * |other|, or both are the same infinity; NaN is close to NaN only with equalNan. Broadcasts. torch.isclose.
    /// </summary>
    public Tensor IsClose(Tensor other, double rtol = 1e-5, double atol = 1e-8, bool equalNan = false)
    {
        CheckOperands("isClose", this, other);
        Check.Limit("IsClose", rtol);
        Check.Limit("IsClose", atol);
        bool real = DType.IsFloatingPoint || other.DType.IsFloatingPoint;
        return Binary(new IsCloseOp(rtol, atol, equalNan), real ? this : To(DType.Float64), other);
    }

    /// <summary>Whether all elements are close, as <see cref="IsClose"/> has it. Waits for the device. torch.allclose.</summary>
    public bool AllClose(Tensor other, double rtol = 1e-5, double atol = 1e-8, bool equalNan = false) =>
        IsClose(other, rtol, atol, equalNan).All().Item<bool>();

    /// <summary>Whether shape and all elements are equal; NaN equals nothing. Waits for the device. torch.equal.</summary>
    public bool AllEqual(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Layout.SameShape(other.Layout) && (this == other).All().Item<bool>();
    }
}
