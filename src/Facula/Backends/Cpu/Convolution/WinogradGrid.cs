using System.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>How an output is cut into tiles, and tiles into chunks.</summary>
internal readonly unsafe struct WinogradGrid<F, S, V, T>
    where F : IWinogradTile
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    public readonly ConvolutionShape Shape;
    public readonly int Across, Down, PerChunk;

    public WinogradGrid(in ConvolutionShape s, int bytes, int fewest, int most)
    {
        Shape = s;
        Across = WinogradGrid.Along<F>(s.OutWidth, s.DilationWidth);
        Down = WinogradGrid.Along<F>(s.OutHeight, s.DilationHeight);
        int fit = bytes / (F.Inputs * F.Inputs * (s.Channels + s.Outputs) * sizeof(T));
        PerChunk = (int)Math.Min(Math.Clamp(fit, fewest, most), Count);
        PerChunk = (PerChunk + S.TileRows - 1) / S.TileRows * S.TileRows;
    }

    private WinogradGrid(in WinogradGrid<F, S, V, T> other, int perChunk)
    {
        this = other;
        PerChunk = perChunk;
    }

    /// <summary>The same tiles in chunks no larger than these, whose number is, but for rounding, a multiple of the slices.</summary>
    public WinogradGrid<F, S, V, T> Even(int slices)
    {
        long chunks = (Chunks + slices - 1) / slices * (long)slices;
        int perChunk = (int)((Count + chunks - 1) / chunks);
        return new(this, (perChunk + S.TileRows - 1) / S.TileRows * S.TileRows);
    }

    public long Count => (long)Shape.Samples * Down * Across;

    public int Chunks => Check.Count((Count + PerChunk - 1) / PerChunk);

    // A cache line more than the channels, so that neither rows nor points are a power of two apart.
    public int InputRow => Shape.Channels + S.Count;

    public nint InputStep => (nint)PerChunk * InputRow;

    public int OutputRow => Shape.Outputs + S.Count;

    public nint OutputStep => (nint)PerChunk * OutputRow;

    /// <summary>Where a tile begins in the output: neighbours are those of the images that the steps make.</summary>
    public void Place(long tile, out int sample, out int row, out int column)
    {
        sample = (int)(tile / (Down * Across));
        int rest = (int)(tile % (Down * Across));
        row = Position(rest / Across, Shape.DilationHeight);
        column = Position(rest % Across, Shape.DilationWidth);
    }

    private static int Position(int tile, int step) => tile / step * F.Outputs * step + tile % step;
}

internal static class WinogradGrid
{
    /// <summary>How many tiles cover so many positions, as images of every step-th of them.</summary>
    public static int Along<F>(int positions, int step) where F : IWinogradTile => ((positions + step - 1) / step + F.Outputs - 1) / F.Outputs * step;
}
