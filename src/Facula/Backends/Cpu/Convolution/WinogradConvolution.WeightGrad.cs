using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

internal static unsafe partial class WinogradConvolution<F, S, V, T>
    where F : IWinogradTile
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    private const int GradBytes = 6 << 20, FewestGradTiles = 48, MostGradTiles = 1536;
    // Room for the sums of all slices of the tiles, and how many of them are worth while.
    private const int SumBytes = 10 << 20, FewestSlices = 4, MostSlices = 16, FewestSliceTiles = 96;

    /// <summary>Writes the gradient of the weight, [k, c, r, r], and, unless it is null, of the bias.</summary>
    public static void WeightGrad(in ConvolutionShape s, T* g, T* x, T* weight, T* bias)
    {
        nint step = Points * Step(s.Channels, s.Outputs);
        var grid = new WinogradGrid<F, S, V, T>(s, GradBytes, FewestGradTiles, MostGradTiles);
        int slices = (int)Math.Min(Math.Min(MostSlices, SumBytes / (step * sizeof(T))), grid.Count / FewestSliceTiles);
        if (slices >= FewestSlices) grid = grid.Even(slices);
        else slices = 1;
        int chunksPerSlice = (grid.Chunks + slices - 1) / slices;
        slices = (grid.Chunks + chunksPerSlice - 1) / chunksPerSlice;
        using var sums = new Scratch<T>(slices * step);
        using Scratch<T> zeros = Zeros(s);
        var job = new GradJob { Grid = grid, G = g, X = x, Zeros = zeros.Pointer, Sums = sums.Pointer, SumStep = step, ChunksPerSlice = chunksPerSlice };
        // Where there are fewer slices than threads, because sums are large, each takes some of their rows or columns: of the more, as the others are
        // transformed by each.
        int pieces = (CpuSettings.ThreadCount + slices - 1) / slices;
        bool byChannels = s.Channels >= s.Outputs;
        int first = Piece(byChannels ? s.Channels : s.Outputs, ref pieces), second = Piece(byChannels ? s.Outputs : s.Channels, ref pieces);
        (job.ChannelsPerPiece, job.OutputsPerPiece) = byChannels ? (first, second) : (second, first);
        using Scratch<double> room = BiasSums<S, V, T>.Room(bias, slices, s.Outputs);
        job.BiasSums = new(bias, room.Pointer, s.Outputs);
        Workers.For(slices * job.Pieces, job);
        job.BiasSums.Write(slices);
        var gather = new GradGatherJob { Shape = s, Sums = sums.Pointer, SumStep = step, Slices = slices, Weight = weight };
        Workers.For(gather.Across * (s.Channels / S.Count), gather);
    }

    /// <summary>The length, in whole panels, of so many pieces or fewer. What they are still to be cut into otherwise is left.</summary>
    private static int Piece(int length, ref int pieces)
    {
        int nr = PanelProduct<S, V, T>.Nr, piece = ((length + pieces - 1) / pieces + nr - 1) / nr * nr, count = (length + piece - 1) / piece;
        pieces = (pieces + count - 1) / count;
        return piece;
    }

    /// <summary>
    /// The sums over some of the chunks, for some of the channels and outputs. A part has all that it works on to itself, though others may have to
    /// transform the same again: what one core has transformed is slow to reach another.
    /// </summary>
    private struct GradJob : IJob
    {
        private const int ChannelsAtOnce = 96;

        public WinogradGrid<F, S, V, T> Grid;
        public T* G, X, Zeros, Sums;
        public BiasSums<S, V, T> BiasSums;
        public nint SumStep;
        public int ChunksPerSlice, ChannelsPerPiece, OutputsPerPiece;

        public readonly int ChannelPieces => (Grid.Shape.Channels + ChannelsPerPiece - 1) / ChannelsPerPiece;

        public readonly int Pieces => ChannelPieces * ((Grid.Shape.Outputs + OutputsPerPiece - 1) / OutputsPerPiece);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int part)
        {
            ConvolutionShape s = Grid.Shape;
            int slice = part / Pieces, piece = part % Pieces;
            int channel = piece % ChannelPieces * ChannelsPerPiece, output = piece / ChannelPieces * OutputsPerPiece;
            int channels = Math.Min(ChannelsPerPiece, s.Channels - channel), outputs = Math.Min(OutputsPerPiece, s.Outputs - output);
            // A cache line more than the channels, so that neither rows nor points are a power of two apart.
            nint row = channels + S.Count, inputStep = Grid.PerChunk * row, gradientStep = Step(Grid.PerChunk, outputs);
            using var inputs = new Scratch<T>(Points * inputStep);
            using var gradients = new Scratch<T>(Points * gradientStep);
            // Of a slice's parts with the same outputs one has their bias.
            bool addsBias = BiasSums.AreWanted && channel == 0;
            using var tileSums = new Scratch<T>(addsBias ? outputs : 0);
            T* ofBias = addsBias ? tileSums.Pointer : null;
            if (addsBias) BiasSums.Clear(slice, output, outputs);
            T* sums = Sums + slice * SumStep + (nint)channel * s.Outputs + output;
            int first = slice * ChunksPerSlice, end = Math.Min(Grid.Chunks, first + ChunksPerSlice);
            for (int chunk = first; chunk < end; chunk++)
            {
                long tile = (long)chunk * Grid.PerChunk;
                int count = (int)Math.Min(Grid.PerChunk, Grid.Count - tile);
                if (addsBias) new Span<T>(ofBias, outputs).Clear();
                for (int i = 0; i < count; i++)
                {
                    TransformInput(Grid, X + channel, Zeros, channels, tile + i, inputs.Pointer + i * row, inputStep);
                    TransformGradient(Grid, G + output, outputs, tile + i, i, count, gradients.Pointer, gradientStep, ofBias);
                }
                if (addsBias) Simd.AddTo(BiasSums.Of(slice, output), ofBias, outputs);
                for (int point = 0; point < Points; point++)
                {
                    for (int c = 0; c < channels; c += ChannelsAtOnce)
                    {
                        T* to = sums + point * Step(s.Channels, s.Outputs) + (nint)c * s.Outputs;
                        PanelProduct<S, V, T>.Run(new(inputs.Pointer + point * inputStep + c, Math.Min(ChannelsAtOnce, channels - c), count, 1, row), outputs,
                            gradients.Pointer + point * gradientStep, chunk == first ? null : to, to, s.Outputs);
                    }
                }
            }
        }
    }

    /// <summary>
    /// Transforms a tile of some outputs of the gradient into one of the rows of the panels of each point's matrix, and adds its positions to the
    /// sums unless these are null.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private static void TransformGradient(in WinogradGrid<F, S, V, T> grid, T* g, int outputs, long tile, int index, int rows, T* to, nint step, T* sums)
    {
        ConvolutionShape s = grid.Shape;
        int t = F.Inputs, m = F.Outputs, nr = 2 * S.Count;
        grid.Place(tile, out int sample, out int row, out int column);
        nint position = (nint)s.DilationWidth * s.Outputs, line = (nint)s.DilationHeight * s.OutWidth * s.Outputs;
        T* from = g + (((nint)sample * s.OutHeight + row) * s.OutWidth + column) * s.Outputs;
        bool isInside = row + (m - 1) * s.DilationHeight < s.OutHeight && column + (m - 1) * s.DilationWidth < s.OutWidth;
        T* middle = stackalloc T[(24 + 16) * S.Count], patch = middle + 24 * S.Count;
        for (int k = 0; k < outputs; k += S.Count)
        {
            for (int i = 0; i < m; i++)
            {
                // The next tile's.
                T* ahead = from + k + i * line + m * position;
                for (int j = 0; j < m; j++, ahead += position) Cache.Prefetch(ahead);
            }
            if (isInside)
            {
                for (int j = 0; j < m; j++) F.OutputGrad<S, V, T>(from + k + j * position, line, middle + j * S.Count, m * S.Count);
            }
            else
            {
                ReadTile(from + k, row, column, m, s.OutHeight, s.OutWidth, s.DilationHeight, s.DilationWidth, line, position, patch);
                for (int j = 0; j < m; j++) F.OutputGrad<S, V, T>(patch + j * S.Count, m * S.Count, middle + j * S.Count, m * S.Count);
            }
            if (sums != null) AddTile(isInside ? from + k : patch, isInside ? line : m * S.Count, isInside ? position : S.Count, m, sums + k);
            int first = k / nr * nr, width = Math.Min(nr, outputs - first);
            T* target = to + (nint)first * rows + (nint)index * width + (k - first);
            for (int i = 0; i < t; i++) F.OutputGrad<S, V, T>(middle + i * m * S.Count, S.Count, target + i * t * step, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTile(T* tile, nint line, nint position, int size, T* sum)
    {
        V a = S.Load(sum), b = default;
        for (int i = 0; i < size; i++, tile += line)
        {
            for (int j = 0; j < size; j += 2)
            {
                a = S.Add(a, S.Load(tile + j * position));
                b = S.Add(b, S.Load(tile + (j + 1) * position));
            }
        }
        S.Store(S.Add(a, b), sum);
    }

    /// <summary>Copies a vector's outputs of a square of positions, with zeros for those that are not within the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadTile(T* from, int row, int column, int size, int height, int width, int down, int across, nint line, nint position, T* to)
    {
        for (int i = 0; i < size; i++, from += line)
        {
            for (int j = 0; j < size; j++, to += S.Count)
                S.Store(row + i * down < height && column + j * across < width ? S.Load(from + j * position) : default, to);
        }
    }

    /// <summary>
    /// Adds up the slices and transforms them back. A part is a square of a vector's channels and outputs, so that threads do not write to the same lines.
    /// </summary>
    private struct GradGatherJob : IJob
    {
        public ConvolutionShape Shape;
        public nint SumStep;
        public int Slices;
        public T* Sums, Weight;

        public readonly int Across => Shape.Outputs / S.Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        [SkipLocalsInit]
        public readonly void Run(int part)
        {
            int t = F.Inputs, r = F.Taps, k = part % Across * S.Count, first = part / Across * S.Count;
            nint point = Step(Shape.Channels, Shape.Outputs);
            T* middle = stackalloc T[(30 + 25 + 36) * S.Count], taps = middle + 30 * S.Count, sums = taps + 25 * S.Count;
            for (int channel = first; channel < first + S.Count; channel++)
            {
                T* from = Sums + (nint)channel * Shape.Outputs + k;
                for (int i = 0; i < Points; i++, from += point)
                {
                    V sum = S.Load(from);
                    for (int slice = 1; slice < Slices; slice++) sum = S.Add(sum, S.Load(from + slice * SumStep));
                    S.Store(sum, sums + i * S.Count);
                }
                for (int j = 0; j < t; j++) F.WeightGrad<S, V, T>(sums + j * S.Count, t * S.Count, middle + j * S.Count, t * S.Count);
                for (int i = 0; i < r; i++) F.WeightGrad<S, V, T>(middle + i * t * S.Count, S.Count, taps + i * r * S.Count, S.Count);
                T* to = Weight + ((nint)k * Shape.Channels + channel) * r * r;
                for (int lane = 0; lane < S.Count; lane++, to += (nint)Shape.Channels * r * r)
                    for (int tap = 0; tap < r * r; tap++) to[tap] = taps[tap * S.Count + lane];
            }
        }
    }
}
