using System.Numerics;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void MaxPool(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, ActivationKind activation)
    {
        bool rectify = activation == ActivationKind.Relu;
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
        using Hold heldX = x.Hold(), heldY = y.Hold();
        fixed (byte* px = heldX, py = heldY)
        {
            var job = new AveragePoolLines<T>
            {
                Plan = plan,
                Cut = new((long)x.Layout.Shape[0] * plan.Depth.Output * plan.Height.Output, (long)plan.Width.Output * plan.Taps * channels),
                Channels = channels,
                X = (T*)px + x.Layout.Offset,
                Y = (T*)py + y.Layout.Offset,
            };
            Workers.For(job.Cut.Parts, new ChannelRows<AveragePoolLines<T>, T>(job, channels));
        }
    }

    private static unsafe void AveragePoolGrad<T>(in Operand g, in Operand x, PoolPlan plan) where T : unmanaged, INumber<T>
    {
        int channels = x.Layout.Shape[1];
        using Hold heldG = g.Hold(), heldX = x.Hold();
        fixed (byte* pg = heldG, px = heldX)
        {
            var job = new AveragePoolGradLines<T>
            {
                Plan = plan,
                Cut = new((long)x.Layout.Shape[0] * plan.Depth.Input * plan.Height.Input, (long)plan.Width.Input * channels),
                Channels = channels,
                G = (T*)pg + g.Layout.Offset,
                X = (T*)px + x.Layout.Offset,
            };
            Workers.For(job.Cut.Parts, new ChannelRows<AveragePoolGradLines<T>, T>(job, channels));
        }
    }

    private static unsafe void MaxPool<T, TTap>(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, bool rectify)
        where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
    {
        int channels = x.Layout.Shape[1];
        Operand places = taps ?? y;
        using Hold heldX = x.Hold(), heldY = y.Hold(), heldT = places.Hold();
        fixed (byte* px = heldX, py = heldY, pt = heldT)
        fixed (T* numbers = Numbers<T>(plan))
        {
            var job = new MaxPoolLines<T, TTap>
            {
                Plan = plan,
                Cut = new((long)x.Layout.Shape[0] * plan.Depth.Output * plan.Height.Output, (long)plan.Width.Output * plan.Taps * channels),
                Channels = channels,
                Rectify = rectify,
                X = (T*)px + x.Layout.Offset,
                Y = (T*)py + y.Layout.Offset,
                Taps = taps is null ? null : (TTap*)pt,
                Numbers = numbers,
            };
            Workers.For(job.Cut.Parts, new ChannelRows<MaxPoolLines<T, TTap>, T>(job, channels));
        }
    }

    private static unsafe void MaxPoolGrad<T, TTap>(in Operand g, in Operand taps, in Operand x, PoolPlan plan)
        where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
    {
        int channels = x.Layout.Shape[1];
        using Hold heldG = g.Hold(), heldT = taps.Hold(), heldX = x.Hold();
        fixed (byte* pg = heldG, pt = heldT, px = heldX)
        fixed (T* numbers = Numbers<T>(plan))
        {
            var job = new MaxPoolGradLines<T, TTap>
            {
                Plan = plan,
                Cut = new((long)x.Layout.Shape[0] * plan.Depth.Input * plan.Height.Input, (long)plan.Width.Input * channels),
                Channels = channels,
                G = (T*)pg + g.Layout.Offset,
                Taps = (TTap*)pt,
                X = (T*)px + x.Layout.Offset,
                Numbers = numbers,
                IsDisjoint = plan.Width.Cover.Most <= 1,
                Streams = RowsStream((T*)px + x.Layout.Offset, x.Layout.Count, channels),
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
