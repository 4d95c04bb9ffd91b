using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void ChannelNorm(in Operand x, in ChannelNormOptions options, bool areOwn, in Operand y)
    {
        // The result is back in its place before the epilogue is finished.
        using (Working input = Working.ChannelsLast(this, x), result = Working.ChannelsLastResult(this, y))
        {
            if (input.Operand.DType == DType.Float64) ChannelNorm<double>(input.Operand, options, areOwn, result.Operand);
            else ChannelNorm<float>(input.Operand, options, areOwn, result.Operand);
        }
        Finish(y, options.Epilogue);
    }

    public override void ChannelNormGrad(in Operand g, in Operand x, in ChannelNormOptions options, bool areOwn, in Operand? input, in Operand? weight, in Operand? bias)
    {
        if (options.Epilogue.Residual is not null)
        {
            base.ChannelNormGrad(g, x, options, areOwn, input, weight, bias);
            return;
        }
        using Working gradient = Working.ChannelsLast(this, g), from = Working.ChannelsLast(this, x);
        using Working result = input is { } target ? Working.ChannelsLastResult(this, target) : default;
        Operand? to = input is null ? null : result.Operand;
        if (from.Operand.DType == DType.Float64) ChannelNormGrad<double>(gradient.Operand, from.Operand, options, areOwn, to, weight, bias);
        else ChannelNormGrad<float>(gradient.Operand, from.Operand, options, areOwn, to, weight, bias);
    }

    private static unsafe void ChannelNorm<T>(in Operand x, in ChannelNormOptions options, bool areOwn, in Operand y) where T : unmanaged, INumber<T>
    {
        var panes = new Panes(x, options.Mean);
        int width = panes.Width;
        using var tables = new PaneTables<T>(panes, options, areKnown: !areOwn);
        PaneTable<T> table = tables.Table;
        using Hold heldX = x.Hold(), heldY = y.Hold();
        fixed (byte* px = heldX, py = heldY)
        {
            var rows = new ChannelNormRows<T>
            {
                X = (T*)px + x.Layout.Offset,
                Y = (T*)py + y.Layout.Offset,
                Means = table.Means,
                Scales = table.Scales,
                Biases = table.Biases,
                Width = width,
                Rectify = options.Epilogue.FirstActivation == ActivationKind.Relu,
                Cut = new(panes, Math.Max(1, MapLoop.Grain / width)),
            };
            rows.Streams = RowsStream(rows.Y, y.Layout.Count, width);
            if (areOwn) ByMoments(rows, table, options);
            else Workers.For(rows.Cut.Parts, new ChannelRows<ChannelNormRows<T>, T>(rows, width));
        }
    }

    private static unsafe void ByMoments<T>(in ChannelNormRows<T> rows, in PaneTable<T> table, in ChannelNormOptions options) where T : unmanaged, INumber<T>
    {
        Panes panes = table.Panes;
        var cut = new PaneCut(panes, ChannelMoments<T>.RowsPerSlice(panes.Width));
        using var partial = new Scratch<double>(cut.Slices * 2 * panes.Width);
        using Hold heldM = options.Mean.Hold(), heldV = options.Variance.Hold();
        fixed (byte* pm = heldM, pv = heldV)
        {
            var places = new ChannelMoments<T> { X = rows.X, Width = panes.Width, Cut = cut, Partial = partial.Pointer };
            var groups = new GroupMoments<T> { Places = places, Table = table, Means = (T*)pm, Variances = (T*)pv };
            var parts = new PaneParts(panes);
            if (parts.Count >= 2 * Threads.Count) Workers.For(parts.Count, new ChannelRows<PaneNorm<T>, T>(new(places, groups, rows, parts), panes.Width));
            else
            {
                Workers.For(cut.Parts, new ChannelRows<ChannelMoments<T>, T>(places, panes.Width));
                Workers.For((int)panes.Count, groups);
                Workers.For(rows.Cut.Parts, new ChannelRows<ChannelNormRows<T>, T>(rows, panes.Width));
            }
        }
    }

    private static unsafe void ChannelNormGrad<T>(in Operand g, in Operand x, in ChannelNormOptions options, bool areOwn, in Operand? input, in Operand? weight, in Operand? bias)
        where T : unmanaged, INumber<T>
    {
        var panes = new Panes(x, options.Mean);
        int width = panes.Width;
        long places = panes.Count * width;
        Operand result = input ?? x;
        using var tables = new PaneTables<T>(panes, options, areKnown: true);
        PaneTable<T> table = tables.Table;
        using var terms = new Scratch<T>(2 * places);
        using Hold heldG = g.Hold(), heldX = x.Hold(), heldR = result.Hold();
        fixed (byte* pg = heldG, px = heldX, pr = heldR)
        {
            var sums = new ChannelGradSums<T>
            {
                G = (T*)pg + g.Layout.Offset,
                X = (T*)px + x.Layout.Offset,
                Means = table.Means,
                Scales = table.Scales,
                Biases = table.Biases,
                Width = width,
                Rectify = options.Epilogue.FirstActivation == ActivationKind.Relu,
                Cut = new(panes, ChannelGradSums<T>.RowsPerSlice(width)),
            };
            using var partial = new Scratch<double>(sums.Cut.Slices * 2 * width);
            sums.Partial = partial.Pointer;
            var combination = new ChannelGradTerms<T>
            {
                Sums = sums,
                Panes = panes,
                Inverses = table.Inverses,
                Weights = table.Weights,
                Shifts = terms.Pointer,
                Slopes = terms.Pointer + places,
                AreOwn = areOwn,
            };
            var rows = new ChannelGradRows<T>
            {
                G = sums.G,
                X = sums.X,
                Result = (T*)pr + result.Layout.Offset,
                Means = table.Means,
                Scales = table.Scales,
                Biases = table.Biases,
                Shifts = combination.Shifts,
                Slopes = combination.Slopes,
                Width = width,
                Rectify = options.Epilogue.FirstActivation == ActivationKind.Relu,
                Cut = new(panes, Math.Max(1, MapLoop.Grain / width)),
            };
            rows.Streams = RowsStream(rows.Result, result.Layout.Count, width);
            bool needsSums = areOwn || weight is not null || bias is not null;
            var parts = new PaneParts(panes);
            if (needsSums && input is not null && parts.Count >= 2 * Threads.Count)
                Workers.For(parts.Count, new ChannelRows<PaneGrad<T>, T>(new(sums, combination, rows, parts), width));
            else
            {
                if (needsSums)
                {
                    Workers.For(sums.Cut.Parts, new ChannelRows<ChannelGradSums<T>, T>(sums, width));
                    Workers.For((int)panes.Count, combination);
                }
                else new Span<T>(terms.Pointer, Check.Count(2 * places)).Clear();
                if (input is not null) Workers.For(rows.Cut.Parts, new ChannelRows<ChannelGradRows<T>, T>(rows, width));
            }
            if (needsSums) AddUpPanes(sums, panes, weight, bias);
        }
    }

    /// <summary>The gradients of weight and bias: the sums of all panes added up in order, and those of all places of a channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AddUpPanes<T>(in ChannelGradSums<T> sums, in Panes panes, in Operand? weight, in Operand? bias) where T : unmanaged, INumber<T>
    {
        if (weight is null && bias is null) return;
        int width = panes.Width, channels = panes.Channels;
        nint step = (nint)sums.Cut.SlicesPerPane * 2 * width;
        double* all = sums.Partial, more = all;
        for (long pane = 1; pane < panes.Count; pane++)
        {
            more += step;
            AddTo(all, more, 2 * (nint)width);
        }
        for (int i = channels; i < width; i++)
        {
            all[i % channels] += all[i];
            all[width + i % channels] += all[width + i];
        }
        if (weight is { } w) SetAll(w, all + width, channels);
        if (bias is { } b) SetAll(b, all, channels);
    }

    /// <summary>Whether rows of channels are written past the caches: each must begin at a whole vector.</summary>
    private static unsafe bool RowsStream<T>(T* y, long count, int channels) where T : unmanaged =>
        MapLoop.Streams(y, count) && channels * sizeof(T) % Vector512<byte>.Count == 0;

    private static unsafe T[] Spelled<T>(in Operand vector) where T : unmanaged, INumber<T>
    {
        var row = new T[vector.Layout.Count];
        using Hold heldData = vector.Hold();
        fixed (byte* data = heldData)
        fixed (T* to = row)
            Convert.Load(vector.DType, data + vector.Layout.Offset * vector.DType.Size, (nint)vector.Layout.Strides[0], to, row.Length);
        return row;
    }
}
