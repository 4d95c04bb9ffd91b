namespace Facula.Backends.Cuda;

internal sealed partial class CudaBackend
{
    // Parts of a channel are as many as keep every device busy, and never of fewer places.
    private const int ManyChannelBlocks = 1024, LeastPlacesOfThread = 16;

    private readonly KernelCache<ChannelNormKey> _channelSums = new(ChannelSumsKernel.Build), _channelApplies = new(ChannelApplyKernel.Build);
    private readonly KernelCache<ChannelFinishKey> _channelFinishes = new(ChannelFinishKernel.Build);

    public override void ChannelNorm(in Operand x, in ChannelNormOptions options, bool areOwn, in Operand y)
    {
        if (y.Layout.Count == 0) return;
        if (!IsOfChannels(x, options))
        {
            base.ChannelNorm(x, options, areOwn, y);
            return;
        }
        if (areOwn)
        {
            using Scratch sums = ChannelSums(ChannelNormStep.Moments, x, null, options, out int parts);
            using CudaLaunch launch = StartFinish(new(false, x.DType, null, null, null), x, sums.Operand, parts);
            ChannelLine.Add(launch, x.With(new Layout([x.Layout.Shape[1]], [x.Layout.Strides[1]], x.Layout.Offset)));
            ChannelLine.Add(launch, options.Mean);
            ChannelLine.Add(launch, options.Variance);
            launch.Run(BlocksOf(x.Layout.Shape[1], ChannelFinishKernel.Threads));
        }
        ApplyChannels(ChannelNormStep.Apply, x, null, options, y, default);
    }

    public override void ChannelNormGrad(in Operand g, in Operand x, in ChannelNormOptions options, bool areOwn, in Operand? input, in Operand? weight,
        in Operand? bias)
    {
        if (x.Layout.Count == 0 || !IsOfChannels(x, options))
        {
            base.ChannelNormGrad(g, x, options, areOwn, input, weight, bias);
            return;
        }
        int channels = x.Layout.Shape[1];
        using var terms = new Scratch(this, [2 * channels], x.DType.Compute);
        if (areOwn || weight is not null || bias is not null)
        {
            using Scratch sums = ChannelSums(ChannelNormStep.GradSums, x, g, options, out int parts);
            using CudaLaunch launch = StartFinish(new(true, x.DType, options.Weight?.DType, weight?.DType, bias?.DType), x, sums.Operand, parts);
            if (options.Weight is { } factor) ChannelLine.Add(launch, factor);
            if (weight is { } ofWeight) ChannelLine.Add(launch, ofWeight);
            if (bias is { } ofBias) ChannelLine.Add(launch, ofBias);
            ChannelLine.Add(launch, terms.Operand);
            launch.Run(BlocksOf(channels, ChannelFinishKernel.Threads));
        }
        if (input is not { } result) return;
        // Of constants nothing comes back through the statistics.
        if (!areOwn) Clear(terms.Operand);
        ApplyChannels(ChannelNormStep.ApplyGrad, x, g, options, result, terms.Operand);
    }

    // Others are as many as samples and few, and each has few elements.
    private static bool IsOfChannels(in Operand x, in ChannelNormOptions options) =>
        options.Mean.Layout.Rank == 1 && x.Layout.Count <= int.MaxValue / 2 && x.DType.IsFloatingPoint;

    private static ChannelNormKey KeyOf(ChannelNormStep step, in Operand x, in ChannelNormOptions options)
    {
        bool isLast = x.Layout.Shape[1] > 1 && Math.Abs(x.Layout.Strides[1]) <= Math.Abs(x.Layout.Strides[^1]);
        if (step == ChannelNormStep.Moments) return new(step, x.DType, null, null, false, false, isLast, x.Layout.Rank - 1);
        return new(step, x.DType, options.Weight?.DType, options.Bias?.DType, options.Epilogue.Residual is not null,
            options.Epilogue.Activation == ActivationKind.Relu, isLast, x.Layout.Rank - 1);
    }

