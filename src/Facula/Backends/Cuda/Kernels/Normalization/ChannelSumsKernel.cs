namespace Facula.Backends.Cuda;

/// <summary>
/// Two sums of each channel over a part of its places: each thread takes every so-many-th place, in order, and what the threads have is added as a tree; so
/// a result
/// hangs on sizes alone. Arguments: channels and places, and those of a part; sizes as a <see cref="CoordinateWalk"/> takes them; the input; of gradients the
/// gradient, the residual and <see cref="ChannelNumbers"/>; the sums [parts, 2, channels].
/// </summary>
internal static class ChannelSumsKernel
{
    public const int Threads = 256;

    /// <summary>Channels of a block.</summary>
    public static int Channels(bool isChannelsLast) => isChannelsLast ? 32 : 1;

    public static CudaKernel Build(ChannelNormKey key, int capability)
    {
        var k = new Assembler(key.Name, Threads);
        bool isGrad = key.Step == ChannelNormStep.GradSums;
        int perBlock = Channels(key.IsChannelsLast), rows = Threads / perBlock;
        Value channels = k.Parameter(PtxType.U32), places = k.Parameter(PtxType.U32), part = k.Parameter(PtxType.U32);
        var walk = new CoordinateWalk(k, PtxType.U32, key.Rank);
        var x = new ChannelTensor(k, key.Type, key.Rank);
        ChannelTensor? g = isGrad ? new(k, key.Type, key.Rank) : null, residual = isGrad && key.HasResidual ? new(k, key.Type, key.Rank) : null;
        ChannelNumbers? numbers = isGrad ? new(k, key) : null;
        Value sums = k.Pointer(sizeof(double));

        Value thread = k.Special("tid.x"), row = thread / perBlock, channel = k.MultiplyAdd(k.Special("ctaid.x"), perBlock, thread % perBlock);
        Value first = k.Variable(PtxType.F64, 0.0), second = k.Variable(PtxType.F64, 0.0), isThere = channel < channels;
        k.If(isThere, () =>
        {
            Value fromX = x.Start(channel), fromG = g?.Start(channel) ?? default, fromResidual = residual?.Start(channel) ?? default;
            numbers?.Load(channel);
            Value shift = isGrad ? default : k.Convert(PtxType.F64, x.Load(fromX, []));
            Value start = k.Special("ctaid.y") * part;
            k.For(PtxType.U32, start + row, k.Min(start + part, places), rows, i =>
            {
                Value[] place = walk.Coordinates(i);
                Value value = x.Load(fromX, place), a, b;
                if (isGrad)
                {
                    Value normal = numbers!.Normal(value), gradient = ChannelApplyKernel.Masked(k, key, numbers, normal, g!.Load(fromG, place),
                        residual?.Load(fromResidual, place));
                    (a, b) = (k.Convert(PtxType.F64, gradient), k.Convert(PtxType.F64, normal));
                }
                else
                {
                    a = k.Convert(PtxType.F64, value) - shift;
                    b = a;
                }
                k.Set(second, k.MultiplyAdd(a, b, second));
                k.Set(first, first + a);
            });
        });
        Value shared = k.SharedMemory(2 * Threads * sizeof(double)), own = k.MultiplyAdd(thread, 2 * sizeof(double), shared);
        k.StoreShared(PtxType.F64, own, [first, second]);
        for (int others = rows / 2; others > 0; others /= 2)
        {
            int apart = others * perBlock * 2 * sizeof(double);
            k.Barrier();
            k.If(row < others, () =>
            {
                Value[] other = k.LoadShared(PtxType.F64, own, 2, apart);
                k.Set(first, first + other[0]);
                k.Set(second, second + other[1]);
                k.StoreShared(PtxType.F64, own, [first, second]);
            });
        }
        k.If(isThere & k.Equal(row, 0), () =>
        {
            Value at = k.MultiplyAddWide(k.Special("ctaid.y") * 2 * channels + channel, sizeof(double), sums);
            k.StoreGlobal(PtxType.F64, at, [first]);
            k.StoreGlobal(PtxType.F64, at + k.MultiplyWide(channels, sizeof(double)), [second]);
        });
        return k.Build();
    }
}
