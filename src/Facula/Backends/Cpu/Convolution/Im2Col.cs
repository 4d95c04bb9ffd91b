using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Facula.Backends.Cpu;

/// <summary>
/// The input of a convolution as a matrix (im2col): a row for each output position, with what its kernel reads there, tap by tap, and zeros
/// beyond the edges. Rows are made, or added back to the input (col2im), a few at a time, so that they stay in the second-level cache.
/// </summary>
internal static unsafe class Im2Col
{
    /// <summary>Writes rows first .. first + count - 1: of one group's channels, the taps from one on. x is channels-last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Read<T>(in ConvolutionShape s, T* x, int group, long first, int count, int fromTap, int toTap, T* rows) where T : unmanaged, INumber<T>
    {
        int channels = s.GroupChannels, row = (toTap - fromTap) * channels;
        // Neighbouring taps lie side by side in the input where the kernel has no gaps and reads all channels.
        bool runs = s.DilationWidth == 1 && s.Groups == 1;
        bool whole = toTap - fromTap == s.Taps;
        int length = s.KernelWidth * channels;
        nint nextTap = (nint)s.DilationWidth * s.Channels, nextLine = (nint)s.DilationHeight * s.Width * s.Channels;
        nint slab = (nint)s.DilationDepth * s.Height * s.Width * s.Channels;
        x += group * channels;
        var at = new Cursor(s, first);
        for (int i = 0; i < count; i++, rows += row, at.Next(s))
        {
            T* to = rows;
            if (whole && at.IsInside(s))
            {
                T* line = x + (((nint)at.N * s.Depth + at.D) * s.Height + at.H) * s.Width * s.Channels + (nint)at.W * s.Channels;
                for (int d = 0; d < s.KernelDepth; d++, line += slab)
                {
                    T* from = line;
                    for (int h = 0; h < s.KernelHeight; h++, from += nextLine, to += length)
                    {
                        if (runs) Copy(from, to, length);
                        else for (int w = 0; w < s.KernelWidth; w++) Copy(from + w * nextTap, to + w * channels, channels);
                    }
                }
                continue;
            }
            for (int tap = fromTap; tap < toTap;)
            {
                int kw = tap % s.KernelWidth, line = tap / s.KernelWidth;
                int d = at.D + line / s.KernelHeight * s.DilationDepth, h = at.H + line % s.KernelHeight * s.DilationHeight, w = at.W + kw * s.DilationWidth;
                int taps = runs ? Math.Min(s.KernelWidth - kw, toTap - tap) : 1;
                tap += taps;
                if ((uint)d >= (uint)s.Depth || (uint)h >= (uint)s.Height)
                {
                    Clear(to, taps * channels);
                    to += taps * channels;
                    continue;
                }
                int before = Math.Clamp(-w, 0, taps), inside = Math.Clamp(s.Width - w, before, taps) - before;
                Clear(to, before * channels);
                to += before * channels;
                T* from = x + (((nint)at.N * s.Depth + d) * s.Height + h) * s.Width * s.Channels + (nint)(w + before) * s.Channels;
                if (inside > 0) Copy(from, to, inside * channels);
                to += inside * channels;
                Clear(to, (taps - before - inside) * channels);
                to += (taps - before - inside) * channels;
            }
        }
    }

    /// <summary>Adds rows first .. first + count - 1, of all taps, to the input they were read from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void AddBack<S, V, T>(in ConvolutionShape s, T* rows, int group, long first, int count, T* x)
        where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        int channels = s.GroupChannels;
        x += group * channels;
        var at = new Cursor(s, first);
        for (int i = 0; i < count; i++, at.Next(s))
        {
            for (int kd = 0; kd < s.KernelDepth; kd++)
            {
                int d = at.D + kd * s.DilationDepth;
                for (int kh = 0; kh < s.KernelHeight; kh++)
                {
                    int h = at.H + kh * s.DilationHeight;
                    for (int kw = 0; kw < s.KernelWidth; kw++, rows += channels)
                    {
                        int w = at.W + kw * s.DilationWidth;
                        if ((uint)d >= (uint)s.Depth || (uint)h >= (uint)s.Height || (uint)w >= (uint)s.Width) continue;
                        AddTo<S, V, T>(rows, x + ((((nint)at.N * s.Depth + d) * s.Height + h) * s.Width + w) * s.Channels, channels);
                    }
                }
            }
        }
    }

    /// <summary>Where the kernel's first tap stands for one output position after another.</summary>
    private struct Cursor
    {
        private int _od, _oh, _ow;

        public Cursor(in ConvolutionShape s, long pixel)
        {
            _ow = (int)(pixel % s.OutWidth);
            pixel /= s.OutWidth;
            _oh = (int)(pixel % s.OutHeight);
            pixel /= s.OutHeight;
            _od = (int)(pixel % s.OutDepth);
            N = (int)(pixel / s.OutDepth);
            Place(s);
        }

        public int N { readonly get; private set; }
        public int D { readonly get; private set; }
        public int H { readonly get; private set; }
        public int W { readonly get; private set; }

        /// <summary>Whether all taps find an input.</summary>
        public readonly bool IsInside(in ConvolutionShape s) =>
            D >= 0 && H >= 0 && W >= 0 && D + (s.KernelDepth - 1) * s.DilationDepth < s.Depth
            && H + (s.KernelHeight - 1) * s.DilationHeight < s.Height && W + (s.KernelWidth - 1) * s.DilationWidth < s.Width;

        public void Next(in ConvolutionShape s)
        {
            if (++_ow == s.OutWidth)
            {
                _ow = 0;
                if (++_oh == s.OutHeight)
                {
                    _oh = 0;
                    if (++_od == s.OutDepth) (_od, N) = (0, N + 1);
                }
            }
            Place(s);
        }

        private void Place(in ConvolutionShape s)
        {
            D = _od * s.StrideDepth - s.PadDepth;
            H = _oh * s.StrideHeight - s.PadHeight;
            W = _ow * s.StrideWidth - s.PadWidth;
        }
    }

    private static void Clear<T>(T* to, int count) where T : unmanaged
    {
        if (count > 0) new Span<T>(to, count).Clear();
    }

    private static void Copy<T>(T* from, T* to, int count) where T : unmanaged, INumber<T>
    {
        // In vectors, the last of which may overlap the one before it: lines are short, of an image's three channels often nine elements.
        if (count >= Vector512<T>.Count)
        {
            for (int i = 0; i <= count - Vector512<T>.Count; i += Vector512<T>.Count) Vector512.Load(from + i).Store(to + i);
            Vector512.Load(from + count - Vector512<T>.Count).Store(to + count - Vector512<T>.Count);
        }
        else if (count >= Vector256<T>.Count)
        {
            Vector256<T> end = Vector256.Load(from + count - Vector256<T>.Count);
            Vector256.Load(from).Store(to);
            end.Store(to + count - Vector256<T>.Count);
        }
        else if (count >= Vector128<T>.Count)
        {
            Vector128<T> end = Vector128.Load(from + count - Vector128<T>.Count);
            Vector128.Load(from).Store(to);
            end.Store(to + count - Vector128<T>.Count);
        }
        else for (int i = 0; i < count; i++) to[i] = from[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTo<S, V, T>(T* from, T* to, int count) where S : ISimdOps<V, T> where V : unmanaged where T : unmanaged, INumber<T>
    {
        int i = 0;
        for (; i <= count - S.Count; i += S.Count) S.Store(S.Add(S.Load(to + i), S.Load(from + i)), to + i);
        for (; i < count; i++) to[i] += from[i];
    }
}