    private Scratch ChannelSums(ChannelNormStep step, in Operand x, in Operand? g, in ChannelNormOptions options, out int parts)
    {
        ChannelNormKey key = KeyOf(step, x, options);
        int channels = x.Layout.Shape[1], places = (int)(x.Layout.Count / channels), perBlock = ChannelSumsKernel.Channels(key.IsChannelsLast);
        int blocks = (channels + perBlock - 1) / perBlock, least = ChannelSumsKernel.Threads / perBlock * LeastPlacesOfThread;
        int split = Math.Clamp(places / least, 1, Math.Max(1, ManyChannelBlocks / blocks)), perPart = (places + split - 1) / split;
        parts = (places + perPart - 1) / perPart;
        var sums = new Scratch(this, [parts, 2, channels], DType.Float64);
        using CudaLaunch launch = Start(_channelSums, key, "channelNorm");
        launch.Add((uint)channels);
        launch.Add((uint)places);
        launch.Add((uint)perPart);
        AddPlaces(launch, x);
        ChannelTensor.Add(launch, x);
        if (g is { } gradient)
        {
            ChannelTensor.Add(launch, gradient);
            if (options.Epilogue.Residual is { } residual) ChannelTensor.Add(launch, residual);
            AddNumbers(launch, options, x.DType.Compute);
        }
        launch.Add(sums.Operand);
        launch.Run(blocks, parts);
        return sums;
    }

    private CudaLaunch StartFinish(ChannelFinishKey key, in Operand x, in Operand sums, int parts)
    {
        int channels = x.Layout.Shape[1];
        CudaLaunch launch = Start(_channelFinishes, key, "channelNorm");
        launch.Add((uint)channels);
        launch.Add((uint)parts);
        launch.Add((double)(x.Layout.Count / channels));
        launch.Add(sums);
        return launch;
    }

    private void ApplyChannels(ChannelNormStep step, in Operand x, in Operand? g, in ChannelNormOptions options, in Operand y, in Operand terms)
    {
        ChannelNormKey key = KeyOf(step, x, options);
        int channels = x.Layout.Shape[1], places = (int)(x.Layout.Count / channels);
        int apart = (places + ChannelApplyKernel.Places - 1) / ChannelApplyKernel.Places, threads = apart * channels;
        using CudaLaunch launch = Start(_channelApplies, key, step == ChannelNormStep.Apply ? "channelNorm" : "channelNormGrad");
        launch.Add((uint)threads);
        launch.Add((uint)places);
        launch.Add((uint)apart);
        CoordinateWalk.AddSize(in launch, key.IsChannelsLast ? channels : apart, false);
        AddPlaces(launch, x);
        ChannelTensor.Add(launch, x);
        if (g is { } gradient) ChannelTensor.Add(launch, gradient);
        if (options.Epilogue.Residual is { } residual) ChannelTensor.Add(launch, residual);
        ChannelTensor.Add(launch, y);
        AddNumbers(launch, options, x.DType.Compute);
        if (step == ChannelNormStep.ApplyGrad)
        {
            ChannelLine.Add(launch, terms);
            launch.Add((uint)channels);
        }
        launch.Run(BlocksOf(threads, ChannelApplyKernel.Threads));
    }

    /// <summary>The sizes of space, behind that of samples.</summary>
    private static void AddPlaces(in CudaLaunch launch, in Operand x)
    {
        foreach (int size in x.Layout.Shape.AsSpan(2)) CoordinateWalk.AddSize(in launch, size, false);
    }

    private static void AddNumbers(in CudaLaunch launch, in ChannelNormOptions options, DType compute)
    {
        ChannelLine.Add(launch, options.Mean);
        ChannelLine.Add(launch, options.Variance);
        AddNumber(launch, options.Eps, compute);
        if (options.Weight is { } weight) ChannelLine.Add(launch, weight);
        if (options.Bias is { } bias) ChannelLine.Add(launch, bias);
    }
}
