namespace Facula.Backends.Cuda;

internal enum ChannelNormStep : byte
{
    /// <summary>Sums of elements and their squares, from the first element of the channel.</summary>
    Moments,
    /// <summary>Sums of gradients, and of their products with what was normalised.</summary>
    GradSums,
    /// <summary>What is normalised.</summary>
    Apply,
    /// <summary>The gradient of the input.</summary>
    ApplyGrad,
}

/// <summary>What tells one kernel of channel norms from another.</summary>
/// <param name="Step">Which.</param>
/// <param name="Type">Of the elements.</param>
/// <param name="Weight">Its type, if there is one.</param>
/// <param name="Bias">Its type, if there is one.</param>
/// <param name="HasResidual">Whether there is one.</param>
/// <param name="IsRelu">Whether that is the activation.</param>
/// <param name="IsChannelsLast">Whether threads side by side have neighbouring channels, not places.</param>
/// <param name="Rank">Dimensions of samples and space.</param>
internal readonly record struct ChannelNormKey(
    ChannelNormStep Step, DType Type, DType? Weight, DType? Bias, bool HasResidual, bool IsRelu, bool IsChannelsLast, int Rank)
{
    public string Name => ($"channel_norm_{Step}{Rank}d_{Type.PyTorchName}_{Weight?.PyTorchName ?? "none"}_{Bias?.PyTorchName ?? "none"}" +
        $"{(HasResidual ? "_res" : "")}{(IsRelu ? "_relu" : "")}{(IsChannelsLast ? "_last" : "")}").ToLowerInvariant();
}

/// <summary>What becomes of the sums of a channel: moments, or gradients of these types where they are there, and terms of the input's gradient.</summary>
internal readonly record struct ChannelFinishKey(bool IsGrad, DType Type, DType? Weight, DType? WeightGrad, DType? BiasGrad)
{
    public string Name => ($"channel_norm_finish_{(IsGrad ? "grad" : "moments")}_{Type.PyTorchName}_{Weight?.PyTorchName ?? "none"}" +
        $"_{WeightGrad?.PyTorchName ?? "none"}_{BiasGrad?.PyTorchName ?? "none"}").ToLowerInvariant();
}
