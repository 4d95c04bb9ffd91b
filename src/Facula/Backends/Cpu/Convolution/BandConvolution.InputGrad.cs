using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

internal static unsafe partial class BandConvolution<S, V, T>
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    /// <summary>
    /// Along one dimension of space, the positions of the input that are a stride apart, and the taps that reach them: every stride-th. Taken in
    /// reverse, these are the kernel of a convolution of stride 1 that gives the gradient at these positions from that of the output.
    /// </summary>
    private readonly struct Phase
    {
        public readonly int At, Stride, Taps, Positions, Padding;
        private readonly int _firstTap;

        public Phase(int at, int stride, int padding, int kernel, int size)
        {
            (At, Stride, Positions) = (at, stride, (size - at + stride - 1) / stride);
            _firstTap = (at + padding) % stride;
            Taps = Math.Max(0, (kernel - _firstTap + stride - 1) / stride);
            Padding = Taps - 1 - (at + padding) / stride;
        }

        public bool Fits => Taps == 0 || Padding >= 0;

        /// <summary>The tap of the strided convolution that this one has in place i.</summary>
        public int Tap(int i) => _firstTap + (Taps - 1 - i) * Stride;

        public static Phase Down(in ConvolutionShape s, int at) => new(at, s.StrideHeight, s.PadHeight, s.KernelHeight, s.Height);

        public static Phase Across(in ConvolutionShape s, int at) => new(at, s.StrideWidth, s.PadWidth, s.KernelWidth, s.Width);
    }

    /// <summary>Whether the gradient of the input can be put together from convolutions of stride 1.</summary>
    public static bool FitsInputGrad(in ConvolutionShape s)
    {
        if (s is not { Groups: 1, Depth: 1, OutDepth: 1, KernelDepth: 1, PadDepth: 0, DilationHeight: 1, DilationWidth: 1 }) return false;
        if (s.Width / s.StrideWidth < NarrowestOutput) return false;
        bool fits = true;
        for (int at = 0; at < s.StrideHeight; at++) fits &= Phase.Down(s, at).Fits;
        for (int at = 0; at < s.StrideWidth; at++) fits &= Phase.Across(s, at).Fits;
        return fits;
    }

    /// <summary>
    /// Writes the gradient of the input, one phase of positions after another: Shi et al. 2016, arXiv:1609.07009, call it sub-pixel convolution.
    /// </summary>
    public static void InputGrad(in ConvolutionShape s, T* weight, T* g, T* x)
    {
        using var rows = new Scratch<T>((long)s.Outputs * s.Columns);
        using var packed = new Scratch<T>(PanelProduct<S, V, T>.PackedLength(s.Channels, s.Outputs * s.Taps));
        // Where strides are larger than the kernel some positions are reached by no tap.
        if (s.StrideHeight > s.KernelHeight || s.StrideWidth > s.KernelWidth) Workers.For(s.Samples, new ClearJob { X = x, Length = s.SampleLength });
        for (int row = 0; row < Math.Min(s.StrideHeight, s.Height); row++)
        {
            for (int column = 0; column < Math.Min(s.StrideWidth, s.Width); column++)
            {
                Phase down = Phase.Down(s, row), across = Phase.Across(s, column);
                if (down.Taps == 0 || across.Taps == 0) continue;
                int terms = down.Taps * across.Taps * s.Outputs;
                Workers.For(s.Outputs, new PhaseWeightJob { Shape = s, Down = down, Across = across, Weight = weight, Rows = rows.Pointer });
                PanelProduct<S, V, T>.Pack(rows.Pointer, s.Channels, terms, s.Channels, packed.Pointer);
                var phase = new ConvolutionShape([s.Samples, s.Outputs, s.OutHeight, s.OutWidth], [s.Samples, s.Channels, down.Positions, across.Positions],
                    new([down.Taps, across.Taps], [1, 1], [down.Padding, across.Padding], [1, 1]), 1);
                nint line = (nint)s.Width * s.Channels;
                var job = new ForwardJob
                {
                    Bands = new(phase),
                    X = g,
                    Weight = packed.Pointer,
                    Y = x + row * line + (nint)column * s.Channels,
                    YSample = s.Height * line,
                    YLine = s.StrideHeight * line,
                    YPixel = (nint)s.StrideWidth * s.Channels,
                };
                Workers.For(job.Bands.Count, job);
            }
        }
    }

    private struct ClearJob : IJob
    {
        public T* X;
        public int Length;

        public readonly void Run(int sample) => new Span<T>(X + (nint)sample * Length, Length).Clear();
    }

    /// <summary>The kernel of a phase as a matrix of a row for each tap and output, and a column for each channel. A part is one output.</summary>
    private struct PhaseWeightJob : IJob
    {
        public ConvolutionShape Shape;
        public Phase Down, Across;
        public T* Weight, Rows;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int output)
        {
            int channels = Shape.Channels, taps = Shape.Taps;
            for (int i = 0; i < Down.Taps; i++)
            {
                for (int j = 0; j < Across.Taps; j++)
                {
                    T* from = Weight + (nint)output * channels * taps + Down.Tap(i) * Shape.KernelWidth + Across.Tap(j);
                    T* to = Rows + (((nint)i * Across.Taps + j) * Shape.Outputs + output) * channels;
                    for (int c = 0; c < channels; c++) to[c] = from[(nint)c * taps];
                }
            }
        }
    }
}
