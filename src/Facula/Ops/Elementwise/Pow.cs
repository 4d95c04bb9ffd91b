using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula;

internal readonly struct PowOp : IBinaryOp
{
    public static string Name => "pow";
    public static bool TakesBool => false;

    public static bool AutocastsToFloat32 => true;
    public T Forward<T>(T a, T b) where T : INum<T> => T.Pow(a, b);

    // x^0 is constant, also at x = 0, where b x^(b-1) would be 0 times infinity.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T GradA<T>(T g, T a, T b) where T : INum<T> => T.Select(T.Equal(b, T.Zero), T.Zero, g * b * T.Pow(a, b - T.One));

    // 0^b is constant for b > 0 (and b = 0, by PyTorch's convention), where the logarithm is not finite.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T GradB<T>(T g, T a, T b) where T : INum<T> =>
        T.Select(T.And(T.Equal(a, T.Zero), b >= T.Zero), T.Zero, g * T.Pow(a, b) * T.Log(a));
}

internal readonly struct CubeOp : IUnaryOp
{
    public static string Name => "pow";
    public static ResultKind Result => ResultKind.Same;
    public T Forward<T>(T x) where T : INum<T> => x * x * x;
    public T Grad<T>(T g, T x, T y) where T : INum<T> => g * (x * x) * T.Const(3);
}

public partial class Tensor
{
    /// <summary>Each element to the power of the other. Integers stay integers: their negative powers round to 0. torch.pow.</summary>
    public Tensor Pow(Tensor exponent) => Binary(new PowOp(), this, exponent);

    /// <summary>Each element to a power; -1, ±0.5, 2 and 3 take the short way. torch.pow.</summary>
    /// <exception cref="ArgumentException">An integer tensor to a negative integer power.</exception>
    public Tensor Pow(Scalar exponent)
    {
        if (AutocastMode.Widens(this)) return To(DType.Float32).Pow(exponent);
        DType type = Promote(DType, exponent);
        if (type.IsFloatingPoint)
        {
            switch (exponent.ToDouble())
            {
                case -1: return To(type).Reciprocal();
                case -0.5: return To(type).Rsqrt();
                case 0.5: return To(type).Sqrt();
                case 2: return To(type).Square();
                case 3: return Unary(new CubeOp(), To(type));
            }
        }
        else if (exponent.ToInt64() < 0)
            throw new ArgumentException($"pow: integers have no integer power {exponent}; convert with To(DType.Float32), or give the exponent " +
                $"as {exponent}.0.");
        return Binary(new PowOp(), this, Wrap(exponent));
    }

    /// <summary>A plain number to the power of each element. torch.pow.</summary>
    public static Tensor Pow(Scalar number, Tensor exponent) => Binary(new PowOp(), Wrap(number), exponent);

    static Tensor INum<Tensor>.Pow(Tensor a, Tensor b) => a.Pow(b);
}
