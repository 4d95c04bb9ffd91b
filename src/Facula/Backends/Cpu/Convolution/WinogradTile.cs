using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// The transforms of a minimal filtering algorithm F(m×m, r×r) in one dimension; in two they are applied to columns and then to rows. Most read
/// vectors a step apart, and all write vectors a step apart. Winograd 1980; Lavin and Gray 2015, arXiv:1509.09308.
/// </summary>
internal unsafe interface IWinogradTile
{
    /// <summary>Positions of the output in a tile, m.</summary>
    static abstract int Outputs { get; }

    /// <summary>Taps of a kernel, r.</summary>
    static abstract int Taps { get; }

    /// <summary>Positions of the input in a tile, m + r - 1: also the number of points.</summary>
    static abstract int Inputs { get; }

    /// <summary>
    /// From a tile of the input, vectors of which are at so many elements from the beginning of each of these lines: what is beyond an edge is a line of zeros.
    /// </summary>
    static abstract void Input<S, V, T>(T** lines, nint at, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>;

    /// <summary>From a kernel's taps.</summary>
    static abstract void Weight<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>;

    /// <summary>To a tile of the output.</summary>
    static abstract void Output<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>;

    /// <summary>From the gradient of a tile of the output: the transpose of <see cref="Output"/>.</summary>
    static abstract void OutputGrad<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>;

    /// <summary>To the gradient of a kernel's taps: the transpose of <see cref="Weight"/>.</summary>
    static abstract void WeightGrad<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>;
}

/// <summary>F(2×2, 3×3), at the points 0, ±1 and infinity: 2.25 times fewer multiplications.</summary>
internal readonly unsafe struct Tile2x3 : IWinogradTile
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Outputs { [MethodImpl(Inline)] get => 2; }

    public static int Taps { [MethodImpl(Inline)] get => 3; }

    public static int Inputs { [MethodImpl(Inline)] get => 4; }

    [MethodImpl(Inline)]
    public static void Input<S, V, T>(T** lines, nint at, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V a = S.Load(lines[0] + at), b = S.Load(lines[1] + at), c = S.Load(lines[2] + at), d = S.Load(lines[3] + at);
        S.Store(S.Subtract(a, c), y);
        S.Store(S.Add(b, c), y + yStep);
        S.Store(S.Subtract(c, b), y + 2 * yStep);
        S.Store(S.Subtract(d, b), y + 3 * yStep);
    }

    [MethodImpl(Inline)]
    public static void Weight<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V half = S.Create(T.CreateTruncating(0.5)), a = S.Load(x), b = S.Multiply(S.Load(x + xStep), half), c = S.Load(x + 2 * xStep);
        V sum = S.Multiply(S.Add(a, c), half);
        S.Store(a, y);
        S.Store(S.Add(sum, b), y + yStep);
        S.Store(S.Subtract(sum, b), y + 2 * yStep);
        S.Store(c, y + 3 * yStep);
    }

    [MethodImpl(Inline)]
    public static void Output<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V b = S.Load(x + xStep), c = S.Load(x + 2 * xStep);
        S.Store(S.Add(S.Load(x), S.Add(b, c)), y);
        S.Store(S.Add(S.Load(x + 3 * xStep), S.Subtract(b, c)), y + yStep);
    }

    [MethodImpl(Inline)]
    public static void OutputGrad<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V a = S.Load(x), b = S.Load(x + xStep);
        S.Store(a, y);
        S.Store(S.Add(a, b), y + yStep);
        S.Store(S.Subtract(a, b), y + 2 * yStep);
        S.Store(b, y + 3 * yStep);
    }

    [MethodImpl(Inline)]
    public static void WeightGrad<S, V, T>(T* x, nint xStep, T* y, nint yStep) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        V half = S.Create(T.CreateTruncating(0.5)), b = S.Multiply(S.Load(x + xStep), half), c = S.Multiply(S.Load(x + 2 * xStep), half), sum = S.Add(b, c);
        S.Store(S.Add(S.Load(x), sum), y);
        S.Store(S.Subtract(b, c), y + yStep);
        S.Store(S.Add(S.Load(x + 3 * xStep), sum), y + 2 * yStep);
    }
}
