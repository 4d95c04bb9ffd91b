using System.Numerics;
using System.Runtime.Intrinsics;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void ChannelMoments(in Operand x, in Operand mean, in Operand variance)
    {
        using Working input = Working.ChannelsLast(this, x);
        if (input.Operand.DType == DType.Float64) ChannelMoments<double>(input.Operand, mean, variance);
        else ChannelMoments<float>(input.Operand, mean, variance);
    }

    public override void ChannelNorm(in Operand x, in ChannelNormOptions options, in Operand y)
    {
        using Working input = Working.ChannelsLast(this, x), result = Working.ChannelsLastResult(this, y);
        if (input.Operand.DType == DType.Float64) ChannelNorm<double>(input.Operand, options, result.Operand);
        else ChannelNorm<float>(input.Operand, options, result.Operand);
    }

    public override void ChannelNormGrad(in Operand g, in Operand x, in ChannelNormOptions options, bool ofBatch, in Operand? input, in Operand? weight, in Operand? bias)
    {
        using Working gradient = Working.ChannelsLast(this, g), from = Working.ChannelsLast(this, x);
        using Working result = input is { } target ? Working.ChannelsLastResult(this, target) : default;
        Operand? to = input is null ? null : result.Operand;
        if (from.Operand.DType == DType.Float64) ChannelNormGrad<double>(gradient.Operand, from.Operand, options, ofBatch, to, weight, bias);
        else ChannelNormGrad<float>(gradient.Operand, from.Operand, options, ofBatch, to, weight, bias);
    }

    private static unsafe void ChannelMoments<T>(in Operand x, in Operand mean, in Operand variance) where T : unmanaged, INumber<T>
    {
        int channels = x.Layout.Shape[1];
        fixed (byte* px = &x.Storage.Reference, pm = &mean.Storage.Reference, pv = &variance.Storage.Reference)
        {
            var job = new ChannelMoments<T> { X = (T*)px + x.Layout.Offset, Channels = channels, Rows = x.Layout.Count / channels };
            fixed (double* partial = new double[(long)job.Parts * 2 * channels])
            {
                job.Partial = partial;
                Workers.For(job.Parts, new ChannelRows<ChannelMoments<T>, T>(job, channels));
                job.Combine();
                for (int c = 0; c < channels; c++)
                {
                    ((T*)pm)[c] = T.CreateTruncating(partial[c]);
                    ((T*)pv)[c] = T.CreateTruncating(partial[channels + c] / job.Rows);
                }
            }
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(mean.Storage);
        GC.KeepAlive(variance.Storage);
    }

    private static unsafe void ChannelNorm<T>(in Operand x, in ChannelNormOptions options, in Operand y) where T : unmanaged, INumber<T>
    {
        int channels = x.Layout.Shape[1];
        long rows = x.Layout.Count / channels;
        fixed (byte* px = &x.Storage.Reference, py = &y.Storage.Reference)
        fixed (T* means = Spelled<T>(options.Mean), scales = ScalesOf<T>(options, out _), biases = Spelled<T>(options.Bias, channels, 0))
        {
            var job = new ChannelNormRows<T>
            {
                X = (T*)px + x.Layout.Offset,
                Y = (T*)py + y.Layout.Offset,
                Means = means,
                Scales = scales,
                Biases = biases,
                Channels = channels,
                Rectify = options.Rectify,
                Cut = new(rows, channels),
            };
            job.Streams = RowsStream(job.Y, y.Layout.Count, channels);
            Workers.For(job.Cut.Parts, new ChannelRows<ChannelNormRows<T>, T>(job, channels));
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(y.Storage);
    }

    private static unsafe void ChannelNormGrad<T>(in Operand g, in Operand x, in ChannelNormOptions options, bool ofBatch, in Operand? input, in Operand? weight, in Operand? bias)
        where T : unmanaged, INumber<T>
    {
        int channels = x.Layout.Shape[1];
        long rows = x.Layout.Count / channels;
        Operand result = input ?? x;
        T[] shifts = new T[channels], slopes = new T[channels];
        fixed (byte* pg = &g.Storage.Reference, px = &x.Storage.Reference, pr = &result.Storage.Reference)
        fixed (T* means = Spelled<T>(options.Mean), scales = ScalesOf<T>(options, out double[] inverse), biases = Spelled<T>(options.Bias, channels, 0))
        fixed (T* shift = shifts, slope = slopes)
        {
            if (ofBatch || weight is not null || bias is not null)
            {
                var sums = new ChannelGradSums<T>
                {
                    G = (T*)pg + g.Layout.Offset,
                    X = (T*)px + x.Layout.Offset,
                    Means = means,
                    Scales = scales,
                    Biases = biases,
                    Channels = channels,
                    Rows = rows,
                    Rectify = options.Rectify,
                };
                fixed (double* partial = new double[(long)sums.Parts * 2 * channels])
                {
                    sums.Partial = partial;
                    Workers.For(sums.Parts, new ChannelRows<ChannelGradSums<T>, T>(sums, channels));
                    sums.Combine();
                    for (int c = 0; c < channels; c++)
                    {
                        double products = partial[channels + c] * inverse[c];
                        if (weight is { } w) SetAt(w, c, products);
                        if (bias is { } b) SetAt(b, c, partial[c]);
                        if (!ofBatch) continue;
                        shifts[c] = T.CreateTruncating(partial[c] / rows);
                        slopes[c] = T.CreateTruncating(products * inverse[c] / rows);
                    }
                }
            }
            if (input is not null)
            {
                var job = new ChannelGradRows<T>
                {
                    G = (T*)pg + g.Layout.Offset,
                    X = (T*)px + x.Layout.Offset,
                    Result = (T*)pr + result.Layout.Offset,
                    Means = means,
                    Scales = scales,
                    Biases = biases,
                    Shifts = shift,
                    Slopes = slope,
                    Channels = channels,
                    Rectify = options.Rectify,
                    Cut = new(rows, channels),
                };
                job.Streams = RowsStream(job.Result, result.Layout.Count, channels);
                Workers.For(job.Cut.Parts, new ChannelRows<ChannelGradRows<T>, T>(job, channels));
            }
        }
        GC.KeepAlive(g.Storage);
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(result.Storage);
    }

    /// <summary>Whether rows of channels are written past the caches: each must begin at a whole vector.</summary>
    private static unsafe bool RowsStream<T>(T* y, long count, int channels) where T : unmanaged =>
        MapLoop.Streams(y, count) && channels * sizeof(T) % Vector512<byte>.Count == 0;

    /// <summary>What each channel is multiplied by, weight / sqrt(variance + eps), and that without the weight.</summary>
    private static T[] ScalesOf<T>(in ChannelNormOptions options, out double[] inverse) where T : unmanaged, INumber<T>
    {
        T[] scales = Spelled<T>(options.Weight, (int)options.Mean.Layout.Count, 1), variances = Spelled<T>(options.Variance);
        inverse = new double[scales.Length];
        for (int c = 0; c < scales.Length; c++)
        {
            inverse[c] = 1 / Math.Sqrt(double.CreateTruncating(variances[c]) + options.Eps);
            scales[c] = T.CreateTruncating(double.CreateTruncating(scales[c]) * inverse[c]);
        }
        return scales;
    }

    /// <summary>The elements of a vector of any type and stride, in the type that is computed in; where there is none, one value again and again.</summary>
    private static T[] Spelled<T>(in Operand? x, int count, double value) where T : unmanaged, INumber<T>
    {
        if (x is { } vector) return Spelled<T>(vector);
        var row = new T[count];
        Array.Fill(row, T.CreateTruncating(value));
        return row;
    }

    private static unsafe T[] Spelled<T>(in Operand vector) where T : unmanaged, INumber<T>
    {
        var row = new T[vector.Layout.Count];
        fixed (byte* data = &vector.Storage.Reference)
        fixed (T* to = row)
            Convert.Load(vector.DType, data + vector.Layout.Offset * vector.DType.Size, (nint)vector.Layout.Strides[0], to, row.Length);
        GC.KeepAlive(vector.Storage);
        return row;
    }

    private static unsafe void SetAt(in Operand vector, long i, double value)
    {
        fixed (byte* data = &vector.Storage.Reference)
            Convert.Store(&value, vector.DType, data + (vector.Layout.Offset + i * vector.Layout.Strides[0]) * vector.DType.Size, 0, 1);
        GC.KeepAlive(vector.Storage);
    }
}
