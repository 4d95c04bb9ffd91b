using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula;

internal readonly struct ErfcOp : IUnaryOp
{
    public static string Name => "erfc";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : INum<T>
    {
        // Beyond 30 it is 0, or 2, and the square cannot overflow.
        T a = T.Min(T.Abs(x), T.Const(30)), square = a * a, e = T.Exp(-square);
        // What rounding took from the square the exponential would multiply.
        T tail = T.MultiplyAdd(-e, T.ProductError(a, a, square), e) * T.Erfcx(a);
        return T.Select(x < T.Zero, T.Const(2) - tail, tail);
    }

    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * T.Const(-2 / Math.Sqrt(Math.PI)) * T.Exp(-(x * x));
}

/// <summary>For x >= 0 only: a part of other formulas, whose derivatives it gives.</summary>
internal readonly struct ErfcxOp : IUnaryOp
{
    public static string Name => "erfcx";
    public static SavedForBackward SavedForBackward => SavedForBackward.Input | SavedForBackward.Output;
    public T Forward<T>(T x) where T : INum<T> => T.Erfcx(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * (T.Const(2) * x * y - T.Const(2 / Math.Sqrt(Math.PI)));
}

public partial class Tensor
{
    /// <summary>1 - erf(x), to the last digits also where erf(x) is almost 1. torch.erfc.</summary>
    public Tensor Erfc() => Unary(new ErfcOp(), this);

    static Tensor INum<Tensor>.Erfcx(Tensor a) => Unary(new ErfcxOp(), a);
}
