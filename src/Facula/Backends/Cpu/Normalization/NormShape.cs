using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// Channels-last elements as statistics see them: a matrix of rows as wide as there are channels, cut into sets of rows. A set is what has statistics
/// of its own, one sample or the whole batch; within it the channels are in groups. Where the channels do not fill vectors, several rows count as
/// one, in whose columns the channels come again and again.
/// </summary>
internal readonly struct NormShape
{
    private const int MostFolds = 16;
    private const int WidestFold = 256;

    /// <summary>How many sets there are, and rows in each.</summary>
    public readonly long Sets, Rows;
    public readonly int Channels, Groups, Width;

    /// <summary>Of x [n, c, ..], channels-last, with statistics [c] of the batch or [n, groups].</summary>
    public NormShape(in Operand x, in Operand mean)
    {
        Channels = x.Layout.Shape[1];
        Groups = mean.Layout.Shape[^1];
        Sets = mean.Layout.Rank == 1 ? 1 : x.Layout.Shape[0];
        Rows = x.Layout.Count / Channels / Sets;
        int folds = 1, bytes = Channels * x.DType.Compute.Size;
        while (folds < MostFolds && bytes * folds % 64 != 0 && 2 * folds * Channels <= WidestFold && Rows % (2 * folds) == 0) folds *= 2;
        Width = Channels * folds;
        Rows /= folds;
    }

    /// <summary>The numbers that one statistic is of.</summary>
    public double ElementsPerStatistic => (double)Rows * Width / Groups;

    /// <summary>The group of a column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int GroupOf(int column) => Groups == Channels ? column % Channels : column % Channels / (Channels / Groups);
}

/// <summary>Sets cut into slices of rows; a part of the work has one slice, or several where sets are small.</summary>
internal readonly struct NormSlices
{
    private readonly long _sets, _rows, _rowsPerSlice, _slicesPerPart;

    public NormSlices(in NormShape shape, long rowsPerSlice)
    {
        (_sets, _rows, _rowsPerSlice) = (shape.Sets, shape.Rows, rowsPerSlice);
        _slicesPerPart = Math.Max(1, rowsPerSlice / _rows);
        SlicesPerSet = (_rows + rowsPerSlice - 1) / rowsPerSlice;
    }

    public long SlicesPerSet { get; }

    public long Count => _sets * SlicesPerSet;

    public int Parts => Check.Count((Count + _slicesPerPart - 1) / _slicesPerPart);

    /// <summary>The slices of a part.</summary>
    public (long First, long End) this[int part] => (part * _slicesPerPart, Math.Min(Count, (part + 1) * _slicesPerPart));

    /// <summary>The slices of a set.</summary>
    public (long First, long End) OfSet(long set) => (set * SlicesPerSet, (set + 1) * SlicesPerSet);

    /// <summary>A slice's set and rows, of which the first of all sets is row 0.</summary>
    public (long Set, long First, long End) Slice(long slice)
    {
        long set = slice / SlicesPerSet, first = slice % SlicesPerSet * _rowsPerSlice;
        return (set, set * _rows + first, set * _rows + Math.Min(_rows, first + _rowsPerSlice));
    }

    /// <summary>How many rows of its set a slice has, where slices are counted from the set's first.</summary>
    public long RowsOf(long slice) => Math.Min(_rowsPerSlice, _rows - slice * _rowsPerSlice);
}

/// <summary>Sets dealt out whole: a part of the work has a few that follow on one another.</summary>
internal readonly struct NormSets(in NormShape shape)
{
    private const int PartsWanted = 16, MostSets = 8;

    private readonly int _sets = Check.Count(shape.Sets), _perPart = (int)Math.Clamp(shape.Sets / PartsWanted, 1, MostSets);

    /// <summary>How many elements a set has.</summary>
    public readonly nint Elements = (nint)shape.Rows * shape.Width;

    public int Parts => (_sets + _perPart - 1) / _perPart;

    public (int First, int End) this[int part] => (part * _perPart, Math.Min(_sets, (part + 1) * _perPart));
}
