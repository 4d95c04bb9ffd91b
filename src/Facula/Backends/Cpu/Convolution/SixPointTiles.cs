using System.Numerics;
using System.Runtime.CompilerServices;
using static Facula.Backends.Cpu.SixPoints;

namespace Facula.Backends.Cpu;

/// <summary>
/// What the algorithms of six points share. At 0, ±5/8, ±3/2 and infinity F(4×4, 3×3) costs about twice the rounding error of a direct sum; at the usual 0, ±1, ±2 and
/// infinity it would be four times that.
/// </summary>
internal static unsafe class SixPoints
{
    public const double A = 0.625, B = 1.5, A2 = A * A, B2 = B * B, A3 = A2 * A, B3 = B2 * B;

    // What the polynomial with the other points as its roots is at 0, at ±a and at ±b.
    public const double N0 = A2 * B2, Na = 2 * A2 * (A2 - B2), Nb = 2 * B2 * (B2 - A2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<L, V, T>(T** lines, nint at, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V d0 = L.Load(lines[0] + at), d1 = L.Load(lines[1] + at), d2 = L.Load(lines[2] + at), d3 = L.Load(lines[3] + at), d4 = L.Load(lines[4] + at), d5 = L.Load(lines[5] + at);
        V product = L.Create(T.CreateTruncating(N0)), sum = L.Create(T.CreateTruncating(-A2 - B2));
        L.Store(L.MultiplyAdd(d0, product, L.MultiplyAdd(d2, sum, d4)), y);
        L.Store(L.MultiplyAdd(d1, product, L.MultiplyAdd(d3, sum, d5)), y + 5 * yStep);
        V even = L.MultiplyAdd(d2, L.Create(T.CreateTruncating(-B2)), d4);
        V odd = L.Multiply(L.MultiplyAdd(d1, L.Create(T.CreateTruncating(-B2)), d3), L.Create(T.CreateTruncating(A)));
        Pair<L, V, T>(even, odd, y + yStep, yStep);
        even = L.MultiplyAdd(d2, L.Create(T.CreateTruncating(-A2)), d4);
        odd = L.Multiply(L.MultiplyAdd(d1, L.Create(T.CreateTruncating(-A2)), d3), L.Create(T.CreateTruncating(B)));
        Pair<L, V, T>(even, odd, y + 3 * yStep, yStep);
    }

    /// <summary>What a polynomial is at a point and at its negative, from its even and its odd powers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pair<L, V, T>(V even, V odd, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        L.Store(L.Add(even, odd), y);
        L.Store(L.Subtract(even, odd), y + yStep);
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
    public static void Input<L, V, T>(T** lines, nint at, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T> =>
        SixPoints.Input<L, V, T>(lines, at, y, yStep);

    [MethodImpl(Inline)]
    public static void Weight<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V g0 = L.Load(x), g1 = L.Load(x + xStep), g2 = L.Load(x + 2 * xStep);
        L.Store(L.Multiply(g0, L.Create(T.CreateTruncating(1 / N0))), y);
        L.Store(g2, y + 5 * yStep);
        V even = L.Multiply(L.MultiplyAdd(g2, L.Create(T.CreateTruncating(A2)), g0), L.Create(T.CreateTruncating(1 / Na)));
        V odd = L.Multiply(g1, L.Create(T.CreateTruncating(A / Na)));
        Pair<L, V, T>(even, odd, y + yStep, yStep);
        even = L.Multiply(L.MultiplyAdd(g2, L.Create(T.CreateTruncating(B2)), g0), L.Create(T.CreateTruncating(1 / Nb)));
        odd = L.Multiply(g1, L.Create(T.CreateTruncating(B / Nb)));
        Pair<L, V, T>(even, odd, y + 3 * yStep, yStep);
    }

    [MethodImpl(Inline)]
    public static void Output<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V m1 = L.Load(x + xStep), m2 = L.Load(x + 2 * xStep), m3 = L.Load(x + 3 * xStep), m4 = L.Load(x + 4 * xStep);
        V sumA = L.Add(m1, m2), differenceA = L.Subtract(m1, m2), sumB = L.Add(m3, m4), differenceB = L.Subtract(m3, m4);
        L.Store(L.Add(L.Load(x), L.Add(sumA, sumB)), y);
        L.Store(L.MultiplyAdd(differenceA, L.Create(T.CreateTruncating(A)), L.Multiply(differenceB, L.Create(T.CreateTruncating(B)))), y + yStep);
        L.Store(L.MultiplyAdd(sumA, L.Create(T.CreateTruncating(A2)), L.Multiply(sumB, L.Create(T.CreateTruncating(B2)))), y + 2 * yStep);
        L.Store(L.MultiplyAdd(differenceA, L.Create(T.CreateTruncating(A3)), L.MultiplyAdd(differenceB, L.Create(T.CreateTruncating(B3)), L.Load(x + 5 * xStep))), y + 3 * yStep);
    }

