using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// Convolutions of stride 1 with square kernels by a minimal filtering algorithm: tiles of the input and the kernels are transformed, multiplied point by point, which is one product of matrices
/// (tiles by channels, channels by outputs) for each of the points, and transformed back. Channels and outputs are multiples of a vector. Operands are
/// channels-last. Where kernels have gaps, the positions that are so far apart make up an image of their own, and are tiled as such.
/// </summary>
internal static unsafe class WinogradConvolution<F, L, V, T>
    where F : IWinogradTile
    where L : ILanes<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    private const int TileBytes = 2 << 20, FewestTiles = 24, MostTiles = 192;
    // Of the weight's gradient: room for the sums of all slices, and how many of them are worth while.
    private const int SumBytes = 10 << 20, FewestSlices = 4, MostSlices = 16, FewestSliceTiles = 96;
    // With fewer chunks than these, each is shared out.
    private const int FewestChunks = 4;
    private const int GradBytes = 6 << 20, FewestGradTiles = 48, MostGradTiles = 1536;

    /// <summary>Elements between the matrices of two points: a cache line more than they have, so that those of all points do not fall on the same few sets of a cache.</summary>
    private static nint Step(int rows, int columns) => (nint)rows * columns + L.Count;

    private static int Points { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => F.Inputs * F.Inputs; }

    /// <summary>Writes y, adding a bias for each output unless it is null.</summary>
    public static void Forward(in ConvolutionShape s, in Kernels<T> kernels, T* x, T* bias, T* y, bool rectify)
    {
        ConvolutionAlgorithm algorithm = F.Inputs == 6 ? ConvolutionAlgorithm.Winograd4 : ConvolutionAlgorithm.Winograd2;
        using PackedWeight<T> weight = kernels.Packed(algorithm, Points * Step(s.Channels, s.Outputs));
        var transform = new WeightJob { Kernels = kernels, Target = weight.Pointer };
        var job = new ForwardJob { Grid = new(s, TileBytes, FewestTiles, MostTiles), X = x, Weight = weight.Pointer, Bias = bias, Y = y, Rectify = rectify };
        if (job.Grid.Chunks < FewestChunks)
        {
            job.RunInStages(transform, weight.IsReady);
            return;
        }
        if (!weight.IsReady) Workers.For(s.Channels, transform);
        Workers.For(job.Grid.Chunks, job);
    }

    /// <summary>Writes the gradient of the weight, [k, c, r, r].</summary>
    public static void WeightGrad(in ConvolutionShape s, T* g, T* x, T* weight)
    {
        nint step = Points * Step(s.Channels, s.Outputs);
        var grid = new WinogradGrid<F, L, V, T>(s, GradBytes, FewestGradTiles, MostGradTiles);
        int wanted = (int)Math.Min(Math.Min(MostSlices, SumBytes / (step * sizeof(T))), grid.Count / FewestSliceTiles);
        if (wanted >= FewestSlices) grid = grid.Even(wanted);
        else wanted = 1;
        int chunksPerSlice = (grid.Chunks + wanted - 1) / wanted, slices = (grid.Chunks + chunksPerSlice - 1) / chunksPerSlice;
        using var sums = new Scratch<T>(slices * step);
        Workers.For(slices, new GradSliceJob { Grid = grid, G = g, X = x, Sums = sums.Pointer, SumStep = step, ChunksPerSlice = chunksPerSlice });
        Workers.For(s.Channels, new GradGatherJob { Shape = s, Sums = sums.Pointer, SumStep = step, Slices = slices, Weight = weight });
    }

    /// <summary>Transforms the kernels of one channel into a row of each panel of each point's matrix.</summary>
    private struct WeightJob : IJob
    {
        public Kernels<T> Kernels;
        public T* Target;

        public readonly void Run(int channel) => Run(channel, 0, Kernels.Outputs);

        /// <summary>Those of the outputs from one on, which begins a panel.</summary>
        [SkipLocalsInit]
        public readonly void Run(int channel, int from, int to)
        {
            int t = F.Inputs, r = F.Taps, wide = 2 * L.Count, outputs = Kernels.Outputs;
            nint point = Step(Kernels.Channels, outputs);
            T* taps = stackalloc T[(25 + 5 * 6) * L.Count], middle = taps + 25 * L.Count;
            for (int k = from; k < to; k += L.Count)
            {
                T* source = Kernels.Data + channel * Kernels.Channel + k * Kernels.Output;
                for (int lane = 0; lane < L.Count; lane++, source += Kernels.Output)
                    for (int tap = 0; tap < r * r; tap++) taps[tap * L.Count + lane] = source[tap * Kernels.Tap];
                int first = k / wide * wide, width = Math.Min(wide, outputs - first);
                T* target = Target + (nint)first * Kernels.Channels + (nint)channel * width + (k - first);
                for (int j = 0; j < r; j++) F.Weight<L, V, T>(taps + j * L.Count, r * L.Count, middle + j * L.Count, r * L.Count);
                for (int i = 0; i < t; i++) F.Weight<L, V, T>(middle + i * r * L.Count, L.Count, target + i * t * point, point);
            }
        }
    }

    /// <summary>A chunk of tiles from input to output.</summary>
    private struct ForwardJob : IJob
    {
        public WinogradGrid<F, L, V, T> Grid;
        public T* X, Weight, Bias, Y;
        public bool Rectify;

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
                var job = new StageJob { Whole = this, First = first, Count = (int)Math.Min(Grid.PerChunk, Grid.Count - first), Inputs = inputs.Pointer, Products = products.Pointer };
                (job.Transform, job.TransformsWeight) = (transform, chunk == 0 && !isReady);
                foreach (Stage stage in (ReadOnlySpan<Stage>)[Stage.Read, Stage.Multiply, Stage.Write])
                {
                    job.Stage = stage;
                    Workers.For(job.Parts, job);
                }
            }
        }

        /// <summary>Transforms tiles from to to of those that begin with the first.</summary>
        public readonly void Read(long first, int from, int to, T* inputs)
        {
            for (int i = from; i < to; i++) TransformInput(Grid, X, first + i, inputs + (nint)i * Grid.InputRow);
        }

        /// <summary>The product of one point.</summary>
        public readonly void Multiply(int point, int count, T* inputs, T* products) => Multiply(point, count, 0, Grid.Shape.Outputs, inputs, products);

        /// <summary>The product of one point for some of the outputs, the first of which begins a panel.</summary>
        public readonly void Multiply(int point, int count, int from, int outputs, T* inputs, T* products)
        {
            int channels = Grid.Shape.Channels;
            PanelProduct<L, V, T>.Run(count, outputs, channels, inputs + point * Grid.InputStep, Grid.InputRow, 1,
                Weight + point * Step(channels, Grid.Shape.Outputs) + (nint)from * channels, null, 0, products + point * Grid.OutputStep + from, Grid.OutputRow);
        }

        /// <summary>Transforms tiles from to to back.</summary>
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
            int rows = Math.Min(m, (s.OutHeight - row + s.StepHeight - 1) / s.StepHeight), columns = Math.Min(m, (s.OutWidth - column + s.StepWidth - 1) / s.StepWidth);
            T* to = Y + (((nint)sample * s.OutHeight + row) * s.OutWidth + column) * s.Outputs;
            T* middle = stackalloc T[(4 * 6 + 4) * L.Count], line = middle + 4 * 6 * L.Count;
            nint point = Grid.OutputStep, position = (nint)s.StepWidth * s.Outputs;
            for (int k = 0; k < s.Outputs; k += L.Count)
            {
                for (int j = 0; j < t; j++) F.Output<L, V, T>(from + k + j * point, t * point, middle + j * L.Count, t * L.Count);
                V added = Bias == null ? default : L.Load(Bias + k);
                for (int i = 0; i < rows; i++)
                {
                    F.Output<L, V, T>(middle + i * t * L.Count, L.Count, line, L.Count);
                    T* target = to + (nint)i * s.StepHeight * s.OutWidth * s.Outputs + k;
                    for (int j = 0; j < columns; j++, target += position)
                    {
                        V value = L.Add(L.Load(line + j * L.Count), added);
                        L.Store(Rectify ? L.Rectify(value) : value, target);
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
    /// One of the stages of a chunk. A part is a few tiles; of the products a few points, or, where the weight has to be transformed first, a panel of outputs: what is transformed
    /// is larger than all else here, and is best used by the core that has it.
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
            : TransformsWeight ? (Transform.Kernels.Outputs + PanelProduct<L, V, T>.Wide - 1) / PanelProduct<L, V, T>.Wide : (Points + PointsPerPart - 1) / PointsPerPart;

        public readonly void Run(int part)
        {
            int from = part * TilesPerPart, to = Math.Min(Count, from + TilesPerPart);
            if (Stage == Stage.Read) Whole.Read(First, from, to, Inputs);
            else if (Stage == Stage.Write) Whole.Write(First, from, to, Products);
            else if (TransformsWeight)
            {
                int output = part * PanelProduct<L, V, T>.Wide, outputs = Math.Min(PanelProduct<L, V, T>.Wide, Transform.Kernels.Outputs - output);
                for (int channel = 0; channel < Transform.Kernels.Channels; channel++) Transform.Run(channel, output, output + outputs);
                for (int point = 0; point < Points; point++) Whole.Multiply(point, Count, output, outputs, Inputs, Products);
            }
            else
            {
                int end = Math.Min(Points, (part + 1) * PointsPerPart);
                for (int point = part * PointsPerPart; point < end; point++) Whole.Multiply(point, Count, Inputs, Products);
            }
        }
    }

    /// <summary>Transforms one tile of the input, with zeros beyond its edges.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private static void TransformInput(in WinogradGrid<F, L, V, T> grid, T* x, long tile, T* to)
    {
        ConvolutionShape s = grid.Shape;
        int t = F.Inputs;
        grid.Place(tile, out int sample, out int row, out int column);
        row -= s.PadHeight;
        column -= s.PadWidth;
        T* middle = stackalloc T[(36 + 36) * L.Count], patch = middle + 36 * L.Count;
        nint step = grid.InputStep, position = (nint)s.StepWidth * s.Channels, line = (nint)s.StepHeight * s.Width * s.Channels;
        T* from = x + (((nint)sample * s.Height + row) * s.Width + column) * s.Channels;
        bool isInside = row >= 0 && column >= 0 && row + (t - 1) * s.StepHeight < s.Height && column + (t - 1) * s.StepWidth < s.Width;
        for (int c = 0; c < s.Channels; c += L.Count)
        {
            if (isInside)
            {
                for (int j = 0; j < t; j++) F.Input<L, V, T>(from + c + j * position, line, middle + j * L.Count, t * L.Count);
            }
            else
            {
                ReadTile(from + c, row, column, t, s.Height, s.Width, s.StepHeight, s.StepWidth, line, position, patch);
                for (int j = 0; j < t; j++) F.Input<L, V, T>(patch + j * L.Count, t * L.Count, middle + j * L.Count, t * L.Count);
            }
            for (int i = 0; i < t; i++) F.Input<L, V, T>(middle + i * t * L.Count, L.Count, to + c + i * t * step, step);
        }
    }

    /// <summary>Copies a vector's channels of a square of positions, with zeros for those that are not within 0 .. height-1, 0 .. width-1.</summary>
    private static void ReadTile(T* from, int row, int column, int size, int height, int width, int down, int across, nint line, nint position, T* to)
    {
        for (int i = 0; i < size; i++, from += line)
        {
            for (int j = 0; j < size; j++, to += L.Count)
                L.Store((uint)(row + i * down) < (uint)height && (uint)(column + j * across) < (uint)width ? L.Load(from + j * position) : default, to);
        }
    }

    /// <summary>
    /// The sums over some of the chunks. Slices have all they work on to themselves, so that nothing passes between the caches of cores. Where sums are so large that there is but
    /// one slice, its chunks are shared out stage by stage.
    /// </summary>
    private struct GradSliceJob : IJob
    {
        public WinogradGrid<F, L, V, T> Grid;
        public T* G, X, Sums;
        public nint SumStep;
        public int ChunksPerSlice;

        public readonly void Run(int slice)
        {
            using var inputs = new Scratch<T>(Grid.InputStep * Points);
            using var gradients = new Scratch<T>(Points * Step(Grid.Shape.Outputs, Grid.PerChunk));
            var transform = new GradTransformJob { Grid = Grid, G = G, X = X, Inputs = inputs.Pointer, Gradients = gradients.Pointer };
            var product = new GradProductJob
            {
                Shape = Grid.Shape,
                InputStep = Grid.InputStep,
                InputRow = Grid.InputRow,
                Inputs = inputs.Pointer,
                Gradients = gradients.Pointer,
                Sums = Sums + slice * SumStep,
                IsFirst = true,
            };
            int end = Math.Min(Grid.Chunks, (slice + 1) * ChunksPerSlice);
            for (int chunk = slice * ChunksPerSlice; chunk < end; chunk++)
            {
                transform.First = (long)chunk * Grid.PerChunk;
                transform.Count = product.Count = (int)Math.Min(Grid.PerChunk, Grid.Count - transform.First);
                Workers.For(transform.Parts, transform);
                Workers.For(product.Parts, product);
                product.IsFirst = false;
            }
        }
    }

    /// <summary>Transforms the tiles of one chunk, those of the input as rows and those of the output's gradient as panels. A part is a few tiles.</summary>
    private struct GradTransformJob : IJob
    {
        private const int PerPart = 12;

        public WinogradGrid<F, L, V, T> Grid;
        public T* G, X, Inputs, Gradients;
        public long First;
        public int Count;

        public readonly int Parts => (Count + PerPart - 1) / PerPart;

        public readonly void Run(int part)
        {
            int end = Math.Min(Count, (part + 1) * PerPart);
            for (int i = part * PerPart; i < end; i++)
            {
                TransformInput(Grid, X, First + i, Inputs + (nint)i * Grid.InputRow);
                TransformGradient(i);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        [SkipLocalsInit]
        private readonly void TransformGradient(int index)
        {
            ConvolutionShape s = Grid.Shape;
            int t = F.Inputs, m = F.Outputs, wide = 2 * L.Count;
            Grid.Place(First + index, out int sample, out int row, out int column);
            nint position = (nint)s.StepWidth * s.Outputs, line = (nint)s.StepHeight * s.OutWidth * s.Outputs, point = Step(Count, s.Outputs);
            T* from = G + (((nint)sample * s.OutHeight + row) * s.OutWidth + column) * s.Outputs;
            bool isInside = row + (m - 1) * s.StepHeight < s.OutHeight && column + (m - 1) * s.StepWidth < s.OutWidth;
            T* middle = stackalloc T[(24 + 16) * L.Count], patch = middle + 24 * L.Count;
            for (int k = 0; k < s.Outputs; k += L.Count)
            {
                if (isInside)
                {
                    for (int j = 0; j < m; j++) F.OutputGrad<L, V, T>(from + k + j * position, line, middle + j * L.Count, m * L.Count);
                }
                else
                {
                    ReadTile(from + k, row, column, m, s.OutHeight, s.OutWidth, s.StepHeight, s.StepWidth, line, position, patch);
                    for (int j = 0; j < m; j++) F.OutputGrad<L, V, T>(patch + j * L.Count, m * L.Count, middle + j * L.Count, m * L.Count);
                }
                int first = k / wide * wide, width = Math.Min(wide, s.Outputs - first);
                T* to = Gradients + (nint)first * Count + (nint)index * width + (k - first);
                for (int i = 0; i < t; i++) F.OutputGrad<L, V, T>(middle + i * m * L.Count, L.Count, to + i * t * point, point);
            }
        }
    }

    /// <summary>Adds a chunk's products, of one point and some of the channels, to the sums.</summary>
    private struct GradProductJob : IJob
    {
        private const int ChannelsPerPart = 96;

        public ConvolutionShape Shape;
        public nint InputStep;
        public int InputRow, Count;
        public bool IsFirst;
        public T* Inputs, Gradients, Sums;

        private readonly int Pieces => (Shape.Channels + ChannelsPerPart - 1) / ChannelsPerPart;

        public readonly int Parts => Points * Pieces;

        public readonly void Run(int part)
        {
            int point = part / Pieces, channel = part % Pieces * ChannelsPerPart, channels = Math.Min(ChannelsPerPart, Shape.Channels - channel), outputs = Shape.Outputs;
            T* sums = Sums + point * Step(Shape.Channels, outputs) + (nint)channel * outputs;
            PanelProduct<L, V, T>.Run(channels, outputs, Count, Inputs + point * InputStep + channel, 1, InputRow, Gradients + point * Step(Count, outputs),
                IsFirst ? null : sums, outputs, sums, outputs);
        }
    }

    /// <summary>Adds up the slices of one channel and transforms them back.</summary>
    private struct GradGatherJob : IJob
    {
        public ConvolutionShape Shape;
        public nint SumStep;
        public int Slices;
        public T* Sums, Weight;

        [SkipLocalsInit]
        public readonly void Run(int channel)
        {
            int t = F.Inputs, r = F.Taps, outputs = Shape.Outputs;
            nint point = Step(Shape.Channels, outputs);
            T* middle = stackalloc T[(30 + 25 + 36) * L.Count], taps = middle + 30 * L.Count, sums = taps + 25 * L.Count;
            for (int k = 0; k < outputs; k += L.Count)
            {
                T* from = Sums + (nint)channel * outputs + k;
                for (int i = 0; i < Points; i++, from += point)
                {
                    V sum = L.Load(from);
                    for (int slice = 1; slice < Slices; slice++) sum = L.Add(sum, L.Load(from + slice * SumStep));
                    L.Store(sum, sums + i * L.Count);
                }
                for (int j = 0; j < t; j++) F.WeightGrad<L, V, T>(sums + j * L.Count, t * L.Count, middle + j * L.Count, t * L.Count);
                for (int i = 0; i < r; i++) F.WeightGrad<L, V, T>(middle + i * t * L.Count, L.Count, taps + i * r * L.Count, L.Count);
                T* to = Weight + ((nint)k * Shape.Channels + channel) * r * r;
                for (int lane = 0; lane < L.Count; lane++, to += (nint)Shape.Channels * r * r)
                    for (int tap = 0; tap < r * r; tap++) to[tap] = taps[tap * L.Count + lane];
            }
        }
    }
}
