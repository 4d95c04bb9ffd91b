using System.Numerics;
using System.Runtime.CompilerServices;
using static Facula.Backends.Cpu.SixPoints;

namespace Facula.Backends.Cpu;

/// <summary>
/// What the algorithms of six points share. At 0, ±5/8, ±3/2 and infinity F(4×4, 3×3) costs about twice the rounding error of a direct sum; at the
/// usual 0, ±1, ±2 and infinity it would be four times that.
/// </summary>
internal static unsafe class SixPoints
{
    public const double A = 0.625, B = 1.5, A2 = A * A, B2 = B * B, A3 = A2 * A, B3 = B2 * B;

    // What the polynomial with the other points as its roots is at 0, at ±a and at ±b.
    public const double N0 = A2 * B2, Na = 2 * A2 * (A2 - B2), Nb = 2 * B2 * (B2 - A2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<S, V, T>(T** lines, nint at, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V d0 = S.Load(lines[0] + at), d1 = S.Load(lines[1] + at), d2 = S.Load(lines[2] + at);
        V d3 = S.Load(lines[3] + at), d4 = S.Load(lines[4] + at), d5 = S.Load(lines[5] + at);
        V product = S.Create(T.CreateTruncating(N0)), sum = S.Create(T.CreateTruncating(-A2 - B2));
        S.Store(S.MultiplyAdd(d0, product, S.MultiplyAdd(d2, sum, d4)), y);
        S.Store(S.MultiplyAdd(d1, product, S.MultiplyAdd(d3, sum, d5)), y + 5 * yStep);
        V even = S.MultiplyAdd(d2, S.Create(T.CreateTruncating(-B2)), d4);
        V odd = S.Multiply(S.MultiplyAdd(d1, S.Create(T.CreateTruncating(-B2)), d3), S.Create(T.CreateTruncating(A)));
        Pair<S, V, T>(even, odd, y + yStep, yStep);
        even = S.MultiplyAdd(d2, S.Create(T.CreateTruncating(-A2)), d4);
        odd = S.Multiply(S.MultiplyAdd(d1, S.Create(T.CreateTruncating(-A2)), d3), S.Create(T.CreateTruncating(B)));
        Pair<S, V, T>(even, odd, y + 3 * yStep, yStep);
    }

    /// <summary>What a polynomial is at a point and at its negative, from its even and its odd powers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pair<S, V, T>(V even, V odd, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        S.Store(S.Add(even, odd), y);
        S.Store(S.Subtract(even, odd), y + yStep);
    }
}

