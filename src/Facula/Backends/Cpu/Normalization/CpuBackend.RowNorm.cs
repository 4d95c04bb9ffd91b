using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void RowNorm(in Operand x, in Operand? weight, in Operand? bias, double eps, bool centred,
        in Operand y, in Operand? means, in Operand? scales)
    {
        using StagedOperand input = StagedOperand.Contiguous(this, x), result = StagedOperand.ContiguousResult(this, y);
        if (input.Operand.DType == DType.Float64) RowNorm<double>(input.Operand, weight, bias, eps, centred, result.Operand, means, scales);
        else RowNorm<float>(input.Operand, weight, bias, eps, centred, result.Operand, means, scales);
    }

    public override void RowNormGrad(in Operand g, in Operand x, in Operand? weight, in Operand? means, in Operand scales,
        in Operand? input, in Operand? weightGrad, in Operand? bias)
    {
        using StagedOperand gradient = StagedOperand.Contiguous(this, g), from = StagedOperand.Contiguous(this, x);
        using StagedOperand result = input is { } target ? StagedOperand.ContiguousResult(this, target) : default;
        Operand? to = input is null ? null : result.Operand;
        if (from.Operand.DType == DType.Float64) RowNormGrad<double>(gradient.Operand, from.Operand, weight, means, scales, to, weightGrad, bias);
        else RowNormGrad<float>(gradient.Operand, from.Operand, weight, means, scales, to, weightGrad, bias);
    }

    private static unsafe void RowNorm<T>(in Operand x, in Operand? weight, in Operand? bias, double eps, bool centred,
        in Operand y, in Operand? means, in Operand? scales)
        where T : unmanaged, INumber<T>
    {
        int size = x.Layout.Shape[1];
        using Pinned<T> pinX = x.Pin<T>(), pinY = y.Pin<T>(), pinMeans = means.Pin<T>(), pinScales = scales.Pin<T>();
        fixed (T* px = pinX, py = pinY, pm = pinMeans, ps = pinScales)
        fixed (T* weights = weight is { } w ? Convert.ToArray<T>(w) : null, biases = bias is { } b ? Convert.ToArray<T>(b) : null)
        {
            var job = new RowNormRows<T>
            {
                X = px,
                Y = py,
                Weight = weights,
                Bias = biases,
                Means = pm,
                Scales = ps,
                Size = size,
                Eps = eps,
                Centred = centred,
                Cut = new(x.Layout.Shape[0], size),
            };
            job.Streams = Streaming.Pays(job.Y, y.Layout.Count, size);
            Workers.For(job.Cut.Parts, new SimdJob<RowNormRows<T>, T>(job));
        }
    }

    private static unsafe void RowNormGrad<T>(in Operand g, in Operand x, in Operand? weight, in Operand? means, in Operand scales,
        in Operand? input, in Operand? weightGrad, in Operand? bias) where T : unmanaged, INumber<T>
    {
        int size = x.Layout.Shape[1];
        bool wantsShares = weightGrad is not null || bias is not null;
        using Pinned<T> pinG = g.Pin<T>(), pinX = x.Pin<T>(), pinMeans = means.Pin<T>(), pinScales = scales.Pin<T>(), pinResult = input.Pin<T>();
        fixed (T* pg = pinG, px = pinX, pm = pinMeans, ps = pinScales, pr = pinResult)
        fixed (T* weights = weight is { } w ? Convert.ToArray<T>(w) : null)
        {
            var job = new RowNormGradRows<T>
            {
                G = pg,
                X = px,
                Weight = weights,
                Means = pm,
                Scales = ps,
                Result = pr,
                Size = size,
                Rows = x.Layout.Shape[0],
            };
            job.Streams = job.Result is not null && Streaming.Pays(job.Result, x.Layout.Count, size);
            using var partial = new Scratch<T>(wantsShares ? (long)job.Parts * 2 * size : 0);
            if (wantsShares) job.Partial = partial.Pointer;
            Workers.For(job.Parts, new SimdJob<RowNormGradRows<T>, T>(job));
            if (wantsShares) AddUp(partial.Pointer, job.Parts, size, weightGrad, bias);
        }
    }

    /// <summary>Adds up in double, in order, what the parts have: so many numbers for the weight, then as many for the bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AddUp<T>(T* partial, int parts, int size, in Operand? weight, in Operand? bias) where T : unmanaged, INumber<T>
    {
        nint count = 2 * (nint)size;
        using var scratch = new Scratch<double>(count);
        double* sums = scratch.Pointer;
        new Span<double>(sums, Check.Count(count)).Clear();
        for (int part = 0; part < parts; part++, partial += count) Simd.AddTo(sums, partial, count);
        if (weight is { } w) Convert.Store(sums, w);
        if (bias is { } b) Convert.Store(sums + size, b);
    }
}
