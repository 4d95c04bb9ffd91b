using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void ChannelNorm(in Operand x, in ChannelNormOptions options, bool areOwn, in Operand y)
    {
        // The result is back in its place before the epilogue is finished.
        using (StagedOperand input = StagedOperand.ChannelsLast(this, x), result = StagedOperand.ChannelsLastResult(this, y))
        {
            if (input.Operand.DType == DType.Float64) ChannelNorm<double>(input.Operand, options, areOwn, result.Operand);
            else ChannelNorm<float>(input.Operand, options, areOwn, result.Operand);
        }
        Finish(y, options.Epilogue);
    }

    public override void ChannelNormGrad(in Operand g, in Operand x, in ChannelNormOptions options, bool areOwn,
        in Operand? input, in Operand? weight, in Operand? bias)
    {
        if (options.Epilogue.Residual is not null)
        {
            base.ChannelNormGrad(g, x, options, areOwn, input, weight, bias);
            return;
        }
        using StagedOperand gradient = StagedOperand.ChannelsLast(this, g), from = StagedOperand.ChannelsLast(this, x);
        using StagedOperand result = input is { } target ? StagedOperand.ChannelsLastResult(this, target) : default;
        Operand? to = input is null ? null : result.Operand;
        if (from.Operand.DType == DType.Float64) ChannelNormGrad<double>(gradient.Operand, from.Operand, options, areOwn, to, weight, bias);
        else ChannelNormGrad<float>(gradient.Operand, from.Operand, options, areOwn, to, weight, bias);
    }

    private static unsafe void ChannelNorm<T>(in Operand x, in ChannelNormOptions options, bool areOwn, in Operand y) where T : unmanaged, INumber<T>
    {
        var shape = new NormShape(x, options.Mean);
        using var memory = new NormTableMemory<T>(shape, options, areKnown: !areOwn);
        NormTable<T> table = memory.Table;
        using Pinned<T> pinX = x.Pin<T>(), pinY = y.Pin<T>(), pinMean = options.Mean.Pin<T>(), pinVariance = options.Variance.Pin<T>();
        fixed (T* px = pinX, py = pinY, pm = pinMean, pv = pinVariance)
        {
            var kernel = new ChannelNormRows<T> { Table = table, X = px, Y = py, Relu = options.Epilogue.FirstActivation == ActivationKind.Relu };
            RowStage<ChannelNormRows<T>, T> rows = Rows<ChannelNormRows<T>, T>(shape, kernel, py, y.Layout.Count);
            if (!areOwn)
            {
                NormStages.Run<RowStage<ChannelNormRows<T>, T>, T>(shape, rows);
                return;
            }
            var slices = new NormSlices(shape, ChannelMoments<T>.RowsPerSlice(shape.Width));
            using var partial = new Scratch<double>(slices.Count * 2 * shape.Width);
            var moments = new ChannelMoments<T> { X = px, Width = shape.Width, Slices = slices, Partial = partial.Pointer };
            var groups = new GroupMoments<T> { Moments = moments, Table = table, Means = pm, Variances = pv };
            NormStages.Run<ChannelMoments<T>, GroupMoments<T>, RowStage<ChannelNormRows<T>, T>, T>(shape, moments, groups, rows);
        }
    }

    private static unsafe void ChannelNormGrad<T>(in Operand g, in Operand x, in ChannelNormOptions options, bool areOwn, in Operand? input, in Operand? weight,
        in Operand? bias) where T : unmanaged, INumber<T>
    {
        var shape = new NormShape(x, options.Mean);
        long columns = shape.Sets * shape.Width;
        using var memory = new NormTableMemory<T>(shape, options, areKnown: true);
        NormTable<T> table = memory.Table;
        using var scratch = new Scratch<T>(2 * columns);
        T* shifts = scratch.Pointer, slopes = shifts + columns;
        using Pinned<T> pinG = g.Pin<T>(), pinX = x.Pin<T>(), pinResult = input.Pin<T>();
        fixed (T* pg = pinG, px = pinX, pr = pinResult)
        {
            var slices = new NormSlices(shape, ChannelGradSums<T>.RowsPerSlice(shape.Width));
            using var partial = new Scratch<double>(slices.Count * 2 * shape.Width);
            bool relu = options.Epilogue.FirstActivation == ActivationKind.Relu;
            var sums = new ChannelGradSums<T> { Table = table, G = pg, X = px, Relu = relu, Slices = slices, Partial = partial.Pointer };
            var terms = new ChannelGradTerms<T> { Sums = sums, Table = table, Shifts = shifts, Slopes = slopes, AreOwn = areOwn };
            var kernel = new ChannelGradRows<T> { Table = table, G = pg, X = px, Result = pr, Shifts = shifts, Slopes = slopes, Relu = relu };
            RowStage<ChannelGradRows<T>, T> rows = Rows<ChannelGradRows<T>, T>(shape, kernel, pr, x.Layout.Count);
            bool needsSums = areOwn || weight is not null || bias is not null;
            if (needsSums && input is not null)
                NormStages.Run<ChannelGradSums<T>, ChannelGradTerms<T>, RowStage<ChannelGradRows<T>, T>, T>(shape, sums, terms, rows);
            else if (needsSums) NormStages.Run<ChannelGradSums<T>, ChannelGradTerms<T>, T>(shape, sums, terms);
            else
            {
                new Span<T>(shifts, Check.Count(2 * columns)).Clear();
                if (input is not null) NormStages.Run<RowStage<ChannelGradRows<T>, T>, T>(shape, rows);
            }
            if (needsSums) AddUpSets(sums, shape, weight, bias);
        }
    }

    private static unsafe RowStage<TRows, T> Rows<TRows, T>(in NormShape shape, TRows rows, T* result, long count)
        where TRows : struct, INormRows<T> where T : unmanaged, INumber<T> =>
        new(rows, new(shape, Math.Max(1, Workers.Grain / shape.Width)), Streaming.Pays(result, count, shape.Width));

    /// <summary>The gradients of weight and bias: the sums of all sets added up in order, and those of all columns of a channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AddUpSets<T>(in ChannelGradSums<T> sums, in NormShape shape, in Operand? weight, in Operand? bias)
        where T : unmanaged, INumber<T>
    {
        if (weight is null && bias is null) return;
        int width = shape.Width, channels = shape.Channels;
        nint step = (nint)sums.Slices.SlicesPerSet * 2 * width;
        double* all = sums.Partial, more = all;
        for (long set = 1; set < shape.Sets; set++)
        {
            more += step;
            Simd.AddTo(all, more, 2 * (nint)width);
        }
        for (int i = channels; i < width; i++)
        {
            all[i % channels] += all[i];
            all[width + i % channels] += all[width + i];
        }
        if (weight is { } w) Convert.Store(all + width, w);
        if (bias is { } b) Convert.Store(all, b);
    }
}
