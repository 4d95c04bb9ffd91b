using System.Runtime.CompilerServices;

namespace Facula.Numerics;

internal partial interface INum<T>
{
    /// <summary>a times the probability that a standard normal number is below a.</summary>
    static virtual T Gelu(T a) => NormalTail.Gelu(a);
}

internal partial interface IFloat<V, T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V INum<V>.Gelu(V a) => typeof(T) == typeof(float) ? Elementary.GeluSingle<V, T>(a) : NormalTail.Gelu(a);
}

internal static partial class Elementary
{
    /// <summary>
    /// x times the probability that a standard normal number is below x, for float: max(x, 0) - |x| e^(-x^2/2) erfcx(|x|/sqrt(2)) / 2, all in one to share the
    /// steps of its parts.
    /// </summary>
    [MethodImpl(Inline)]
    public static V GeluSingle<V, T>(V x) where V : IFloat<V, T>
    {
        // Beyond 14.5 the exponential is 0.
        V a = V.AtMost(V.Abs(x), V.Const(14.5)), minus = -a, square = a * minus;
        // -x^2 = n 2 ln 2 + r, with what rounding took from the square; |r| <= ln 2.
        V n = V.Round(square * V.Const(0.5 * Log2E));
        V r = V.MultiplyAdd(n, V.Const(-2 * Ln2HighSingle), square);
        r = V.MultiplyAdd(n, V.Const(-2 * Ln2LowSingle), r) + V.ProductError(a, minus, square);
        // e^(r/2) = 1 + r/2 + r^2 q(r) on [-0.695, 0.695]; relative error 2^-28.2.
        V q = Polynomial<V, T>(r, 0.12499998, 0.02083315, 0.0026043097, 0.00026152667, 2.1536871e-05);
        V e = V.MultiplyAdd(V.MultiplyAdd(q, r, 0.5), r, 1);
        // erfcx(a/sqrt(2)) / 2 on [0, 14.5], a quotient of polynomials in a and -a^2; relative error 2^-26.4.
        V over = V.MultiplyAdd(V.MultiplyAdd(V.Const(0.3989469), square, V.MultiplyAdd(V.Const(3.9381404), minus, -17.759079)), square,
            V.MultiplyAdd(V.Const(42.47951), a, 48.46014));
        V under = V.MultiplyAdd(V.MultiplyAdd(a + V.Const(9.872078), square, V.MultiplyAdd(V.Const(45.5009), minus, -116.54645)), square,
            V.MultiplyAdd(V.Const(162.29025), a, 96.92028));
        V tail = V.Scale(e * over / under, n);
        // An infinite -x keeps its place in the product, which is then no number, as in PyTorch.
        return V.MultiplyAdd(V.AtMost(x, minus), tail, V.AtLeast(x, V.Zero));
    }
}
