using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// Direct convolutions whose kernels' lines lie side by side in the input: those of one group and no gaps across, in one or two dimensions.
/// They read it in place (an implicit gemm), a line of all taps and channels after another, for a band of output rows, or of a long row's
/// columns, at a time. Where there are edges to be padded a band is copied once with its zeros, which is little beside copying it once a tap.
/// </summary>
internal static unsafe partial class BandConvolution<S, V, T>
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    // For the sums of all slices of a weight's gradient.
    private const int SliceBytes = 16 << 20;
    private const int BandBytes = 192 << 10, MostPixels = 768, FewestColumns = 48, PartsWanted = 16, NarrowestOutput = 4;

    public static bool Fits(in ConvolutionShape s) =>
        s is { Groups: 1, DilationWidth: 1, Depth: 1, OutDepth: 1, KernelDepth: 1, PadDepth: 0, OutWidth: >= NarrowestOutput } && !s.IsPointwise;

    /// <summary>Writes y, adding a bias for each output unless it is null. The weight is packed as for products with patches.</summary>
    public static void Forward(in ConvolutionShape s, T* x, T* weight, T* bias, T* y, bool relu)
    {
        nint line = (nint)s.OutWidth * s.Outputs;
        var job = new ForwardJob { Bands = new(s), X = x, Weight = weight, Bias = bias, Y = y, Relu = relu };
        (job.YSample, job.YLine, job.YPixel) = (s.OutHeight * line, line, s.Outputs);
        Workers.For(job.Bands.Count, job);
    }

    /// <summary>
    /// Writes the sums of the weight's gradient, a slice of [taps, channels, outputs] after another, and says how many slices there are; and, unless
    /// it is null, the gradient of the bias.
    /// </summary>
    public static Scratch<T> WeightGrad(in ConvolutionShape s, T* g, T* x, T* bias, int sumBytes, out int slices)
    {
        // As many lines of the kernel at a time as the second-level cache holds sums of.
        int lines = (int)Math.Clamp(sumBytes / ((long)s.KernelWidth * s.Channels * s.Outputs * sizeof(T)), 1, s.KernelHeight);
        var job = new WeightGradJob { Bands = new(s), G = g, X = x, LinesPerPart = lines };
        long most = Math.Min(job.Bands.Count, SliceBytes / ((long)s.Columns * s.Outputs * sizeof(T)));
        slices = (int)Math.Clamp((PartsWanted + job.LineParts - 1) / job.LineParts, 1, Math.Max(1, most));
        job.BandsPerSlice = (job.Bands.Count + slices - 1) / slices;
        slices = (job.Bands.Count + job.BandsPerSlice - 1) / job.BandsPerSlice;
        var sums = new Scratch<T>((long)slices * s.Columns * s.Outputs);
        job.Sums = sums.Pointer;
        using Scratch<double> room = BiasSums<S, V, T>.Room(bias, slices, s.Outputs);
        job.BiasSums = new(bias, room.Pointer, s.Outputs);
        Workers.For(slices * job.LineParts, job);
        job.BiasSums.Write(slices);
        return sums;
    }

    /// <summary>A rectangle of a sample's output: some whole rows, or some columns of one row.</summary>
    private readonly record struct Band(int Sample, int Row, int Rows, int Column, int Columns)
    {
        public int Pixels => Rows * Columns;

        /// <summary>The first element of its first pixel.</summary>
        public nint Offset(in ConvolutionShape s) => (((nint)Sample * s.OutHeight + Row) * s.OutWidth + Column) * s.Outputs;
    }

    /// <summary>How the output is cut into bands, and what each reads.</summary>
    private readonly struct Bands
    {
        public readonly ConvolutionShape Shape;
        private readonly int _rows, _columns, _down, _across, _width;
        private readonly bool _copies;

        public Bands(in ConvolutionShape s)
        {
            Shape = s;
            _copies = s.PadHeight != 0 || s.PadWidth != 0 || WidthOf(s.OutWidth) > s.Width || LinesOf(s.OutHeight) > s.Height;
            long pixels = Math.Min(MostPixels, s.Pixels / PartsWanted), lineBytes = (long)s.StrideWidth * s.Channels * sizeof(T);
            _columns = Piece(s.OutWidth, Math.Max(FewestColumns, Math.Min(pixels, BandBytes / (s.KernelHeight * lineBytes))), S.TileRows);
            _rows = _columns < s.OutWidth ? 1 : Piece(s.OutHeight, Math.Min(pixels / s.OutWidth, BandBytes / (s.StrideHeight * s.OutWidth * lineBytes)), 1);
            (_down, _across) = ((s.OutHeight + _rows - 1) / _rows, (s.OutWidth + _columns - 1) / _columns);
            _width = _copies ? WidthOf(_columns) : s.Width;
        }

        public int Count => Check.Product(ConvolutionShape.Name, "the number of bands", Shape.Samples, _down, _across);

        public int MostPixelsOfBand => _rows * _columns;

        /// <summary>Elements of the input from one line to the next, as a band has them.</summary>
        public nint Pitch => (nint)_width * Shape.Channels;

        public long ScratchLength => _copies ? LinesOf(_rows) * (long)Pitch : 1;

        public Band this[int number]
        {
            get
            {
                int column = number % _across * _columns, row = number / _across % _down * _rows;
                return new(number / _across / _down, row, Math.Min(_rows, Shape.OutHeight - row), column, Math.Min(_columns, Shape.OutWidth - column));
            }
        }

        /// <summary>Where the first kernel of a band begins to read, in the input or in a copy with the zeros of its edges.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public T* Read(in Band band, T* x, T* copy)
        {
            ConvolutionShape s = Shape;
            int line = band.Row * s.StrideHeight - s.PadHeight, column = band.Column * s.StrideWidth - s.PadWidth, width = WidthOf(band.Columns);
            x += ((nint)band.Sample * s.Height * s.Width + column) * s.Channels;
            if (!_copies) return x + (nint)line * s.Width * s.Channels;
            T* to = copy;
            int before = Math.Clamp(-column, 0, width), inside = Math.Clamp(s.Width - column, before, width) - before, after = width - before - inside;
            for (int end = line + LinesOf(band.Rows); line < end; line++, to += Pitch)
            {
                if ((uint)line >= (uint)s.Height)
                {
                    new Span<T>(to, width * s.Channels).Clear();
                    continue;
                }
                T* edge = to + (nint)before * s.Channels, tail = edge + (nint)inside * s.Channels;
                new Span<T>(to, before * s.Channels).Clear();
                new Span<T>(x + ((nint)line * s.Width + before) * s.Channels, inside * s.Channels).CopyTo(new(edge, inside * s.Channels));
                new Span<T>(tail, after * s.Channels).Clear();
            }
            return copy;
        }

        /// <summary>Pieces of the same length, none longer than the most but for rounding up to whole units.</summary>
        private static int Piece(int length, long most, int unit)
        {
            long pieces = (length + Math.Max(1, most) - 1) / Math.Max(1, most), piece = (length + pieces - 1) / pieces;
            return pieces == 1 ? length : (int)Math.Min(length, (piece + unit - 1) / unit * unit);
        }

        private int LinesOf(int rows) => (rows - 1) * Shape.StrideHeight + (Shape.KernelHeight - 1) * Shape.DilationHeight + 1;

        private int WidthOf(int columns) => (columns - 1) * Shape.StrideWidth + Shape.KernelWidth;
    }

    private struct ForwardJob : IJob
    {
        public Bands Bands;
        public T* X, Weight, Bias, Y;
        public nint YSample, YLine, YPixel;
        public bool Relu;

        public readonly void Run(int part)
        {
            ConvolutionShape s = Bands.Shape;
            using var copy = new Scratch<T>(Bands.ScratchLength);
            Band band = Bands[part];
            var input = new PanelRows<T>
            {
                Data = Bands.Read(band, X, copy.Pointer),
                Blocks = band.Rows,
                BlockStep = s.StrideHeight * Bands.Pitch,
                Rows = band.Columns,
                RowStep = (nint)s.StrideWidth * s.Channels,
                Lines = s.KernelHeight,
                LineStep = s.DilationHeight * Bands.Pitch,
                Terms = s.KernelWidth * s.Channels,
                TermStep = 1,
            };
            T* y = Y + band.Sample * YSample + band.Row * YLine + band.Column * YPixel;
            PanelProduct<S, V, T>.Run(input, s.Outputs, Weight, Bias, y, YPixel, YLine);
            if (Relu) default(ReluEpilogue<T>).Apply(y, s.Outputs, band.Pixels, s.Outputs, 0, 0);
        }
    }

    /// <summary>Sums over some of the bands, for some of the kernel's lines.</summary>
    private struct WeightGradJob : IJob
    {
        public Bands Bands;
        public T* G, X, Sums;
        public BiasSums<S, V, T> BiasSums;
        public int LinesPerPart, BandsPerSlice;

        public readonly int LineParts => (Bands.Shape.KernelHeight + LinesPerPart - 1) / LinesPerPart;

        public readonly void Run(int part)
        {
            ConvolutionShape s = Bands.Shape;
            int slice = part / LineParts, line = part % LineParts * LinesPerPart;
            int first = slice * BandsPerSlice, end = Math.Min(Bands.Count, first + BandsPerSlice);
            T* sums = Sums + ((nint)slice * s.KernelHeight + line) * s.KernelWidth * s.Channels * s.Outputs;
            using var copy = new Scratch<T>(Bands.ScratchLength);
            using var packed = new Scratch<T>(PanelProduct<S, V, T>.PackedLength(s.Outputs, Bands.MostPixelsOfBand));
            bool addsBias = BiasSums.AreWanted && line == 0;
            if (addsBias) BiasSums.Clear(slice);
            for (int i = first; i < end; i++)
            {
                Band band = Bands[i];
                T* gradient = PanelProduct<S, V, T>.Packed(G + band.Offset(s), s.Outputs, band.Pixels, s.Outputs, packed.Pointer);
                var input = new PanelRows<T>
                {
                    Data = Bands.Read(band, X, copy.Pointer) + line * s.DilationHeight * Bands.Pitch,
                    Blocks = Math.Min(LinesPerPart, s.KernelHeight - line),
                    BlockStep = s.DilationHeight * Bands.Pitch,
                    Rows = s.KernelWidth * s.Channels,
                    RowStep = 1,
                    Lines = band.Rows,
                    LineStep = s.StrideHeight * Bands.Pitch,
                    Terms = band.Columns,
                    TermStep = (nint)s.StrideWidth * s.Channels,
                };
                PanelProduct<S, V, T>.Run(input, s.Outputs, gradient, i == first ? null : sums, sums, s.Outputs);
                if (addsBias) BiasSums.Add(slice, G + band.Offset(s), band.Pixels);
            }
        }
    }
}
