using System.Numerics;

namespace Facula.Backends.Cuda;

/// <summary>
/// How a reduction is cut up, by sizes alone, so that the same numbers are always added in the same order: which dimensions are kept and which go, those
/// that lie alike made one, and how the threads of a block share them.
/// </summary>
internal sealed class ReducePlan
{
    // Blocks that keep every device busy, and what a thread should at least have to do before more blocks take part.
    private const int ManyBlocks = 1024, UnitsPerThread = 8;

    private const int WarpSize = 32;

    /// <summary>Of the dimensions that are kept: size, stride in x, stride in y; the innermost of x last. Never none.</summary>
    public IReadOnlyList<(int Size, long X, long Y)> Kept { get; }

    /// <summary>Of those that go, the same.</summary>
    public IReadOnlyList<(int Size, long X, long Y)> Reduced { get; }

    /// <summary>Results, and elements that become one.</summary>
    public long Results { get; }

    public long Elements { get; }

    /// <summary>Whether threads side by side take elements of one result, not of neighbouring ones.</summary>
    public bool IsAlong { get; }

    /// <summary>Elements that a thread reads at once.</summary>
    public int Vector { get; } = 1;

    /// <summary>Threads of a block that share a result.</summary>
    public int Lanes { get; }

    /// <summary>Blocks that share a result.</summary>
    public int Splits { get; } = 1;

    public bool IsWide { get; }

    /// <summary>What is read at once, of one result.</summary>
    public long Units => Elements / Vector;

    /// <summary>Units of each of the blocks that share a result.</summary>
    public long Chunk => (Units + Splits - 1) / Splits;

    public int Rows => ReduceKernel.Threads / Lanes;

    public ReducePlan(Layout x, Layout y, int elementSize)
    {
        var kept = new List<(int Size, long X, long Y)>();
        var reduced = new List<(int Size, long X, long Y)>();
        for (int d = 0; d < x.Rank; d++)
        {
            if (x.Shape[d] == 1) continue;
            if (y.Rank == 0 || y.Shape[d] == 1) reduced.Add((x.Shape[d], x.Strides[d], 0));
            else kept.Add((x.Shape[d], x.Strides[d], y.Strides[d]));
        }
        (Kept, Reduced) = (Merged(kept), Merged(reduced));
        (Results, Elements) = (Count(Kept), Count(Reduced));
        IsWide = Results > int.MaxValue || Elements > int.MaxValue
            || Reach(Kept, dim => dim.X) + Reach(Reduced, dim => dim.X) > int.MaxValue || Reach(Kept, dim => dim.Y) > int.MaxValue;
        IsAlong = Results == 1 || (Elements > 1 && Math.Abs(Reduced[^1].X) <= Math.Abs(Kept[^1].X));
        int vector = 16 / elementSize;
        if (Reduced is [(_, 1, _)] && Elements >= vector && x.Offset % vector == 0 && (Results == 1 || Kept.All(dim => dim.X % vector == 0)))
            Vector = vector;
        Lanes = LanesFor();
        long blocks = (Results + Rows - 1) / Rows;
        if (blocks < ManyBlocks) Splits = (int)Math.Clamp(Units / (Lanes * UnitsPerThread), 1, ManyBlocks / Math.Max(1, blocks));
    }

    private int LanesFor()
    {
        if (IsAlong)
        {
            if (Units >= 2 * ReduceKernel.Threads) return ReduceKernel.Threads;
            return (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((ulong)Units + 1) / 2, 1, WarpSize);
        }
        int rows = (int)BitOperations.RoundUpToPowerOf2((ulong)Math.Min(Results, WarpSize));
        return (int)Math.Min((ulong)(ReduceKernel.Threads / rows), BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, Elements)));
    }

    private static long Count(IReadOnlyList<(int Size, long X, long Y)> dims) => dims.Aggregate(1L, (count, dim) => count * dim.Size);

    private static long Reach(IReadOnlyList<(int Size, long X, long Y)> dims, Func<(int Size, long X, long Y), long> stride) =>
        dims.Sum(dim => Math.Max(0, dim.Size - 1L) * Math.Abs(stride(dim)));

    /// <summary>The dimensions in the order of x's memory, neighbours that follow each other in both made one.</summary>
    private static List<(int Size, long X, long Y)> Merged(List<(int Size, long X, long Y)> dims)
    {
        var merged = new List<(int Size, long X, long Y)>();
        foreach ((int size, long x, long y) in dims.OrderByDescending(dim => Math.Abs(dim.X)))
        {
            if (merged.Count > 0 && merged[^1] is var last && last.X == x * size && last.Y == y * size && (long)last.Size * size <= int.MaxValue)
                merged[^1] = (last.Size * size, x, y);
            else merged.Add((size, x, y));
        }
        if (merged.Count == 0) merged.Add((1, 0, 0));
        return merged;
    }
}
