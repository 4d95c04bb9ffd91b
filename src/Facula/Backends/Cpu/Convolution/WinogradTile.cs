using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// The transforms of a minimal filtering algorithm F(m×m, r×r) in one dimension; in two they are applied to columns and then to rows. Most read vectors a step apart, and all write
/// vectors a step apart. Winograd 1980; Lavin and Gray 2015, arXiv:1509.09308.
/// </summary>
internal unsafe interface IWinogradTile
{
    /// <summary>Positions of the output in a tile, m.</summary>
    static abstract int Outputs { get; }

    /// <summary>Taps of a kernel, r.</summary>
    static abstract int Taps { get; }

    /// <summary>Positions of the input in a tile, m + r - 1: also the number of points.</summary>
    static abstract int Inputs { get; }

    /// <summary>From a tile of the input, vectors of which are at so many elements from the beginning of each of these lines: what is beyond an edge is a line of zeros.</summary>
    static abstract void Input<L, V, T>(T** lines, nint at, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>;

    /// <summary>From a kernel's taps.</summary>
    static abstract void Weight<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>;

    /// <summary>To a tile of the output.</summary>
    static abstract void Output<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>;

    /// <summary>From the gradient of a tile of the output: the transpose of <see cref="Output"/>.</summary>
    static abstract void OutputGrad<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>;

    /// <summary>To the gradient of a kernel's taps: the transpose of <see cref="Weight"/>.</summary>
    static abstract void WeightGrad<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>;
}

/// <summary>F(2×2, 3×3), at the points 0, ±1 and infinity: 2.25 times fewer multiplications.</summary>
internal readonly unsafe struct Tile2x3 : IWinogradTile
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Outputs { [MethodImpl(Inline)] get => 2; }

    public static int Taps { [MethodImpl(Inline)] get => 3; }

    public static int Inputs { [MethodImpl(Inline)] get => 4; }

    [MethodImpl(Inline)]
    public static void Input<L, V, T>(T** lines, nint at, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V a = L.Load(lines[0] + at), b = L.Load(lines[1] + at), c = L.Load(lines[2] + at), d = L.Load(lines[3] + at);
        L.Store(L.Subtract(a, c), y);
        L.Store(L.Add(b, c), y + yStep);
        L.Store(L.Subtract(c, b), y + 2 * yStep);
        L.Store(L.Subtract(d, b), y + 3 * yStep);
    }

    [MethodImpl(Inline)]
    public static void Weight<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V half = L.Create(T.CreateTruncating(0.5)), a = L.Load(x), b = L.Multiply(L.Load(x + xStep), half), c = L.Load(x + 2 * xStep), sum = L.Multiply(L.Add(a, c), half);
        L.Store(a, y);
        L.Store(L.Add(sum, b), y + yStep);
        L.Store(L.Subtract(sum, b), y + 2 * yStep);
        L.Store(c, y + 3 * yStep);
    }

    [MethodImpl(Inline)]
    public static void Output<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V b = L.Load(x + xStep), c = L.Load(x + 2 * xStep);
        L.Store(L.Add(L.Load(x), L.Add(b, c)), y);
        L.Store(L.Add(L.Load(x + 3 * xStep), L.Subtract(b, c)), y + yStep);
    }

    [MethodImpl(Inline)]
    public static void OutputGrad<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V a = L.Load(x), b = L.Load(x + xStep);
        L.Store(a, y);
        L.Store(L.Add(a, b), y + yStep);
        L.Store(L.Subtract(a, b), y + 2 * yStep);
        L.Store(b, y + 3 * yStep);
    }

    [MethodImpl(Inline)]
    public static void WeightGrad<L, V, T>(T* x, nint xStep, T* y, nint yStep) where L : ILanes<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V half = L.Create(T.CreateTruncating(0.5)), b = L.Multiply(L.Load(x + xStep), half), c = L.Multiply(L.Load(x + 2 * xStep), half), sum = L.Add(b, c);
        L.Store(L.Add(L.Load(x), sum), y);
        L.Store(L.Subtract(b, c), y + yStep);
        L.Store(L.Add(L.Load(x + 3 * xStep), sum), y + 2 * yStep);
    }
}
