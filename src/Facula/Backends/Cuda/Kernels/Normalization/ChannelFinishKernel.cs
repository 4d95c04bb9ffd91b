namespace Facula.Backends.Cuda;

/// <summary>
/// From the sums of the parts of each channel, added in their order, to means and variances, or to the gradients of weight and bias, and what is taken from the
/// gradient of the input: the mean of what reaches the normalised, and of its product with them. Arguments: channels, parts; the count; the sums; of moments
/// the
/// input and its stride from channel to channel, and where means and variances go; of gradients the weight, its gradient, the bias's, and where the terms go,
/// [2, channels].
/// </summary>
internal static class ChannelFinishKernel
{
    public const int Threads = 128;

    public static CudaKernel Build(ChannelFinishKey key, int capability)
    {
        var k = new Assembler(key.Name, Threads);
        DType compute = key.Type.Compute;
        Value channels = k.Parameter(PtxType.U32), parts = k.Parameter(PtxType.U32), count = k.Parameter(PtxType.F64), sums = k.Pointer(sizeof(double));
        ChannelLine? x = key.IsGrad ? null : new(k, key.Type), means = key.IsGrad ? null : new(k, compute), variances = key.IsGrad ? null : new(k, compute);
        ChannelLine? weight = key.Weight is { } type ? new(k, type) : null, weightGrad = key.WeightGrad is { } ofWeight ? new(k, ofWeight) : null;
        ChannelLine? biasGrad = key.BiasGrad is { } ofBias ? new(k, ofBias) : null, terms = key.IsGrad ? new(k, compute) : null;
        Value channel = ElementKernel.ThreadIndex(k, PtxType.U32);
        k.If(channel < channels, () =>
        {
            Value first = k.Variable(PtxType.F64, 0.0), second = k.Variable(PtxType.F64, 0.0), step = k.MultiplyWide(channels, sizeof(double));
            Value at = k.Variable(PtxType.U64, k.MultiplyAddWide(channel, sizeof(double), sums));
            k.For(PtxType.U32, 0, parts, 1, _ =>
            {
                k.Set(first, first + k.LoadGlobal(PtxType.F64, at)[0]);
                k.Set(at, at + step);
                k.Set(second, second + k.LoadGlobal(PtxType.F64, at)[0]);
                k.Set(at, at + step);
            });
            PtxType number = FormulaPrinter.TypeOf(compute);
            if (!key.IsGrad)
            {
                Value mean = first / count, shift = x!.Load(channel, DType.Float64);
                means!.Store(channel, k.Convert(number, mean + shift));
                // Never below 0, whatever was rounded; NaN stays.
                Value variance = second / count - mean * mean;
                variances!.Store(channel, k.Convert(number, k.Select(variance < 0.0, 0.0, variance)));
                return;
            }
            biasGrad?.Store(channel, k.Convert(number, first));
            weightGrad?.Store(channel, k.Convert(number, second));
            Value factor = weight is null ? k.Divide(1.0, count) : weight.Load(channel, DType.Float64) / count;
            terms!.Store(channel, k.Convert(number, first * factor));
            terms.Store(channel + channels, k.Convert(number, second * factor));
        });
        return k.Build();
    }
}