/// <summary>F(4×4, 3×3): 4 times fewer multiplications.</summary>
internal readonly unsafe struct Tile4x3 : IWinogradTile
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public static int Outputs { [MethodImpl(Inline)] get => 4; }

    public static int Taps { [MethodImpl(Inline)] get => 3; }

    public static int Inputs { [MethodImpl(Inline)] get => 6; }

    [MethodImpl(Inline)]
    public static void Input<S, V, T>(T** lines, nint at, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T> =>
        SixPoints.Input<S, V, T>(lines, at, y, yStep);

    [MethodImpl(Inline)]
    public static void Weight<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V g0 = S.Load(x), g1 = S.Load(x + xStep), g2 = S.Load(x + 2 * xStep);
        S.Store(S.Multiply(g0, S.Create(T.CreateTruncating(1 / N0))), y);
        S.Store(g2, y + 5 * yStep);
        V even = S.Multiply(S.MultiplyAdd(g2, S.Create(T.CreateTruncating(A2)), g0), S.Create(T.CreateTruncating(1 / Na)));
        V odd = S.Multiply(g1, S.Create(T.CreateTruncating(A / Na)));
        Pair<S, V, T>(even, odd, y + yStep, yStep);
        even = S.Multiply(S.MultiplyAdd(g2, S.Create(T.CreateTruncating(B2)), g0), S.Create(T.CreateTruncating(1 / Nb)));
        odd = S.Multiply(g1, S.Create(T.CreateTruncating(B / Nb)));
        Pair<S, V, T>(even, odd, y + 3 * yStep, yStep);
    }

    [MethodImpl(Inline)]
    public static void Output<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V m1 = S.Load(x + xStep), m2 = S.Load(x + 2 * xStep), m3 = S.Load(x + 3 * xStep), m4 = S.Load(x + 4 * xStep);
        V sumA = S.Add(m1, m2), differenceA = S.Subtract(m1, m2), sumB = S.Add(m3, m4), differenceB = S.Subtract(m3, m4);
        S.Store(S.Add(S.Load(x), S.Add(sumA, sumB)), y);
        S.Store(S.MultiplyAdd(differenceA, S.Create(T.CreateTruncating(A)), S.Multiply(differenceB, S.Create(T.CreateTruncating(B)))), y + yStep);
        S.Store(S.MultiplyAdd(sumA, S.Create(T.CreateTruncating(A2)), S.Multiply(sumB, S.Create(T.CreateTruncating(B2)))), y + 2 * yStep);
        V last = S.MultiplyAdd(differenceB, S.Create(T.CreateTruncating(B3)), S.Load(x + 5 * xStep));
        S.Store(S.MultiplyAdd(differenceA, S.Create(T.CreateTruncating(A3)), last), y + 3 * yStep);
    }

    [MethodImpl(Inline)]
    public static void OutputGrad<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V y0 = S.Load(x), y1 = S.Load(x + xStep), y2 = S.Load(x + 2 * xStep), y3 = S.Load(x + 3 * xStep);
        S.Store(y0, y);
        S.Store(y3, y + 5 * yStep);
        V even = S.MultiplyAdd(y2, S.Create(T.CreateTruncating(A2)), y0);
        V odd = S.MultiplyAdd(y1, S.Create(T.CreateTruncating(A)), S.Multiply(y3, S.Create(T.CreateTruncating(A3))));
        Pair<S, V, T>(even, odd, y + yStep, yStep);
        even = S.MultiplyAdd(y2, S.Create(T.CreateTruncating(B2)), y0);
        odd = S.MultiplyAdd(y1, S.Create(T.CreateTruncating(B)), S.Multiply(y3, S.Create(T.CreateTruncating(B3))));
        Pair<S, V, T>(even, odd, y + 3 * yStep, yStep);
    }

    [MethodImpl(Inline)]
    public static void WeightGrad<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V u1 = S.Load(x + xStep), u2 = S.Load(x + 2 * xStep), u3 = S.Load(x + 3 * xStep), u4 = S.Load(x + 4 * xStep);
        V sumA = S.Add(u1, u2), differenceA = S.Subtract(u1, u2), sumB = S.Add(u3, u4), differenceB = S.Subtract(u3, u4);
        V a = S.Multiply(sumA, S.Create(T.CreateTruncating(1 / Na))), b = S.Multiply(sumB, S.Create(T.CreateTruncating(1 / Nb)));
        S.Store(S.MultiplyAdd(S.Load(x), S.Create(T.CreateTruncating(1 / N0)), S.Add(a, b)), y);
        S.Store(S.MultiplyAdd(differenceA, S.Create(T.CreateTruncating(A / Na)), S.Multiply(differenceB, S.Create(T.CreateTruncating(B / Nb)))), y + yStep);
        S.Store(S.MultiplyAdd(a, S.Create(T.CreateTruncating(A2)), S.MultiplyAdd(b, S.Create(T.CreateTruncating(B2)), S.Load(x + 5 * xStep))), y + 2 * yStep);
    }
}

