using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// Convolutions of each channel with one kernel of its own: little arithmetic for each element, so they are done where the elements lie, a vector of
/// channels at a time. Operands are channels-last, and kernels are turned to [taps, channels].
/// </summary>
internal static unsafe class DepthwiseConvolution<S, V, T>
    where S : ISimdOps<V, T>
    where V : unmanaged
    where T : unmanaged, INumber<T>
{
    // Sums over positions are cut into so many slices, added up in order.
    private const int Slices = 16;

    public static bool Fits(in ConvolutionShape s) => s.GroupChannels == 1 && s.GroupOutputs == 1 && s.Groups > 1;

    /// <summary>Writes y. With the kernels' taps in reverse this is what computes the input's gradient where steps leave no gaps.</summary>
    public static void Forward(in ConvolutionShape s, T* weight, T* x, T* bias, T* y, bool relu, bool isReversed = false)
    {
        using var kernels = new Scratch<T>((long)s.Taps * s.Channels);
        Turn(s, weight, kernels.Pointer, isReversed);
        var job = new Job { Shape = s, Kind = Pass.Forward, X = x, Y = y, Weight = kernels.Pointer, Bias = bias, Relu = relu };
        Workers.For(Check.Product(ConvolutionShape.Name, "the number of lines", s.Samples, s.OutDepth, s.OutHeight), job);
    }

    public static void InputGrad(in ConvolutionShape s, T* weight, T* g, T* x)
    {
        using var kernels = new Scratch<T>((long)s.Taps * s.Channels);
        Turn(s, weight, kernels.Pointer, false);
        var job = new Job { Shape = s, Kind = Pass.InputGrad, X = x, Y = g, Weight = kernels.Pointer };
        Workers.For(Check.Product(ConvolutionShape.Name, "the number of lines", s.Samples, s.Depth, s.Height), job);
    }

    /// <summary>Writes the gradient of the weight and, unless it is null, of the bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightGrad(in ConvolutionShape s, T* g, T* x, T* weight, T* bias)
    {
        long length = (long)s.Taps * s.Channels;
        using var sums = new Scratch<T>(Slices * length);
        using Scratch<double> room = BiasSums<S, V, T>.Room(bias, Slices, s.Outputs);
        var job = new Job { Shape = s, Kind = Pass.WeightGrad, X = x, Y = g, Weight = sums.Pointer, BiasSums = new(bias, room.Pointer, s.Outputs) };
        Workers.For(Slices, job);
        job.BiasSums.Write(Slices);
        for (int c = 0; c < s.Channels; c++)
        {
            for (int tap = 0; tap < s.Taps; tap++)
            {
                T sum = T.Zero;
                for (int slice = 0; slice < Slices; slice++) sum += sums.Pointer[slice * length + (nint)tap * s.Channels + c];
                weight[(nint)c * s.Taps + tap] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(in ConvolutionShape s, T* weight, T* kernels, bool isReversed)
    {
        for (int tap = 0; tap < s.Taps; tap++)
        {
            int from = isReversed ? s.Taps - 1 - tap : tap;
            for (int c = 0; c < s.Channels; c++) kernels[(nint)tap * s.Channels + c] = weight[(nint)c * s.Taps + from];
        }
    }

    private enum Pass
    {
        Forward,
        InputGrad,
        WeightGrad,
    }

    private struct Job : IJob
    {
        public ConvolutionShape Shape;
        public Pass Kind;
        public T* X, Y, Weight, Bias;
        public BiasSums<S, V, T> BiasSums;
        public bool Relu;

        public readonly void Run(int part)
        {
            int whole = Shape.Channels / S.Count * S.Count;
            if (Kind == Pass.WeightGrad)
            {
                T* sums = Weight + (nint)part * Shape.Taps * Shape.Channels;
                new Span<T>(sums, Check.Product(ConvolutionShape.Name, "the number of elements of the kernels", Shape.Taps, Shape.Channels)).Clear();
                if (BiasSums.AreWanted) BiasSums.Clear(part);
                long lines = (long)Shape.Samples * Shape.OutDepth * Shape.OutHeight;
                for (long line = part * lines / Slices; line < (part + 1) * lines / Slices; line++)
                {
                    WeightGradLine<S, V>(line, sums, 0, whole);
                    WeightGradLine<ScalarOps<T>, T>(line, sums, whole, Shape.Channels);
                    if (BiasSums.AreWanted) BiasSums.Add(part, Y + (nint)line * Shape.OutWidth * Shape.Channels, Shape.OutWidth);
                }
            }
            else if (Kind == Pass.Forward)
            {
                ForwardLine<S, V>(part, 0, whole);
                ForwardLine<ScalarOps<T>, T>(part, whole, Shape.Channels);
            }
            else
            {
                InputGradLine<S, V>(part, 0, whole);
                InputGradLine<ScalarOps<T>, T>(part, whole, Shape.Channels);
            }
        }

        /// <summary>One line of the output; some of the channels.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void ForwardLine<N, W>(long line, int from, int to) where N : ISimdOps<W, T> where W : unmanaged
        {
            ConvolutionShape s = Shape;
            nint channels = s.Channels;
            int h0 = (int)(line % s.OutHeight) * s.StrideHeight - s.PadHeight, d0 = (int)(line / s.OutHeight % s.OutDepth) * s.StrideDepth - s.PadDepth;
            T* sample = X + (nint)(line / s.OutHeight / s.OutDepth) * s.Area * channels;
            T* y = Y + (nint)line * s.OutWidth * channels;
            for (int ow = 0; ow < s.OutWidth; ow++, y += channels)
            {
                int w0 = ow * s.StrideWidth - s.PadWidth;
                for (nint c = from; c < to; c += N.Count)
                {
                    W sum = Bias == null ? default : N.Load(Bias + c);
                    T* tap = Weight + c;
                    for (int kd = 0; kd < s.KernelDepth; kd++)
                    {
                        for (int kh = 0; kh < s.KernelHeight; kh++)
                        {
                            int d = d0 + kd * s.DilationDepth, h = h0 + kh * s.DilationHeight, w = w0;
                            if ((uint)d >= (uint)s.Depth || (uint)h >= (uint)s.Height)
                            {
                                tap += s.KernelWidth * channels;
                                continue;
                            }
                            T* row = sample + ((nint)d * s.Height + h) * s.Width * channels + c;
                            for (int kw = 0; kw < s.KernelWidth; kw++, w += s.DilationWidth, tap += channels)
                                if ((uint)w < (uint)s.Width) sum = N.MultiplyAdd(N.Load(row + w * channels), N.Load(tap), sum);
                        }
                    }
                    N.Store(Relu ? N.Relu(sum) : sum, y + c);
                }
            }
        }

        /// <summary>One line of the input's gradient, gathered from the outputs that read it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void InputGradLine<N, W>(long line, int from, int to) where N : ISimdOps<W, T> where W : unmanaged
        {
            ConvolutionShape s = Shape;
            nint channels = s.Channels;
            int h0 = (int)(line % s.Height) + s.PadHeight, d0 = (int)(line / s.Height % s.Depth) + s.PadDepth;
            T* sample = Y + (nint)(line / s.Height / s.Depth) * s.OutArea * channels;
            T* x = X + (nint)line * s.Width * channels;
            for (int iw = 0; iw < s.Width; iw++, x += channels)
            {
                for (nint c = from; c < to; c += N.Count)
                {
                    W sum = default;
                    T* tap = Weight + c;
                    for (int kd = 0; kd < s.KernelDepth; kd++)
                    {
                        for (int kh = 0; kh < s.KernelHeight; kh++)
                        {
                            if (!Reads(d0 - kd * s.DilationDepth, s.StrideDepth, s.OutDepth, out int d)
                                || !Reads(h0 - kh * s.DilationHeight, s.StrideHeight, s.OutHeight, out int h))
                            {
                                tap += s.KernelWidth * channels;
                                continue;
                            }
                            T* row = sample + ((nint)d * s.OutHeight + h) * s.OutWidth * channels + c;
                            for (int kw = 0; kw < s.KernelWidth; kw++, tap += channels)
                                if (Reads(iw + s.PadWidth - kw * s.DilationWidth, s.StrideWidth, s.OutWidth, out int w))
                                    sum = N.MultiplyAdd(N.Load(row + w * channels), N.Load(tap), sum);
                        }
                    }
                    N.Store(sum, x + c);
                }
            }
        }

        /// <summary>Whether there is an output whose kernel begins so many elements after the first one's.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static bool Reads(int distance, int stride, int outputs, out int output)
        {
            output = stride == 1 ? distance : distance / stride;
            return distance >= 0 && output < outputs && (stride == 1 || output * stride == distance);
        }

        /// <summary>Adds what one line of the output gives to the kernels' gradients.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void WeightGradLine<N, W>(long line, T* sums, int from, int to) where N : ISimdOps<W, T> where W : unmanaged
        {
            ConvolutionShape s = Shape;
            nint channels = s.Channels, step = s.StrideWidth * channels;
            int h0 = (int)(line % s.OutHeight) * s.StrideHeight - s.PadHeight, d0 = (int)(line / s.OutHeight % s.OutDepth) * s.StrideDepth - s.PadDepth;
            T* sample = X + (nint)(line / s.OutHeight / s.OutDepth) * s.Area * channels;
            T* gradient = Y + (nint)line * s.OutWidth * channels;
            for (int tap = 0; tap < s.Taps; tap++)
            {
                int kw = tap % s.KernelWidth, kh = tap / s.KernelWidth % s.KernelHeight, kd = tap / s.KernelWidth / s.KernelHeight;
                int d = d0 + kd * s.DilationDepth, h = h0 + kh * s.DilationHeight, w0 = kw * s.DilationWidth - s.PadWidth;
                if ((uint)d >= (uint)s.Depth || (uint)h >= (uint)s.Height) continue;
                int first = w0 >= 0 ? 0 : (-w0 + s.StrideWidth - 1) / s.StrideWidth;
                int end = w0 >= s.Width ? 0 : Math.Min(s.OutWidth, (s.Width - 1 - w0) / s.StrideWidth + 1);
                if (first >= end) continue;
                T* row = sample + ((nint)d * s.Height + h) * s.Width * channels + (w0 + first * s.StrideWidth) * channels;
                T* g0 = gradient + first * channels;
                for (nint c = from; c < to; c += N.Count)
                {
                    W even = N.Load(sums + tap * channels + c), odd = default;
                    T* x = row + c, g = g0 + c;
                    int ow = first;
                    for (; ow + 2 <= end; ow += 2, x += 2 * step, g += 2 * channels)
                    {
                        even = N.MultiplyAdd(N.Load(x), N.Load(g), even);
                        odd = N.MultiplyAdd(N.Load(x + step), N.Load(g + channels), odd);
                    }
                    if (ow < end) even = N.MultiplyAdd(N.Load(x), N.Load(g), even);
                    N.Store(N.Add(even, odd), sums + tap * channels + c);
                }
            }
        }
    }
}
