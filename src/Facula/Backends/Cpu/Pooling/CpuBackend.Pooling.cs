using System.Numerics;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void MaxPool(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, ActivationKind activation)
    {
        bool relu = activation == ActivationKind.Relu;
        using StagedOperand input = StagedOperand.ChannelsLast(this, x), result = StagedOperand.ChannelsLastResult(this, y);
        if (input.Operand.DType == DType.Float64) MaxPool<double>(input.Operand, result.Operand, taps, plan, relu);
        else MaxPool<float>(input.Operand, result.Operand, taps, plan, relu);
    }

    public override void MaxPoolGrad(in Operand g, in Operand taps, in Operand x, PoolPlan plan)
    {
        using StagedOperand gradient = StagedOperand.ChannelsLast(this, g), result = StagedOperand.ChannelsLastResult(this, x);
        if (gradient.Operand.DType == DType.Float64) MaxPoolGrad<double>(gradient.Operand, taps, result.Operand, plan);
        else MaxPoolGrad<float>(gradient.Operand, taps, result.Operand, plan);
    }

    public override void AveragePool(in Operand x, in Operand y, PoolPlan plan)
    {
        using StagedOperand input = StagedOperand.ChannelsLast(this, x), result = StagedOperand.ChannelsLastResult(this, y);
        if (input.Operand.DType == DType.Float64) AveragePool<double>(input.Operand, result.Operand, plan);
        else AveragePool<float>(input.Operand, result.Operand, plan);
    }

    public override void AveragePoolGrad(in Operand g, in Operand x, PoolPlan plan)
    {
        using StagedOperand gradient = StagedOperand.ChannelsLast(this, g), result = StagedOperand.ChannelsLastResult(this, x);
        if (gradient.Operand.DType == DType.Float64) AveragePoolGrad<double>(gradient.Operand, result.Operand, plan);
        else AveragePoolGrad<float>(gradient.Operand, result.Operand, plan);
    }

    private static unsafe void AveragePool<T>(in Operand x, in Operand y, PoolPlan plan) where T : unmanaged, INumber<T>
    {
        int channels = x.Layout.Shape[1];
        using Pinned<T> pinX = x.Pin<T>(), pinY = y.Pin<T>();
        fixed (T* px = pinX, py = pinY)
        {
            var job = new AveragePoolLines<T> { Plan = plan, Cut = OutputLines(x, plan), Channels = channels, X = px, Y = py };
            Workers.For(job.Cut.Parts, new SimdJob<AveragePoolLines<T>, T>(job, channels));
        }
    }

    private static unsafe void AveragePoolGrad<T>(in Operand g, in Operand x, PoolPlan plan) where T : unmanaged, INumber<T>
    {
        using Pinned<T> pinG = g.Pin<T>(), pinX = x.Pin<T>();
        fixed (T* pg = pinG, px = pinX)
        fixed (double* shares = AveragePoolGradKernel<T>.ColumnShares(plan))
        {
            var gradient = new AveragePoolGradKernel<T> { Plan = plan, Channels = x.Layout.Shape[1], G = pg, Shares = shares };
            Gather<AveragePoolGradKernel<T>, AveragePoolSource<T>, T>(gradient, x, px, plan);
        }
    }

    private static void MaxPool<T>(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, bool relu) where T : unmanaged, INumber<T>
    {
        if (plan.TapType == DType.UInt8) MaxPool<T, byte>(x, y, taps, plan, relu);
        else MaxPool<T, int>(x, y, taps, plan, relu);
    }

    private static unsafe void MaxPool<T, TTap>(in Operand x, in Operand y, in Operand? taps, PoolPlan plan, bool relu)
        where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
    {
        int channels = x.Layout.Shape[1];
        using Pinned<T> pinX = x.Pin<T>(), pinY = y.Pin<T>();
        using Pinned<TTap> pinTaps = taps.Pin<TTap>();
        fixed (T* px = pinX, py = pinY, numbers = Numbers<T>(plan))
        fixed (TTap* pt = pinTaps)
        {
            var job = new MaxPoolLines<T, TTap>
            {
                Plan = plan,
                Cut = OutputLines(x, plan),
                Channels = channels,
                Relu = relu,
                X = px,
                Y = py,
                Taps = pt,
                Numbers = numbers,
            };
            Workers.For(job.Cut.Parts, new SimdJob<MaxPoolLines<T, TTap>, T>(job, channels));
        }
    }

    private static void MaxPoolGrad<T>(in Operand g, in Operand taps, in Operand x, PoolPlan plan) where T : unmanaged, INumber<T>
    {
        if (plan.TapType == DType.UInt8) MaxPoolGrad<T, byte>(g, taps, x, plan);
        else MaxPoolGrad<T, int>(g, taps, x, plan);
    }

    private static unsafe void MaxPoolGrad<T, TTap>(in Operand g, in Operand taps, in Operand x, PoolPlan plan)
        where T : unmanaged, INumber<T> where TTap : unmanaged, IBinaryInteger<TTap>
    {
        int channels = x.Layout.Shape[1];
        using Pinned<T> pinG = g.Pin<T>(), pinX = x.Pin<T>();
        using Pinned<TTap> pinTaps = taps.Pin<TTap>();
        fixed (T* pg = pinG, px = pinX, numbers = Numbers<T>(plan))
        fixed (TTap* pt = pinTaps)
        fixed (int* columns = plan.Width.Cover.Tap)
        {
            var gradient = new MaxPoolGradKernel<T, TTap>
            {
                Plan = plan,
                Channels = channels,
                G = pg,
                Numbers = numbers,
                Taps = pt,
                Columns = columns,
                IsDisjoint = plan.Width.Cover.Most <= 1,
                Streams = Streaming.Pays(px, x.Layout.Count, channels),
            };
            Gather<MaxPoolGradKernel<T, TTap>, MaxPoolSource<T, TTap>, T>(gradient, x, px, plan);
        }
    }

    private static unsafe void Gather<TGrad, TSource, T>(TGrad gradient, in Operand x, T* px, PoolPlan plan)
        where TGrad : struct, IPoolGrad<TSource, T> where TSource : unmanaged, IPoolSource<T> where T : unmanaged, INumber<T>
    {
        int channels = x.Layout.Shape[1];
        var job = new PoolGradLines<TGrad, TSource, T>
        {
            Grad = gradient,
            Plan = plan,
            Cut = new((long)x.Layout.Shape[0] * plan.Depth.Input * plan.Height.Input, (long)plan.Width.Input * channels),
            Channels = channels,
            X = px,
        };
        Workers.For(job.Cut.Parts, new SimdJob<PoolGradLines<TGrad, TSource, T>, T>(job, channels));
    }

    private static LineCut OutputLines(in Operand x, PoolPlan plan) =>
        new((long)x.Layout.Shape[0] * plan.Depth.Output * plan.Height.Output, (long)plan.Width.Output * plan.Taps * x.Layout.Shape[1]);

    /// <summary>The numbers of a kernel's elements, and behind them that which stands for none.</summary>
    private static T[] Numbers<T>(PoolPlan plan) where T : unmanaged, INumber<T>
    {
        var numbers = new T[plan.Taps + 1];
        for (int i = 0; i < plan.Taps; i++) numbers[i] = T.CreateTruncating(i);
        numbers[^1] = T.CreateTruncating(plan.Nowhere);
        return numbers;
    }
}
