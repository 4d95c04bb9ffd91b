namespace Facula.Backends;

internal abstract partial class Backend
{
    /// <summary>
    /// y = (x - mean) / sqrt(variance + eps) * weight + bias for x [n, c, space..], and 0 for what is negative where rectified. The statistics are [c], of each channel, or
    /// contiguous [n, groups], of each sample's channels in groups; they are of the type x is computed in. Where they are x's own they are written: means, and variances
    /// divided by the count, contiguous from offset 0. weight and bias are [c], of any floating-point type, or null for 1 and 0.
    /// </summary>
    public abstract void ChannelNorm(in Operand x, in ChannelNormOptions options, bool areOwn, in Operand y);

    /// <summary>
    /// The gradients of the input, the weight and the bias of <see cref="ChannelNorm"/>, where each is given. The statistics are functions of x where they are its own,
    /// else constants.
    /// </summary>
    public abstract void ChannelNormGrad(in Operand g, in Operand x, in ChannelNormOptions options, bool areOwn, in Operand? input, in Operand? weight, in Operand? bias);

    /// <summary>
    /// y = (x - mean) / sqrt(variance + eps) * weight + bias over rows [n, size], or x / sqrt(mean square + eps) * weight where not centred. Means (where centred) and
    /// scales, 1 / sqrt(..), are kept where given: [n], of the type x is computed in. weight and bias [size], of any floating-point type, or null.
    /// </summary>
    public abstract void RowNorm(in Operand x, in Operand? weight, in Operand? bias, double eps, bool centred, in Operand y, in Operand? means, in Operand? scales);

    /// <summary>The gradients of the input, the weight and the bias of <see cref="RowNorm"/>, where each is given.</summary>
    public abstract void RowNormGrad(in Operand g, in Operand x, in Operand? weight, in Operand? means, in Operand scales, in Operand? input, in Operand? weightGrad, in Operand? bias);
}

/// <summary>What normalises channels.</summary>
internal readonly record struct ChannelNormOptions(Operand Mean, Operand Variance, Operand? Weight, Operand? Bias, double Eps, bool Rectify);
