using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula;

internal readonly struct HardSigmoidOp : IUnaryOp
{
    public static string Name => "hardSigmoid";

    public T Forward<T>(T x) where T : INum<T> => Gate(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Grad<T>(T g, T x, T y) where T : INum<T> =>
        T.Select(T.And(x > T.Const(-3), x < T.Const(3)), g * T.Const(1.0 / 6), T.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Gate<T>(T x) where T : INum<T> => T.Min(T.Max(x + T.Const(3), T.Zero), T.Const(6)) / T.Const(6);
}

/// <summary>At ±3 the gradient is that of the middle piece.</summary>
internal readonly struct HardSwishOp : IUnaryOp
{
    public static string Name => "hardSwish";

    public T Forward<T>(T x) where T : INum<T> => x * HardSigmoidOp.Gate(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Grad<T>(T g, T x, T y) where T : INum<T> =>
        T.Select(x < T.Const(-3), T.Zero, T.Select(x <= T.Const(3), g * (x * T.Const(1.0 / 3) + T.Const(0.5)), g));
}

public partial class Tensor
{
    /// <summary>min(max(x + 3, 0), 6) / 6, a sigmoid made of three straight lines. torch.nn.functional.hardsigmoid.</summary>
    public Tensor HardSigmoid() => Unary(new HardSigmoidOp(), this);

    /// <summary>x * HardSigmoid(x). Howard et al. 2019, arXiv:1905.02244. torch.nn.functional.hardswish.</summary>
    public Tensor HardSwish() => Unary(new HardSwishOp(), this);
}
