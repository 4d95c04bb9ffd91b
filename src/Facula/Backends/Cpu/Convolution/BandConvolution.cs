using System.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Direct convolutions whose kernels' lines lie side by side in the input: those of one group and no gaps across, in one or two dimensions. They read it in place, a line of all taps and channels
/// after another, for a band of output rows at a time. Where there are edges to be padded a band is copied once with its zeros, which is little beside copying it once a tap.
/// </summary>
internal static unsafe partial class BandConvolution<L, V, T>
    where L : ILanes<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    private const int BandBytes = 192 << 10, MostPixels = 768, PartsWanted = 16, NarrowestOutput = 4;

    public static bool Fits(in ConvolutionShape s) =>
        s is { Groups: 1, StepWidth: 1, Depth: 1, OutDepth: 1, KernelDepth: 1, PadDepth: 0, OutWidth: >= NarrowestOutput } && !s.IsPointwise;

    /// <summary>Writes y, adding a bias for each output unless it is null. The weight is packed as for products with patches.</summary>
    public static void Forward(in ConvolutionShape s, T* x, T* weight, T* bias, T* y, bool rectify)
    {
        nint line = (nint)s.OutWidth * s.Outputs;
        var job = new ForwardJob { Bands = new(s), X = x, Weight = weight, Bias = bias, Y = y, YSample = s.OutHeight * line, YLine = line, YPixel = s.Outputs, Rectify = rectify };
        Workers.For(job.Bands.Count, job);
    }

    /// <summary>Writes the sums of the weight's gradient, a slice of [taps, channels, outputs] after another, and says how many slices there are.</summary>
    public static Scratch<T> WeightGrad(in ConvolutionShape s, T* g, T* x, int sumBytes, out int slices)
    {
        // As many lines of the kernel at a time as the second-level cache holds sums of.
        int lines = Math.Clamp(sumBytes / (s.KernelWidth * s.Channels * s.Outputs * sizeof(T)), 1, s.KernelHeight);
        var job = new WeightGradJob { Bands = new(s), G = g, X = x, LinesPerPart = lines };
        slices = Math.Clamp((PartsWanted + job.LineParts - 1) / job.LineParts, 1, job.Bands.Count);
        job.BandsPerSlice = (job.Bands.Count + slices - 1) / slices;
        slices = (job.Bands.Count + job.BandsPerSlice - 1) / job.BandsPerSlice;
        var sums = new Scratch<T>((long)slices * s.Columns * s.Outputs);
        job.Sums = sums.Pointer;
        Workers.For(slices * job.LineParts, job);
        return sums;
    }

    /// <summary>How the output is cut into bands of rows, and what each reads.</summary>
    private readonly struct Bands
    {
        public readonly ConvolutionShape Shape;
        private readonly int _rows, _perSample, _width;
        private readonly bool _copies;

        public Bands(in ConvolutionShape s)
        {
            Shape = s;
            int width = (s.OutWidth - 1) * s.StrideWidth + s.KernelWidth;
            _copies = s.PadHeight != 0 || s.PadWidth != 0 || width > s.Width || LinesOf(s.OutHeight) > s.Height;
            _width = _copies ? width : s.Width;
            long rows = Math.Min(MostPixels / s.OutWidth, (long)s.Samples * s.OutHeight / PartsWanted);
            rows = Math.Min(rows, BandBytes / ((long)s.StrideHeight * _width * s.Channels * sizeof(T)));
            rows = Math.Clamp(rows, 1, s.OutHeight);
            _perSample = (int)((s.OutHeight + rows - 1) / rows);
            _rows = (s.OutHeight + _perSample - 1) / _perSample;
            _perSample = (s.OutHeight + _rows - 1) / _rows;
        }

        public int Count => checked(Shape.Samples * _perSample);

        /// <summary>Elements of the input from one line to the next, as a band has them.</summary>
        public nint Pitch => (nint)_width * Shape.Channels;

        public long ScratchLength => _copies ? LinesOf(_rows) * (long)Pitch : 1;

        /// <summary>How many rows of the output of which sample a band has, and the first of them.</summary>
        public int RowsOf(int band, out int sample, out int first)
        {
            (sample, first) = (band / _perSample, band % _perSample * _rows);
            return Math.Min(_rows, Shape.OutHeight - first);
        }

        /// <summary>Where the first kernel of the band begins to read, in the input or in a copy.</summary>
        public T* Read(int band, T* x, T* copy)
        {
            ConvolutionShape s = Shape;
            int rows = RowsOf(band, out int sample, out int first), line = first * s.StrideHeight - s.PadHeight;
            x += (nint)sample * s.Height * s.Width * s.Channels;
            if (!_copies) return x + (nint)line * s.Width * s.Channels;
            T* to = copy;
            int inside = Math.Min(s.Width, _width - s.PadWidth) * s.Channels, before = s.PadWidth * s.Channels, after = (int)Pitch - before - inside;
            for (int end = line + LinesOf(rows); line < end; line++, to += Pitch)
            {
                if ((uint)line >= (uint)s.Height)
                {
                    new Span<T>(to, (int)Pitch).Clear();
                    continue;
                }
                new Span<T>(to, before).Clear();
                new Span<T>(x + (nint)line * s.Width * s.Channels, inside).CopyTo(new(to + before, inside));
                new Span<T>(to + before + inside, after).Clear();
            }
            return copy;
        }

        private int LinesOf(int rows) => (rows - 1) * Shape.StrideHeight + (Shape.KernelHeight - 1) * Shape.StepHeight + 1;
    }

    private struct ForwardJob : IJob
    {
        public Bands Bands;
        public T* X, Weight, Bias, Y;
        public nint YSample, YLine, YPixel;
        public bool Rectify;

        public readonly void Run(int part)
        {
            ConvolutionShape s = Bands.Shape;
            using var copy = new Scratch<T>(Bands.ScratchLength);
            int rows = Bands.RowsOf(part, out int sample, out int first);
            var input = new PanelRows<T>
            {
                Data = Bands.Read(part, X, copy.Pointer),
                Blocks = rows,
                BlockStep = s.StrideHeight * Bands.Pitch,
                Rows = s.OutWidth,
                RowStep = (nint)s.StrideWidth * s.Channels,
                Lines = s.KernelHeight,
                LineStep = s.StepHeight * Bands.Pitch,
                Terms = s.KernelWidth * s.Channels,
                TermStep = 1,
            };
            T* y = Y + sample * YSample + first * YLine;
            PanelProduct<L, V, T>.Run(input, s.Outputs, Weight, Bias, 0, y, YPixel, YLine);
            if (Rectify) default(RectifyEpilogue<T>).Apply(y, s.Outputs, rows * s.OutWidth, s.Outputs, 0, 0);
        }
    }

    /// <summary>Sums over some of the bands, for some of the kernel's lines.</summary>
    private struct WeightGradJob : IJob
    {
        public Bands Bands;
        public T* G, X, Sums;
        public int LinesPerPart, BandsPerSlice;

        public readonly int LineParts => (Bands.Shape.KernelHeight + LinesPerPart - 1) / LinesPerPart;

        public readonly void Run(int part)
        {
            ConvolutionShape s = Bands.Shape;
            int slice = part / LineParts, line = part % LineParts * LinesPerPart, firstBand = slice * BandsPerSlice, endBand = Math.Min(Bands.Count, firstBand + BandsPerSlice);
            T* sums = Sums + ((nint)slice * s.KernelHeight + line) * s.KernelWidth * s.Channels * s.Outputs;
            using var copy = new Scratch<T>(Bands.ScratchLength);
            using var packed = new Scratch<T>(PanelProduct<L, V, T>.PackedLength(s.Outputs, Bands.RowsOf(0, out _, out _) * s.OutWidth));
            for (int band = firstBand; band < endBand; band++)
            {
                int rows = Bands.RowsOf(band, out int sample, out int first), pixels = rows * s.OutWidth;
                T* g = G + ((nint)sample * s.OutHeight + first) * s.OutWidth * s.Outputs;
                for (int j = 0; j < s.Outputs; j += PanelProduct<L, V, T>.Wide)
                {
                    int lanes = Math.Min(PanelProduct<L, V, T>.Wide, s.Outputs - j);
                    GemmPacking.Pack(g + j, 1, s.Outputs, lanes, pixels, packed.Pointer + (nint)j * pixels, lanes > L.Count ? 2 * L.Count : L.Count);
                }
                var input = new PanelRows<T>
                {
                    Data = Bands.Read(band, X, copy.Pointer) + line * s.StepHeight * Bands.Pitch,
                    Blocks = Math.Min(LinesPerPart, s.KernelHeight - line),
                    BlockStep = s.StepHeight * Bands.Pitch,
                    Rows = s.KernelWidth * s.Channels,
                    RowStep = 1,
                    Lines = rows,
                    LineStep = s.StrideHeight * Bands.Pitch,
                    Terms = s.OutWidth,
                    TermStep = (nint)s.StrideWidth * s.Channels,
                };
                PanelProduct<L, V, T>.Run(input, s.Outputs, packed.Pointer, band == firstBand ? null : sums, s.Outputs, sums, s.Outputs);
            }
        }
    }
}
