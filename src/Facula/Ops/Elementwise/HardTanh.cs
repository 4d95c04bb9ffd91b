using Facula.Numerics;

namespace Facula;

/// <summary>A clamp whose bounds pass no gradient.</summary>
internal readonly struct HardTanhOp(double min, double max) : IUnaryOp
{
    public static string Name => "hardTanh";
    public static ResultKind Result => ResultKind.Same;
    public static bool TakesBool => false;
    public T Forward<T>(T x) where T : INum<T> => T.Min(T.Max(x, T.Parameter(min)), T.Parameter(max));
    public T Grad<T>(T g, T x, T y) where T : INum<T> => T.Select(T.Or(x <= T.Parameter(min), x >= T.Parameter(max)), T.Zero, g);
}

public partial class Tensor
{
    /// <summary>x between min and max, else the nearer of them; the gradient at both is 0, unlike that of Clamp. torch.nn.functional.hardtanh.</summary>
    /// <exception cref="ArgumentException">min is greater than max, or one is NaN.</exception>
    public Tensor HardTanh(double min = -1, double max = 1)
    {
        if (!(min <= max)) throw new ArgumentException($"HardTanh: min {min} is greater than max {max}, or one is no number.", nameof(min));
        return Unary(new HardTanhOp(min, max), this);
    }

    /// <summary>min(max(x, 0), 6), with gradient 0 at 0 and at 6. torch.nn.functional.relu6.</summary>
    public Tensor Relu6() => Unary(new HardTanhOp(0, 6), this);
}
