using System.Numerics;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void RowNorm(in Operand x, in Operand? weight, in Operand? bias, double eps, bool centred, in Operand y, in Operand? means, in Operand? scales)
    {
        using Working input = Working.Plain(this, x), result = Working.PlainResult(this, y);
        if (input.Operand.DType == DType.Float64) RowNorm<double>(input.Operand, weight, bias, eps, centred, result.Operand, means, scales);
        else RowNorm<float>(input.Operand, weight, bias, eps, centred, result.Operand, means, scales);
    }

    public override void RowNormGrad(in Operand g, in Operand x, in Operand? weight, in Operand? means, in Operand scales, in Operand? input, in Operand? weightGrad, in Operand? bias)
    {
        using Working gradient = Working.Plain(this, g), from = Working.Plain(this, x);
        using Working result = input is { } target ? Working.PlainResult(this, target) : default;
        Operand? to = input is null ? null : result.Operand;
        if (from.Operand.DType == DType.Float64) RowNormGrad<double>(gradient.Operand, from.Operand, weight, means, scales, to, weightGrad, bias);
        else RowNormGrad<float>(gradient.Operand, from.Operand, weight, means, scales, to, weightGrad, bias);
    }

    private static unsafe void RowNorm<T>(in Operand x, in Operand? weight, in Operand? bias, double eps, bool centred, in Operand y, in Operand? means, in Operand? scales)
        where T : unmanaged, INumber<T>
    {
        int size = x.Layout.Shape[1];
        Storage ofMeans = (means ?? y).Storage, ofScales = (scales ?? y).Storage;
        fixed (byte* px = &x.Storage.Reference, py = &y.Storage.Reference, pm = &ofMeans.Reference, ps = &ofScales.Reference)
        fixed (T* weights = weight is { } w ? Spelled<T>(w) : null, biases = bias is { } b ? Spelled<T>(b) : null)
        {
            var job = new RowNormRows<T>
            {
                X = (T*)px + x.Layout.Offset,
                Y = (T*)py + y.Layout.Offset,
                Weight = weights,
                Bias = biases,
                Means = means is null ? null : (T*)pm,
                Scales = scales is null ? null : (T*)ps,
                Size = size,
                Eps = eps,
                Centred = centred,
                Cut = new(x.Layout.Shape[0], size),
            };
            Workers.For(job.Cut.Parts, new Wide<RowNormRows<T>, T>(job));
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(y.Storage);
        GC.KeepAlive(ofMeans);
        GC.KeepAlive(ofScales);
    }

    private static unsafe void RowNormGrad<T>(in Operand g, in Operand x, in Operand? weight, in Operand? means, in Operand scales, in Operand? input, in Operand? weightGrad,
        in Operand? bias) where T : unmanaged, INumber<T>
    {
        int size = x.Layout.Shape[1];
        Storage ofMeans = (means ?? scales).Storage, ofResult = (input ?? x).Storage;
        bool shares = weightGrad is not null || bias is not null;
        fixed (byte* pg = &g.Storage.Reference, px = &x.Storage.Reference, pm = &ofMeans.Reference, ps = &scales.Storage.Reference, pr = &ofResult.Reference)
        fixed (T* weights = weight is { } w ? Spelled<T>(w) : null)
        {
            var job = new RowNormGradRows<T>
            {
                G = (T*)pg + g.Layout.Offset,
                X = (T*)px + x.Layout.Offset,
                Weight = weights,
                Means = means is null ? null : (T*)pm,
                Scales = (T*)ps,
                Result = input is { } to ? (T*)pr + to.Layout.Offset : null,
                Size = size,
                Rows = x.Layout.Shape[0],
            };
            fixed (T* partial = shares ? new T[(long)job.Parts * 2 * size] : null)
            {
                job.Partial = partial;
                Workers.For(job.Parts, new Wide<RowNormGradRows<T>, T>(job));
                for (int i = 0; i < size && shares; i++)
                {
                    double ofWeight = 0, ofBias = 0;
                    for (int part = 0; part < job.Parts; part++)
                    {
                        ofWeight += double.CreateTruncating(partial[(nint)part * 2 * size + i]);
                        ofBias += double.CreateTruncating(partial[((nint)part * 2 + 1) * size + i]);
                    }
                    if (weightGrad is { } target) SetAt(target, i, ofWeight);
                    if (bias is { } other) SetAt(other, i, ofBias);
                }
            }
        }
        GC.KeepAlive(g.Storage);
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(scales.Storage);
        GC.KeepAlive(ofMeans);
        GC.KeepAlive(ofResult);
    }
}