    [MethodImpl(Inline)]
    public static void OutputGrad<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V y0 = L.Load(x), y1 = L.Load(x + xStep), y2 = L.Load(x + 2 * xStep), y3 = L.Load(x + 3 * xStep);
        L.Store(y0, y);
        L.Store(y3, y + 5 * yStep);
        V even = L.MultiplyAdd(y2, L.Create(T.CreateTruncating(A2)), y0);
        V odd = L.MultiplyAdd(y1, L.Create(T.CreateTruncating(A)), L.Multiply(y3, L.Create(T.CreateTruncating(A3))));
        Pair<L, V, T>(even, odd, y + yStep, yStep);
        even = L.MultiplyAdd(y2, L.Create(T.CreateTruncating(B2)), y0);
        odd = L.MultiplyAdd(y1, L.Create(T.CreateTruncating(B)), L.Multiply(y3, L.Create(T.CreateTruncating(B3))));
        Pair<L, V, T>(even, odd, y + 3 * yStep, yStep);
    }

    [MethodImpl(Inline)]
    public static void WeightGrad<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V u1 = L.Load(x + xStep), u2 = L.Load(x + 2 * xStep), u3 = L.Load(x + 3 * xStep), u4 = L.Load(x + 4 * xStep);
        V sumA = L.Add(u1, u2), differenceA = L.Subtract(u1, u2), sumB = L.Add(u3, u4), differenceB = L.Subtract(u3, u4);
        V a = L.Multiply(sumA, L.Create(T.CreateTruncating(1 / Na))), b = L.Multiply(sumB, L.Create(T.CreateTruncating(1 / Nb)));
        L.Store(L.MultiplyAdd(L.Load(x), L.Create(T.CreateTruncating(1 / N0)), L.Add(a, b)), y);
        L.Store(L.MultiplyAdd(differenceA, L.Create(T.CreateTruncating(A / Na)), L.Multiply(differenceB, L.Create(T.CreateTruncating(B / Nb)))), y + yStep);
        L.Store(L.MultiplyAdd(a, L.Create(T.CreateTruncating(A2)), L.MultiplyAdd(b, L.Create(T.CreateTruncating(B2)), L.Load(x + 5 * xStep))), y + 2 * yStep);
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
    public static void Input<L, V, T>(T** lines, nint at, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T> =>
        SixPoints.Input<L, V, T>(lines, at, y, yStep);

    [MethodImpl(Inline)]
    public static void Weight<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V g0 = L.Load(x), g1 = L.Load(x + xStep), g2 = L.Load(x + 2 * xStep), g3 = L.Load(x + 3 * xStep), g4 = L.Load(x + 4 * xStep);
        L.Store(L.Multiply(g0, L.Create(T.CreateTruncating(1 / N0))), y);
        L.Store(g4, y + 5 * yStep);
        V a2 = L.Create(T.CreateTruncating(A2)), b2 = L.Create(T.CreateTruncating(B2));
        V even = L.Multiply(L.MultiplyAdd(L.MultiplyAdd(g4, a2, g2), a2, g0), L.Create(T.CreateTruncating(1 / Na)));
        V odd = L.Multiply(L.MultiplyAdd(g3, a2, g1), L.Create(T.CreateTruncating(A / Na)));
        Pair<L, V, T>(even, odd, y + yStep, yStep);
        even = L.Multiply(L.MultiplyAdd(L.MultiplyAdd(g4, b2, g2), b2, g0), L.Create(T.CreateTruncating(1 / Nb)));
        odd = L.Multiply(L.MultiplyAdd(g3, b2, g1), L.Create(T.CreateTruncating(B / Nb)));
        Pair<L, V, T>(even, odd, y + 3 * yStep, yStep);
    }

    [MethodImpl(Inline)]
    public static void Output<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V m1 = L.Load(x + xStep), m2 = L.Load(x + 2 * xStep), m3 = L.Load(x + 3 * xStep), m4 = L.Load(x + 4 * xStep);
        L.Store(L.Add(L.Load(x), L.Add(L.Add(m1, m2), L.Add(m3, m4))), y);
        L.Store(L.MultiplyAdd(L.Subtract(m1, m2), L.Create(T.CreateTruncating(A)), L.MultiplyAdd(L.Subtract(m3, m4), L.Create(T.CreateTruncating(B)), L.Load(x + 5 * xStep))), y + yStep);
    }

    [MethodImpl(Inline)]
    public static void OutputGrad<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V y0 = L.Load(x), y1 = L.Load(x + xStep), a = L.Multiply(y1, L.Create(T.CreateTruncating(A))), b = L.Multiply(y1, L.Create(T.CreateTruncating(B)));
        L.Store(y0, y);
        Pair<L, V, T>(y0, a, y + yStep, yStep);
        Pair<L, V, T>(y0, b, y + 3 * yStep, yStep);
        L.Store(y1, y + 5 * yStep);
    }

    [MethodImpl(Inline)]
    public static void WeightGrad<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V u1 = L.Load(x + xStep), u2 = L.Load(x + 2 * xStep), u3 = L.Load(x + 3 * xStep), u4 = L.Load(x + 4 * xStep);
        V a2 = L.Create(T.CreateTruncating(A2)), b2 = L.Create(T.CreateTruncating(B2));
        V a = L.Multiply(L.Add(u1, u2), L.Create(T.CreateTruncating(1 / Na))), b = L.Multiply(L.Add(u3, u4), L.Create(T.CreateTruncating(1 / Nb)));
        L.Store(L.MultiplyAdd(L.Load(x), L.Create(T.CreateTruncating(1 / N0)), L.Add(a, b)), y);
        a = L.Multiply(a, a2);
        b = L.Multiply(b, b2);
        L.Store(L.Add(a, b), y + 2 * yStep);
        L.Store(L.MultiplyAdd(a, a2, L.MultiplyAdd(b, b2, L.Load(x + 5 * xStep))), y + 4 * yStep);
        a = L.Multiply(L.Subtract(u1, u2), L.Create(T.CreateTruncating(A / Na)));
        b = L.Multiply(L.Subtract(u3, u4), L.Create(T.CreateTruncating(B / Nb)));
        L.Store(L.Add(a, b), y + yStep);
        L.Store(L.MultiplyAdd(a, a2, L.Multiply(b, b2)), y + 3 * yStep);
    }
}
