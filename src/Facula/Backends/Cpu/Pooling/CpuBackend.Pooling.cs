using System.Numerics;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void MaxPool(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, bool rectify)
    {
        using Working input = Working.ChannelsLast(this, x), result = Working.ChannelsLastResult(this, y);
        bool isSmall = plan.TapType == DType.UInt8;
        if (input.Operand.DType == DType.Float64 && isSmall) MaxPool<double, byte>(input.Operand, result.Operand, taps, plan, rectify);
        else if (input.Operand.DType == DType.Float64) MaxPool<double, int>(input.Operand, result.Operand, taps, plan, rectify);
        else if (isSmall) MaxPool<float, byte>(input.Operand, result.Operand, taps, plan, rectify);
        else MaxPool<float, int>(input.Operand, result.Operand, taps, plan, rectify);
    }

    public override void MaxPoolGrad(in Operand g, in Operand taps, in Operand x, PoolPlan plan)
    {
        using Working gradient = Working.ChannelsLast(this, g), result = Working.ChannelsLastResult(this, x);
        bool isSmall = plan.TapType == DType.UInt8;
        if (gradient.Operand.DType == DType.Float64 && isSmall) MaxPoolGrad<double, byte>(gradient.Operand, taps, result.Operand, plan);
        else if (gradient.Operand.DType == DType.Float64) MaxPoolGrad<double, int>(gradient.Operand, taps, result.Operand, plan);
        else if (isSmall) MaxPoolGrad<float, byte>(gradient.Operand, taps, result.Operand, plan);
        else MaxPoolGrad<float, int>(gradient.Operand, taps, result.Operand, plan);
    }

    public override void AveragePool(in Operand x, in Operand y, PoolPlan plan)
    {
        using Working input = Working.ChannelsLast(this, x), result = Working.ChannelsLastResult(this, y);
        if (input.Operand.DType == DType.Float64) AveragePool<double>(input.Operand, result.Operand, plan);
        else AveragePool<float>(input.Operand, result.Operand, plan);
    }

    public override void AveragePoolGrad(in Operand g, in Operand x, PoolPlan plan)
    {
        using Working gradient = Working.ChannelsLast(this, g), result = Working.ChannelsLastResult(this, x);
        if (gradient.Operand.DType == DType.Float64) AveragePoolGrad<double>(gradient.Operand, result.Operand, plan);
        else AveragePoolGrad<float>(gradient.Operand, result.Operand, plan);
    }

    private static unsafe void AveragePool<T>(in Operand x, in Operand y, PoolPlan plan) where T : unmanaged, INumber<T>
    {
        int channels = x.Layout.Shape[1];
        using Pinned<T> pinX = x.Pin<T>(), pinY = y.Pin<T>();
        fixed (T* px = pinX, py = pinY)
        {
            var job = new AveragePoolLines<T>
            {
                Plan = plan,
                Cut = new((long)x.Layout.Shape[0] * plan.Depth.Output * plan.Height.Output, (long)plan.Width.Output * plan.Taps * channels),
                Channels = channels,
                X = px,
                Y = py,
            };
            Workers.For(job.Cut.Parts, new ChannelRows<AveragePoolLines<T>, T>(job, channels));
        }
    }

    private static unsafe void AveragePoolGrad<T>(in Operand g, in Operand x, PoolPlan plan) where T : unmanaged, INumber<T>
    {
        int channels = x.Layout.Shape[1];
        using Pinned<T> pinG = g.Pin<T>(), pinX = x.Pin<T>();
        fixed (T* pg = pinG, px = pinX)
        {
            var job = new AveragePoolGradLines<T>
            {
                Plan = plan,
                Cut = new((long)x.Layout.Shape[0] * plan.Depth.Input * plan.Height.Input, (long)plan.Width.Input * channels),
                Channels = channels,
                G = pg,
                X = px,
            };
            Workers.For(job.Cut.Parts, new ChannelRows<AveragePoolGradLines<T>, T>(job, channels));
        }
    }

    private static unsafe void MaxPool<T, TTap>(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, bool rectify)
        where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
    {
        int channels = x.Layout.Shape[1];
        using Pinned<T> pinX = x.Pin<T>(), pinY = y.Pin<T>();
        using Pinned<TTap> pinTaps = taps.Pin<TTap>();
        fixed (T* px = pinX, py = pinY)
        fixed (TTap* pt = pinTaps)
        fixed (T* numbers = Numbers<T>(plan))
        {
            var job = new MaxPoolLines<T, TTap>
            {
                Plan = plan,
                Cut = new((long)x.Layout.Shape[0] * plan.Depth.Output * plan.Height.Output, (long)plan.Width.Output * plan.Taps * channels),
                Channels = channels,
                Rectify = rectify,
                X = px,
                Y = py,
                Taps = pt,
                Numbers = numbers,
            };
            Workers.For(job.Cut.Parts, new ChannelRows<MaxPoolLines<T, TTap>, T>(job, channels));
        }
    }

    private static unsafe void MaxPoolGrad<T, TTap>(in Operand g, in Operand taps, in Operand x, PoolPlan plan)
        where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
    {
        int channels = x.Layout.Shape[1];
        using Pinned<T> pinG = g.Pin<T>(), pinX = x.Pin<T>();
        using Pinned<TTap> pinTaps = taps.Pin<TTap>();
        fixed (T* pg = pinG, px = pinX)
        fixed (TTap* pt = pinTaps)
        fixed (T* numbers = Numbers<T>(plan))
        {
            var job = new MaxPoolGradLines<T, TTap>
            {
                Plan = plan,
                Cut = new((long)x.Layout.Shape[0] * plan.Depth.Input * plan.Height.Input, (long)plan.Width.Input * channels),
                Channels = channels,
                G = pg,
                Taps = pt,
                X = px,
                Numbers = numbers,
                IsDisjoint = plan.Width.Cover.Most <= 1,
                Streams = RowsStream(px, x.Layout.Count, channels),
            };
            Workers.For(job.Cut.Parts, new ChannelRows<MaxPoolGradLines<T, TTap>, T>(job, channels));
        }
    }

    /// <summary>The numbers of a kernel's elements, and behind them that which stands for none.</summary>
    private static T[] Numbers<T>(PoolPlan plan) where T : unmanaged, INumber<T>
    {
        var numbers = new T[plan.Taps + 1];
        for (int i = 0; i < plan.Taps; i++) numbers[i] = T.CreateTruncating(i);
        numbers[^1] = T.CreateTruncating(plan.Nowhere);
        return numbers;
    }
}
