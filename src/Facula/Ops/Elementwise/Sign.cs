using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula;

internal readonly struct SignOp : IUnaryOp
{
    public static string Name => "sign";
    public static ResultKind Result => ResultKind.Same;
    public static SavedForBackward SavedForBackward => SavedForBackward.Nothing;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Forward<T>(T x) where T : INum<T> => T.Select(x > T.Zero, T.One, T.Select(x < T.Zero, -T.One, T.Zero));
    public T Grad<T>(T g, T x, T y) where T : INum<T> => T.Zero;
}

public partial class Tensor
{
    /// <summary>1 above zero, -1 below, 0 at zero and for NaN; its gradient is 0. torch.sign.</summary>
    public Tensor Sign() => Unary(new SignOp(), this);
}
