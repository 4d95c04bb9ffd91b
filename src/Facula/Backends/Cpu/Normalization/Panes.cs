using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// Channels-last elements as statistics see them: panes, each with statistics of its own, of rows as wide as there are channels. A pane is one sample, or the whole batch; within
/// it channels are in groups. Where the channels do not fill vectors, several rows count as one, whose channels come again and again.
/// </summary>
internal readonly struct Panes
{
    private const int MostFolds = 16;
    private const int WidestFold = 256;

    public readonly long Count, Rows;
    public readonly int Channels, Groups, Width;

    /// <summary>Of x [n, c, ..], channels-last, with statistics [c] of the batch or [n, groups].</summary>
    public Panes(in Operand x, in Operand mean)
    {
        Channels = x.Layout.Shape[1];
        Groups = mean.Layout.Shape[^1];
        Count = mean.Layout.Rank == 1 ? 1 : x.Layout.Shape[0];
        Rows = x.Layout.Count / Channels / Count;
        int folds = 1, bytes = Channels * x.DType.Compute.Size;
        while (folds < MostFolds && bytes * folds % 64 != 0 && 2 * folds * Channels <= WidestFold && Rows % (2 * folds) == 0) folds *= 2;
        Width = Channels * folds;
        Rows /= folds;
    }

    /// <summary>The numbers that one statistic is of.</summary>
    public double Elements => (double)Rows * Width / Groups;

    /// <summary>The group of a place in a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int GroupOf(int place) => Groups == Channels ? place % Channels : place % Channels / (Channels / Groups);
}

/// <summary>Panes cut into slices of rows; a part of the work has one slice, or several where panes are small.</summary>
internal readonly struct PaneCut
{
    private readonly long _panes, _rows, _rowsPerSlice, _slicesPerPart;

    public PaneCut(in Panes panes, long rowsPerSlice)
    {
        (_panes, _rows, _rowsPerSlice) = (panes.Count, panes.Rows, rowsPerSlice);
        _slicesPerPart = Math.Max(1, rowsPerSlice / _rows);
        SlicesPerPane = (_rows + rowsPerSlice - 1) / rowsPerSlice;
    }

    public long SlicesPerPane { get; }

    public long Slices => _panes * SlicesPerPane;

    public int Parts => Check.Count((Slices + _slicesPerPart - 1) / _slicesPerPart);

    /// <summary>The slices of a part.</summary>
    public (long First, long End) this[int part] => (part * _slicesPerPart, Math.Min(Slices, (part + 1) * _slicesPerPart));

    /// <summary>The slices of a pane.</summary>
    public (long First, long End) OfPane(long pane) => (pane * SlicesPerPane, (pane + 1) * SlicesPerPane);

    /// <summary>A slice's pane and rows, of which the first of all panes is row 0.</summary>
    public (long Pane, long First, long End) Slice(long slice)
    {
        long pane = slice / SlicesPerPane, first = slice % SlicesPerPane * _rowsPerSlice;
        return (pane, pane * _rows + first, pane * _rows + Math.Min(_rows, first + _rowsPerSlice));
    }

    /// <summary>How many rows of its pane a slice has, where slices are counted from the pane's first.</summary>
    public long RowsOf(long slice) => Math.Min(_rowsPerSlice, _rows - slice * _rowsPerSlice);
}

/// <summary>Panes cut into parts of a few that follow on one another.</summary>
internal readonly struct PaneParts(in Panes panes)
{
    private const int PartsWanted = 16, MostPanes = 8;

    private readonly int _panes = Check.Count(panes.Count), _perPart = (int)Math.Clamp(panes.Count / PartsWanted, 1, MostPanes);

    /// <summary>How many elements a pane has.</summary>
    public readonly nint Elements = (nint)panes.Rows * panes.Width;

    public int Count => (_panes + _perPart - 1) / _perPart;

    public (int First, int End) this[int part] => (part * _perPart, Math.Min(_panes, (part + 1) * _perPart));
}

/// <summary>What each place of a row is normalised with, for every pane: means, scales (weight / sqrt(variance + eps)), and biases, which are the same for all panes.</summary>
internal unsafe struct PaneTable<T> where T : unmanaged, INumber<T>
{
    public Panes Panes;
    public double Eps;
    public T* Means, Scales, Biases, Weights;

    /// <summary>1 / sqrt(variance + eps) of each group of each pane.</summary>
    public double* Inverses;

    /// <summary>Takes in the statistics of a pane's groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Fill(long pane, T* means, T* variances)
    {
        int width = Panes.Width, groups = Panes.Groups;
        T* mean = Means + (nint)pane * width, scale = Scales + (nint)pane * width;
        double* inverses = Inverses + (nint)pane * groups;
        for (int g = 0; g < groups; g++) inverses[g] = 1 / Math.Sqrt(double.CreateTruncating(variances[g]) + Eps);
        for (int i = 0; i < width; i++)
        {
            int group = Panes.GroupOf(i);
            mean[i] = means[group];
            scale[i] = T.CreateTruncating(double.CreateTruncating(Weights[i]) * inverses[group]);
        }
    }
}

/// <summary>The memory of a <see cref="PaneTable{T}"/>, which has the statistics already or waits for them.</summary>
internal readonly unsafe ref struct PaneTables<T> : IDisposable where T : unmanaged, INumber<T>
{
    private readonly Scratch<T> _numbers;
    private readonly Scratch<double> _inverses;

    public PaneTables(in Panes panes, in ChannelNormOptions options, bool areKnown)
    {
        int width = panes.Width, channels = panes.Channels, groups = panes.Groups;
        long places = panes.Count * width, statistics = panes.Count * groups;
        _numbers = new(2 * places + 2 * width + (areKnown ? 2 * statistics : 0));
        _inverses = new(statistics);
        T* means = _numbers.Pointer, scales = means + places, biases = scales + places, weights = biases + width;
        Table = new() { Panes = panes, Eps = options.Eps, Means = means, Scales = scales, Biases = biases, Weights = weights, Inverses = _inverses.Pointer };
        Repeat(options.Weight, weights, channels, width, T.One);
        Repeat(options.Bias, biases, channels, width, T.Zero);
        if (!areKnown) return;
        T* ofMeans = weights + width, ofVariances = ofMeans + statistics;
        Convert.Load(options.Mean, ofMeans);
        Convert.Load(options.Variance, ofVariances);
        for (long pane = 0; pane < panes.Count; pane++) Table.Fill(pane, ofMeans + (nint)pane * groups, ofVariances + (nint)pane * groups);
    }

    public PaneTable<T> Table { get; }

    public void Dispose()
    {
        _numbers.Dispose();
        _inverses.Dispose();
    }

    /// <summary>A vector of any type and stride, or one value where there is none; again and again up to the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Repeat(in Operand? vector, T* to, int channels, int width, T otherwise)
    {
        if (vector is { } given) Convert.Load(given, to);
        else new Span<T>(to, channels).Fill(otherwise);
        for (int i = channels; i < width; i++) to[i] = to[i - channels];
    }
}
