namespace Facula.Backends.Cuda;

/// <summary>
/// What is normalised, or the gradient of the input: a thread has a few places of one channel, so that what the channel has is worked out once. Arguments:
/// threads,
/// places, and how many places lie between a thread's; the threads side by side as a <see cref="CoordinateWalk"/> takes them, then sizes; the input, the
/// gradient, the
/// residual, the result; <see cref="ChannelNumbers"/>; the terms that <see cref="ChannelFinishKernel"/> makes, and channels.
/// </summary>
internal static class ChannelApplyKernel
{
    public const int Threads = 256, Places = 4;

    public static CudaKernel Build(ChannelNormKey key, int capability)
    {
        var k = new Assembler(key.Name, Threads);
        bool isGrad = key.Step == ChannelNormStep.ApplyGrad;
        DType compute = key.Type.Compute;
        Value threads = k.Parameter(PtxType.U32), places = k.Parameter(PtxType.U32), apart = k.Parameter(PtxType.U32);
        CoordinateWalk sides = new(k, PtxType.U32, 2), walk = new(k, PtxType.U32, key.Rank);
        var x = new ChannelTensor(k, key.Type, key.Rank);
        ChannelTensor? g = isGrad ? new(k, key.Type, key.Rank) : null, residual = key.HasResidual ? new(k, key.Type, key.Rank) : null;
        var y = new ChannelTensor(k, key.Type, key.Rank);
        var numbers = new ChannelNumbers(k, key);
        ChannelLine? terms = isGrad ? new(k, compute) : null;
        Value channels = isGrad ? k.Parameter(PtxType.U32) : default;

        Value thread = ElementKernel.ThreadIndex(k, PtxType.U32);
        k.If(thread < threads, () =>
        {
            Value[] parts = sides.Coordinates(thread);
            Value channel = parts[key.IsChannelsLast ? 1 : 0].As(PtxType.U32), first = parts[key.IsChannelsLast ? 0 : 1].As(PtxType.U32);
            numbers.Load(channel);
            Value own = isGrad ? terms!.Load(channel, compute) : default, product = isGrad ? terms!.Load(channel + channels, compute) : default;
            Value fromX = x.Start(channel), fromG = g?.Start(channel) ?? default, fromResidual = residual?.Start(channel) ?? default, to = y.Start(channel);
            for (int i = 0; i < Places; i++)
            {
                Value at = i == 0 ? first : k.MultiplyAdd(apart, i, first);
                k.If(at < places, () =>
                {
                    Value[] place = walk.Coordinates(at);
                    Value normal = numbers.Normal(x.Load(fromX, place)), made;
                    Value? added = residual?.Load(fromResidual, place);
                    if (isGrad)
                    {
                        Value gradient = Masked(k, key, numbers, normal, g!.Load(fromG, place), added);
                        if (numbers.Weight is { } weight) gradient = gradient * weight;
                        made = (gradient - own - normal * product) * numbers.Scale;
                    }
                    else
                    {
                        made = numbers.Before(normal, added);
                        if (key.IsRelu) made = k.Select(made < 0.0, 0.0, made);
                    }
                    y.Store(to, place, made);
                });
            }
        });
        return k.Build();
    }

    /// <summary>The gradient where the activation let something through.</summary>
    public static Value Masked(Assembler k, in ChannelNormKey key, ChannelNumbers numbers, Value normal, Value gradient, Value? residual) =>
        key.IsRelu ? k.Select(numbers.Before(normal, residual) <= 0.0, 0.0, gradient) : gradient;
}
