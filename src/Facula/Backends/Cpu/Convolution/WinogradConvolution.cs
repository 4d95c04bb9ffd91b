using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// Convolutions of stride 1 with square kernels by a minimal filtering algorithm: tiles of the input and the kernels are transformed, multiplied
/// point by point, which is one product of matrices (tiles by channels, channels by outputs) for each of the points, and transformed back. Channels
/// and outputs are multiples of a vector. Operands are channels-last. Where kernels have gaps, the positions that are so far apart make up an image
/// of their own, and are tiled as such.
/// </summary>
internal static unsafe partial class WinogradConvolution<F, S, V, T>
    where F : IWinogradTile
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    private const int TileBytes = 2 << 20, FewestTiles = 24, MostTiles = 192;
    // With fewer chunks than these, each is shared out.
    private const int FewestChunks = 4;

    /// <summary>
    /// Elements between the matrices of two points: a cache line more than they have, so that those of all points do not fall on the same few sets of a cache.
    /// </summary>
    private static nint Step(int rows, int columns) => (nint)rows * columns + S.Count;

    private static int Points { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => F.Inputs * F.Inputs; }

    /// <summary>Writes y, adding a bias for each output unless it is null.</summary>
    public static void Forward(in ConvolutionShape s, in ConvolutionWeight<T> kernels, T* x, T* bias, T* y, bool relu)
    {
        ConvolutionAlgorithm algorithm = F.Inputs == 6 ? ConvolutionAlgorithm.Winograd4 : ConvolutionAlgorithm.Winograd2;
        using PackedWeight<T> weight = kernels.Packed(algorithm, Points * Step(s.Channels, s.Outputs));
        var transform = new WeightJob { Kernels = kernels, Target = weight.Pointer };
        using Scratch<T> zeros = Zeros(s);
        var job = new ForwardJob
        {
            Grid = new(s, TileBytes, FewestTiles, MostTiles),
            X = x,
            Zeros = zeros.Pointer,
            Weight = weight.Pointer,
            Bias = bias,
            Y = y,
            Relu = relu,
            Streams = Streaming.Pays(y, s.Pixels * s.Outputs),
        };
        if (job.Grid.Chunks < FewestChunks)
        {
            job.RunInStages(transform, weight.IsReady);
            return;
        }
        if (!weight.IsReady) Workers.For(transform.Parts, transform);
        Workers.For(job.Grid.Chunks, job);
    }

    /// <summary>
    /// Transforms kernels into panels of each point's matrix, a row for every channel. A part is a few channels of one panel: they lie side by side.
    /// </summary>
    private struct WeightJob : IJob
    {
        private const int ChannelsPerPart = 16;

        public ConvolutionWeight<T> Kernels;
        public T* Target;

        public readonly int Panels => (Kernels.Outputs + PanelProduct<S, V, T>.Nr - 1) / PanelProduct<S, V, T>.Nr;

        public readonly int Parts => Panels * Down;

        private readonly int Down => (Kernels.Channels + ChannelsPerPart - 1) / ChannelsPerPart;

        public readonly void Run(int part)
        {
            int from = part % Down * ChannelsPerPart;
            Run(part / Down, from, Math.Min(Kernels.Channels, from + ChannelsPerPart));
        }

        /// <summary>Those of some channels for one panel.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        [SkipLocalsInit]
        public readonly void Run(int panel, int from, int to)
        {
            int t = F.Inputs, r = F.Taps, first = panel * PanelProduct<S, V, T>.Nr, width = Math.Min(PanelProduct<S, V, T>.Nr, Kernels.Outputs - first);
            nint point = Step(Kernels.Channels, Kernels.Outputs);
            T* taps = stackalloc T[(25 + 5 * 6) * S.Count], middle = taps + 25 * S.Count;
            for (int k = 0; k < width; k += S.Count)
            {
                for (int channel = from; channel < to; channel++)
                {
                    T* source = Kernels.Data + channel * Kernels.Channel + (first + k) * Kernels.Output;
                    for (int lane = 0; lane < S.Count; lane++, source += Kernels.Output)
                        for (int tap = 0; tap < r * r; tap++) taps[tap * S.Count + lane] = source[tap * Kernels.Tap];
                    T* target = Target + (nint)first * Kernels.Channels + (nint)channel * width + k;
                    for (int j = 0; j < r; j++) F.Weight<S, V, T>(taps + j * S.Count, r * S.Count, middle + j * S.Count, r * S.Count);
                    for (int i = 0; i < t; i++) F.Weight<S, V, T>(middle + i * r * S.Count, S.Count, target + i * t * point, point);
                }
            }
        }
    }

    /// <summary>A chunk of tiles from input to output.</summary>
    private struct ForwardJob : IJob
    {
        public WinogradGrid<F, S, V, T> Grid;
        public T* X, Zeros, Weight, Bias, Y;
        public bool Relu, Streams;

        public readonly void Run(int part)
        {
            long first = (long)part * Grid.PerChunk;
            int count = (int)Math.Min(Grid.PerChunk, Grid.Count - first);
            using var inputs = new Scratch<T>(Grid.InputStep * Points);
            using var products = new Scratch<T>(Grid.OutputStep * Points);
            Read(first, 0, count, inputs.Pointer);
            for (int point = 0; point < Points; point++) Multiply(point, count, inputs.Pointer, products.Pointer);
            Write(first, 0, count, products.Pointer);
        }

        /// <summary>All chunks one after another, each shared out among the threads stage by stage: for a sample alone, which has few tiles.</summary>
        public readonly void RunInStages(in WeightJob transform, bool isReady)
        {
            using var inputs = new Scratch<T>(Grid.InputStep * Points);
            using var products = new Scratch<T>(Grid.OutputStep * Points);
            for (int chunk = 0; chunk < Grid.Chunks; chunk++)
            {
                long first = (long)chunk * Grid.PerChunk;
                int count = (int)Math.Min(Grid.PerChunk, Grid.Count - first);
                var job = new StageJob { Whole = this, First = first, Count = count, Inputs = inputs.Pointer, Products = products.Pointer };
                (job.Transform, job.TransformsWeight) = (transform, chunk == 0 && !isReady);
                foreach (Stage stage in (ReadOnlySpan<Stage>)[Stage.Read, Stage.Multiply, Stage.Write])
                {
                    job.Stage = stage;
                    Workers.For(job.Parts, job);
                }
            }
        }

        /// <summary>Transforms tiles from to to of those that begin with the first.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Read(long first, int from, int to, T* inputs)
        {
            for (int i = from; i < to; i++) TransformInput(Grid, X, Zeros, Grid.Shape.Channels, first + i, inputs + (nint)i * Grid.InputRow, Grid.InputStep);
        }

        /// <summary>The product of one point.</summary>
        public readonly void Multiply(int point, int count, T* inputs, T* products) => Multiply(point, count, 0, Grid.Shape.Outputs, inputs, products);

        /// <summary>The product of one point for some of the outputs, the first of which begins a panel.</summary>
        public readonly void Multiply(int point, int count, int from, int outputs, T* inputs, T* products)
        {
            int channels = Grid.Shape.Channels;
            PanelProduct<S, V, T>.Run(new(inputs + point * Grid.InputStep, count, channels, Grid.InputRow, 1), outputs,
                Weight + point * Step(channels, Grid.Shape.Outputs) + (nint)from * channels, null, products + point * Grid.OutputStep + from, Grid.OutputRow);
        }

        /// <summary>Transforms tiles from to to back.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Write(long first, int from, int to, T* products)
        {
            for (int i = from; i < to; i++) TransformOutput(first + i, products + (nint)i * Grid.OutputRow);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        [SkipLocalsInit]
        private readonly void TransformOutput(long tile, T* from)
        {
            ConvolutionShape s = Grid.Shape;
            int t = F.Inputs, m = F.Outputs;
            Grid.Place(tile, out int sample, out int row, out int column);
            int rows = Math.Min(m, (s.OutHeight - row + s.DilationHeight - 1) / s.DilationHeight);
            int columns = Math.Min(m, (s.OutWidth - column + s.DilationWidth - 1) / s.DilationWidth);
            T* to = Y + (((nint)sample * s.OutHeight + row) * s.OutWidth + column) * s.Outputs;
            T* middle = stackalloc T[(4 * 6 + 4) * S.Count], line = middle + 4 * 6 * S.Count;
            nint point = Grid.OutputStep, position = (nint)s.DilationWidth * s.Outputs;
            for (int k = 0; k < s.Outputs; k += S.Count)
            {
                for (int j = 0; j < t; j++) F.Output<S, V, T>(from + k + j * point, t * point, middle + j * S.Count, t * S.Count);
                V added = Bias == null ? default : S.Load(Bias + k);
                for (int i = 0; i < rows; i++)
                {
                    F.Output<S, V, T>(middle + i * t * S.Count, S.Count, line, S.Count);
                    T* target = to + (nint)i * s.DilationHeight * s.OutWidth * s.Outputs + k;
                    for (int j = 0; j < columns; j++, target += position)
                    {
                        V value = S.Add(S.Load(line + j * S.Count), added);
                        if (Relu) value = S.Relu(value);
                        if (Streams) S.Stream(value, target);
                        else S.Store(value, target);
                    }
                }
            }
        }
    }

    private enum Stage
    {
        Read,
        Multiply,
        Write,
    }

    /// <summary>
    /// One of the stages of a chunk. A part is a few tiles; of the products a few points, or, where the weight has to be transformed first, a panel
    /// of outputs: what is transformed is larger than all else here, and is best used by the core that has it.
    /// </summary>
    private struct StageJob : IJob
    {
        private const int TilesPerPart = 4, PointsPerPart = 3;

        public ForwardJob Whole;
        public WeightJob Transform;
        public bool TransformsWeight;
        public Stage Stage;
        public long First;
        public int Count;
        public T* Inputs, Products;

        public readonly int Parts => Stage != Stage.Multiply ? (Count + TilesPerPart - 1) / TilesPerPart
            : TransformsWeight ? Transform.Panels : (Points + PointsPerPart - 1) / PointsPerPart;

        public readonly void Run(int part)
        {
            int from = part * TilesPerPart, to = Math.Min(Count, from + TilesPerPart);
            if (Stage == Stage.Read) Whole.Read(First, from, to, Inputs);
            else if (Stage == Stage.Write) Whole.Write(First, from, to, Products);
            else if (TransformsWeight)
            {
                int output = part * PanelProduct<S, V, T>.Nr, outputs = Math.Min(PanelProduct<S, V, T>.Nr, Transform.Kernels.Outputs - output);
                Transform.Run(part, 0, Transform.Kernels.Channels);
                for (int point = 0; point < Points; point++) Whole.Multiply(point, Count, output, outputs, Inputs, Products);
            }
            else
            {
                int end = Math.Min(Points, (part + 1) * PointsPerPart);
                for (int point = part * PointsPerPart; point < end; point++) Whole.Multiply(point, Count, Inputs, Products);
            }
        }
    }

    /// <summary>What stands for a line of the input beyond its edges.</summary>
    private static Scratch<T> Zeros(in ConvolutionShape s)
    {
        int length = ((F.Inputs - 1) * s.DilationWidth + 1) * s.Channels;
        var zeros = new Scratch<T>(length);
        new Span<T>(zeros.Pointer, length).Clear();
        return zeros;
    }

    /// <summary>Transforms one tile of some channels of the input, with zeros beyond its edges. Points are a step apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private static void TransformInput(in WinogradGrid<F, S, V, T> grid, T* x, T* zeros, int channels, long tile, T* to, nint step)
    {
        ConvolutionShape s = grid.Shape;
        int t = F.Inputs;
        grid.Place(tile, out int sample, out int row, out int column);
        row -= s.PadHeight;
        column -= s.PadWidth;
        nint position = (nint)s.DilationWidth * s.Channels;
        T* middle = stackalloc T[36 * S.Count];
        T** lines = stackalloc T*[12], columns = lines + 6;
        for (int i = 0; i < t; i++)
        {
            int line = row + i * s.DilationHeight;
            lines[i] = (uint)line < (uint)s.Height ? x + (((nint)sample * s.Height + line) * s.Width + column) * s.Channels : zeros;
            columns[i] = middle + i * S.Count;
        }
        // The columns within the edges.
        int from = Math.Min(t, column < 0 ? (s.DilationWidth - 1 - column) / s.DilationWidth : 0);
        int end = Math.Clamp((s.Width - column + s.DilationWidth - 1) / s.DilationWidth, from, t);
        for (int j = 0; j < t; j++)
        {
            if (j < from || j >= end)
                for (int i = 0; i < t; i++) S.Store(default, columns[j] + i * t * S.Count);
        }
        for (int c = 0; c < channels; c += S.Count)
        {
            // What the next tile reads besides, its columns to the right of these: so many lines in so many places are not foreseen.
            for (int i = 0; i < t; i++)
            {
                if (lines[i] == zeros) continue;
                T* ahead = lines[i] + c + t * position;
                for (int j = 0; j < F.Outputs; j++, ahead += position) Cache.Prefetch(ahead);
            }
            for (int j = from; j < end; j++) F.Input<S, V, T>(lines, c + j * position, columns[j], t * S.Count);
            for (int i = 0; i < t; i++) F.Input<S, V, T>(columns, i * t * S.Count, to + c + i * t * step, step);
        }
    }
}