/// <summary>F(2×2, 5×5): 2.8 times fewer multiplications.</summary>
internal readonly unsafe struct Tile2x5 : IWinogradTile
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Outputs { [MethodImpl(Inline)] get => 2; }

    public static int Taps { [MethodImpl(Inline)] get => 5; }

    public static int Inputs { [MethodImpl(Inline)] get => 6; }

    [MethodImpl(Inline)]
    public static void Input<S, V, T>(T** lines, nint at, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T> =>
        SixPoints.Input<S, V, T>(lines, at, y, yStep);

    [MethodImpl(Inline)]
    public static void Weight<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V g0 = S.Load(x), g1 = S.Load(x + xStep), g2 = S.Load(x + 2 * xStep), g3 = S.Load(x + 3 * xStep), g4 = S.Load(x + 4 * xStep);
        S.Store(S.Multiply(g0, S.Create(T.CreateTruncating(1 / N0))), y);
        S.Store(g4, y + 5 * yStep);
        V a2 = S.Create(T.CreateTruncating(A2)), b2 = S.Create(T.CreateTruncating(B2));
        V even = S.Multiply(S.MultiplyAdd(S.MultiplyAdd(g4, a2, g2), a2, g0), S.Create(T.CreateTruncating(1 / Na)));
        V odd = S.Multiply(S.MultiplyAdd(g3, a2, g1), S.Create(T.CreateTruncating(A / Na)));
        Pair<S, V, T>(even, odd, y + yStep, yStep);
        even = S.Multiply(S.MultiplyAdd(S.MultiplyAdd(g4, b2, g2), b2, g0), S.Create(T.CreateTruncating(1 / Nb)));
        odd = S.Multiply(S.MultiplyAdd(g3, b2, g1), S.Create(T.CreateTruncating(B / Nb)));
        Pair<S, V, T>(even, odd, y + 3 * yStep, yStep);
    }

    [MethodImpl(Inline)]
    public static void Output<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V m1 = S.Load(x + xStep), m2 = S.Load(x + 2 * xStep), m3 = S.Load(x + 3 * xStep), m4 = S.Load(x + 4 * xStep);
        S.Store(S.Add(S.Load(x), S.Add(S.Add(m1, m2), S.Add(m3, m4))), y);
        V last = S.MultiplyAdd(S.Subtract(m3, m4), S.Create(T.CreateTruncating(B)), S.Load(x + 5 * xStep));
        S.Store(S.MultiplyAdd(S.Subtract(m1, m2), S.Create(T.CreateTruncating(A)), last), y + yStep);
    }

    [MethodImpl(Inline)]
    public static void OutputGrad<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V y0 = S.Load(x), y1 = S.Load(x + xStep), a = S.Multiply(y1, S.Create(T.CreateTruncating(A))), b = S.Multiply(y1, S.Create(T.CreateTruncating(B)));
        S.Store(y0, y);
        Pair<S, V, T>(y0, a, y + yStep, yStep);
        Pair<S, V, T>(y0, b, y + 3 * yStep, yStep);
        S.Store(y1, y + 5 * yStep);
    }

    [MethodImpl(Inline)]
    public static void WeightGrad<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V u1 = S.Load(x + xStep), u2 = S.Load(x + 2 * xStep), u3 = S.Load(x + 3 * xStep), u4 = S.Load(x + 4 * xStep);
        V a2 = S.Create(T.CreateTruncating(A2)), b2 = S.Create(T.CreateTruncating(B2));
        V a = S.Multiply(S.Add(u1, u2), S.Create(T.CreateTruncating(1 / Na))), b = S.Multiply(S.Add(u3, u4), S.Create(T.CreateTruncating(1 / Nb)));
        S.Store(S.MultiplyAdd(S.Load(x), S.Create(T.CreateTruncating(1 / N0)), S.Add(a, b)), y);
        a = S.Multiply(a, a2);
        b = S.Multiply(b, b2);
        S.Store(S.Add(a, b), y + 2 * yStep);
        S.Store(S.MultiplyAdd(a, a2, S.MultiplyAdd(b, b2, S.Load(x + 5 * xStep))), y + 4 * yStep);
        a = S.Multiply(S.Subtract(u1, u2), S.Create(T.CreateTruncating(A / Na)));
        b = S.Multiply(S.Subtract(u3, u4), S.Create(T.CreateTruncating(B / Nb)));
        S.Store(S.Add(a, b), y + yStep);
        S.Store(S.MultiplyAdd(a, a2, S.Multiply(b, b2)), y + 3 * yStep);
    }
}
