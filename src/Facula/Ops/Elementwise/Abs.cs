using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula;

internal readonly struct AbsOp : IUnaryOp
{
    public static string Name => "abs";
    public static ResultKind Result => ResultKind.Same;
    public static bool TakesBool => false;

    public T Forward<T>(T x) where T : INum<T> => T.Abs(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Grad<T>(T g, T x, T y) where T : INum<T> => T.Select(x > T.Zero, g, T.Select(x < T.Zero, -g, g * T.Zero));
}

public partial class Tensor
{
    /// <summary>The magnitude; its gradient at 0 is 0. torch.abs.</summary>
    public Tensor Abs() => Unary(new AbsOp(), this);
}
