using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// Convolutions of every kind as products of matrices: a few rows of patches at a time against the packed kernels. Operands are channels-last.
/// Chellapilla et al. 2006, "High Performance Convolutional Neural Networks for Document Processing", but never with all patches at once.
/// </summary>
internal static unsafe class DirectConvolution<S, V, T>
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    // Of the second-level cache, for the patches of one part and for its sums.
    private const int PatchBytes = 384 << 10, SumBytes = 384 << 10;
    private const int MostRows = 768;
    private const int PartsWanted = 16;

    /// <summary>Writes y, adding a bias for each output unless it is null.</summary>
    public static void Forward(in ConvolutionShape s, in ConvolutionWeight<T> kernels, T* x, T* bias, T* y, bool relu)
    {
        using PackedWeight<T> packed = kernels.Packed(ConvolutionAlgorithm.Direct, kernels.PackedLength<S, V>());
        if (!packed.IsReady) kernels.Pack<S, V>(packed.Pointer);
        if (BandConvolution<S, V, T>.Fits(s))
        {
            BandConvolution<S, V, T>.Forward(s, x, packed.Pointer, bias, y, relu);
            return;
        }
        var job = new ForwardJob { Shape = s, X = x, Weight = packed.Pointer, Bias = bias, Y = y, Relu = relu, Rows = RowsOf(s, s.Columns) };
        Workers.For(Check.Count((s.Pixels + job.Rows - 1) / job.Rows), job);
    }

    /// <summary>Writes the gradient of the input by adding up that of its patches; for what no convolution forward can do, such as strides.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InputGrad(in ConvolutionShape s, T* weight, T* g, T* x)
    {
        if (BandConvolution<S, V, T>.FitsInputGrad(s))
        {
            BandConvolution<S, V, T>.InputGrad(s, weight, g, x);
            return;
        }
        int columns = s.Columns, outputs = s.GroupOutputs;
        nint panels = PanelProduct<S, V, T>.PackedLength(columns, outputs);
        using var rows = new Scratch<T>((long)outputs * columns);
        using var packed = new Scratch<T>(s.Groups * panels);
        for (int group = 0; group < s.Groups; group++)
        {
            // Tap by tap, the channels: the order of patches.
            T* from = weight + (nint)group * outputs * columns;
            for (int k = 0; k < outputs; k++)
                for (int i = 0; i < columns; i++)
                    rows.Pointer[(nint)k * columns + i] = from[(nint)k * columns + i % s.GroupChannels * s.Taps + i / s.GroupChannels];
            PanelProduct<S, V, T>.Pack(rows.Pointer, columns, outputs, columns, packed.Pointer + group * panels);
        }
        Workers.For(s.Samples, new InputGradJob { Shape = s, G = g, Weight = packed.Pointer, X = x, Rows = RowsOf(s, s.Columns) });
    }

    /// <summary>Writes the gradient of the weight, [k, c / groups, taps], and, unless it is null, of the bias.</summary>
    public static void WeightGrad(in ConvolutionShape s, T* g, T* x, T* weight, T* bias)
    {
        if (BandConvolution<S, V, T>.Fits(s))
        {
            using Scratch<T> bandSums = BandConvolution<S, V, T>.WeightGrad(s, g, x, bias, SumBytes, out int slices);
            Workers.For(s.Outputs, new GatherJob { Shape = s, Slices = slices, Sums = bandSums.Pointer, Weight = weight });
            return;
        }
        // As many taps at a time as the second-level cache holds sums of, so that the operands are read seldom.
        int taps = Math.Clamp(SumBytes / (s.GroupChannels * s.GroupOutputs * sizeof(T)), 1, s.Taps);
        var job = new WeightGradJob { Shape = s, G = g, X = x, TapsPerPart = taps, Rows = RowsOf(s, (long)taps * s.GroupChannels + s.GroupOutputs) };
        int parts = s.Groups * job.TapParts;
        // Sums over pixels are cut into slices only where there is too little else to share out.
        long chunks = (s.Pixels + job.Rows - 1) / job.Rows;
        job.Slices = (int)Math.Clamp((PartsWanted + parts - 1) / parts, 1, chunks);
        job.ChunksPerSlice = (chunks + job.Slices - 1) / job.Slices;
        using var sums = new Scratch<T>((long)job.Slices * s.Columns * s.Outputs);
        job.Sums = sums.Pointer;
        using Scratch<double> room = BiasSums<S, V, T>.Room(bias, job.Slices, s.Outputs);
        job.BiasSums = new(bias, room.Pointer, s.Outputs);
        Workers.For(parts * job.Slices, job);
        job.BiasSums.Write(job.Slices);
        Workers.For(s.Outputs, new GatherJob { Shape = s, Slices = job.Slices, Sums = sums.Pointer, Weight = weight });
    }

    /// <summary>The rows done at a time, where each takes so many elements of the cache.</summary>
    private static int RowsOf(in ConvolutionShape s, long columns)
    {
        int mr = S.TileRows;
        long rows = Math.Min(PatchBytes / (columns * sizeof(T)), s.Pixels / PartsWanted);
        return (int)Math.Clamp(rows / mr * mr, mr, MostRows);
    }

    private struct ForwardJob : IJob
    {
        public ConvolutionShape Shape;
        public T* X, Weight, Bias, Y;
        public bool Relu;
        public int Rows;

        public readonly void Run(int part)
        {
            long first = (long)part * Rows;
            int count = (int)Math.Min(Rows, Shape.Pixels - first), columns = Shape.Columns, outputs = Shape.GroupOutputs;
            nint panels = PanelProduct<S, V, T>.PackedLength(outputs, columns);
            T* y = Y + (nint)first * Shape.Outputs;
            using var patches = new Scratch<T>(Shape.IsPointwise ? 1 : (long)count * columns);
            for (int group = 0; group < Shape.Groups; group++)
            {
                T* a = X + (nint)first * Shape.Channels + group * columns;
                nint row = Shape.Channels;
                if (!Shape.IsPointwise)
                {
                    Im2Col.Read(Shape, X, group, first, count, 0, Shape.Taps, patches.Pointer);
                    a = patches.Pointer;
                    row = columns;
                }
                T* bias = Bias == null ? null : Bias + group * outputs;
                PanelProduct<S, V, T>.Run(new(a, count, columns, row, 1), outputs, Weight + group * panels, bias, y + group * outputs, Shape.Outputs);
            }
            if (Relu) default(ReluEpilogue<T>).Apply(y, Shape.Outputs, count, Shape.Outputs, 0, 0);
        }
    }

    private struct InputGradJob : IJob
    {
        public ConvolutionShape Shape;
        public T* G, Weight, X;
        public int Rows;

        public readonly void Run(int sample)
        {
            int columns = Shape.Columns, outputs = Shape.GroupOutputs;
            nint panels = PanelProduct<S, V, T>.PackedLength(columns, outputs);
            new Span<T>(X + (nint)sample * Shape.Area * Shape.Channels, Shape.SampleLength).Clear();
            using var patches = new Scratch<T>((long)Rows * columns);
            long from = (long)sample * Shape.OutArea, to = from + Shape.OutArea;
            for (long first = from; first < to; first += Rows)
            {
                int count = (int)Math.Min(Rows, to - first);
                for (int group = 0; group < Shape.Groups; group++)
                {
                    T* g = G + (nint)first * Shape.Outputs + group * outputs;
                    PanelProduct<S, V, T>.Run(new(g, count, outputs, Shape.Outputs, 1), columns, Weight + group * panels, null, patches.Pointer, columns);
                    Im2Col.AddBack<S, V, T>(Shape, patches.Pointer, group, first, count, X);
                }
            }
        }
    }

    private struct WeightGradJob : IJob
    {
        public ConvolutionShape Shape;
        public T* G, X, Sums;
        public BiasSums<S, V, T> BiasSums;
        public int Rows, TapsPerPart, Slices;
        public long ChunksPerSlice;

        public readonly int TapParts => (Shape.Taps + TapsPerPart - 1) / TapsPerPart;

        public readonly void Run(int part)
        {
            int slice = part % Slices, tapPart = part / Slices % TapParts, group = part / Slices / TapParts;
            int outputs = Shape.GroupOutputs, fromTap = tapPart * TapsPerPart, toTap = Math.Min(fromTap + TapsPerPart, Shape.Taps);
            int columns = (toTap - fromTap) * Shape.GroupChannels;
            T* sums = Sums + (((nint)slice * Shape.Groups + group) * Shape.Columns + (nint)fromTap * Shape.GroupChannels) * outputs;
            long end = Math.Min((slice + 1) * ChunksPerSlice * Rows, Shape.Pixels);
            using var patches = new Scratch<T>((long)Rows * columns);
            using var packed = new Scratch<T>(PanelProduct<S, V, T>.PackedLength(outputs, Rows));
            // Of a slice's parts one has the bias, of all groups.
            bool isFirst = true, addsBias = BiasSums.AreWanted && part < Slices;
            if (addsBias) BiasSums.Clear(slice);
            for (long first = slice * ChunksPerSlice * Rows; first < end; first += Rows)
            {
                int count = (int)Math.Min(Rows, end - first);
                T* a = X + (nint)first * Shape.Channels + group * columns;
                nint row = Shape.Channels;
                if (!Shape.IsPointwise)
                {
                    Im2Col.Read(Shape, X, group, first, count, fromTap, toTap, patches.Pointer);
                    a = patches.Pointer;
                    row = columns;
                }
                T* gradient = PanelProduct<S, V, T>.Packed(G + (nint)first * Shape.Outputs + group * outputs, Shape.Outputs, count, outputs, packed.Pointer);
                PanelProduct<S, V, T>.Run(new(a, columns, count, 1, row), outputs, gradient, isFirst ? null : sums, sums, outputs);
                if (addsBias) BiasSums.Add(slice, G + (nint)first * Shape.Outputs, count);
                isFirst = false;
            }
            if (isFirst) new Span<T>(sums, columns * outputs).Clear();
        }
    }

    /// <summary>Adds up the slices and puts the taps of each channel side by side. A part is one output.</summary>
    private struct GatherJob : IJob
    {
        public ConvolutionShape Shape;
        public int Slices;
        public T* Sums, Weight;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int output)
        {
            int channels = Shape.GroupChannels, outputs = Shape.GroupOutputs;
            T* from = Sums + (nint)(output / outputs) * Shape.Columns * outputs + output % outputs, to = Weight + (nint)output * Shape.Columns;
            nint slice = (nint)Shape.Columns * Shape.Outputs;
            for (int tap = 0; tap < Shape.Taps; tap++)
            {
                for (int c = 0; c < channels; c++, from += outputs)
                {
                    T sum = *from;
                    for (int i = 1; i < Slices; i++) sum += from[i * slice];
                    to[(nint)c * Shape.Taps + tap] = sum;
                }
            }
        }
    }
}
