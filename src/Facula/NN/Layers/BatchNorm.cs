namespace Facula.NN;

/// <summary>Normalisation of each channel over samples and space, which learns its result's spread and mean: what layers of every rank share.</summary>
public abstract partial class BatchNorm : ChannelNorm, IFusion
{
    private readonly int _leastRank, _mostRank;

    private protected BatchNorm(int leastRank, int mostRank, int numFeatures, double eps, double? momentum, bool affine, bool trackRunningStats, DType? dtype,
        Device? device)
        : base(numFeatures, eps, momentum, affine, trackRunningStats, dtype, device) => (_leastRank, _mostRank) = (leastRank, mostRank);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, relu: false);

    Tensor IFusion.Forward(Tensor input, ref Followers followers) => Forward(input, followers.TakeRelu());

    /// <summary>Weight and bias of a convolution that does what this normalisation, with its running statistics, makes of its result.</summary>
    internal (Tensor Weight, Tensor Bias) FoldInto(Tensor weight, Tensor? bias)
    {
        // In the type of the statistics, which may be wider than that of the weights.
        Tensor scale = (RunningVar! + Eps).Rsqrt(), shift = RunningMean!;
        if (Weight is not null) scale *= Weight;
        shift = bias is null ? -shift : bias - shift;
        shift = Bias is null ? shift * scale : shift * scale + Bias;
        return ((weight * scale.Reshape([-1, .. Enumerable.Repeat(1, weight.Rank - 1)])).To(weight.DType), shift.To(weight.DType));
    }

    private Tensor Forward(Tensor input, bool relu)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Rank < _leastRank || input.Rank > _mostRank || input.Layout.Shape[1] != NumFeatures)
        {
            string space = _mostRank switch { 3 => "", 4 => ", height, width", _ => ", depth, height, width" };
            throw new ArgumentException($"{this}: an input of shape {input.Shape} does not fit: it must be [n, {NumFeatures}{space}]" +
                $"{(_mostRank == 3 ? $" or [n, {NumFeatures}, length]" : "")}.");
        }
        Tensor? batches = IsTraining ? NumBatchesTracked : null;
        Tensor? share = null;
        // Of a plain average the share depends on how many there were before, which the device knows.
        if (Momentum is null && batches is not null)
        {
            using GradModeScope unrecorded = Autograd.NoGrad();
            share = (batches.To(DType.Float64) + 1.0).Reciprocal();
        }
        Tensor y = Functional.BatchNorm(this, input, RunningMean, RunningVar, Weight, Bias, IsTraining || RunningMean is null, Momentum ?? 0, Eps, relu, share);
        // Only now: a batch that was refused has not been seen.
        using GradModeScope scope = Autograd.NoGrad();
        batches?.AddInPlace(1L);
        return y;
    }
}

/// <summary>Batch normalisation of [n, channels] or [n, channels, length]. torch.nn.BatchNorm1d.</summary>
/// <param name="numFeatures">The number of channels.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="momentum">The share of a batch's statistics in the running ones; null for their plain average.</param>
/// <param name="affine">Whether the result is multiplied by a learned weight, and a learned bias added.</param>
/// <param name="trackRunningStats">Whether running statistics are kept; without them the batch's are always used.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where parameters and buffers are; the processor if left out.</param>
public partial class BatchNorm1d(int numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true,
    DType? dtype = null, Device? device = null) : BatchNorm(2, 3, numFeatures, eps, momentum, affine, trackRunningStats, dtype, device);

/// <summary>Batch normalisation of images, [n, channels, height, width]. torch.nn.BatchNorm2d.</summary>
/// <param name="numFeatures">The number of channels.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="momentum">The share of a batch's statistics in the running ones; null for their plain average.</param>
/// <param name="affine">Whether the result is multiplied by a learned weight, and a learned bias added.</param>
/// <param name="trackRunningStats">Whether running statistics are kept; without them the batch's are always used.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where parameters and buffers are; the processor if left out.</param>
public partial class BatchNorm2d(int numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true,
    DType? dtype = null, Device? device = null) : BatchNorm(4, 4, numFeatures, eps, momentum, affine, trackRunningStats, dtype, device);

/// <summary>Batch normalisation of volumes, [n, channels, depth, height, width]. torch.nn.BatchNorm3d.</summary>
/// <param name="numFeatures">The number of channels.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="momentum">The share of a batch's statistics in the running ones; null for their plain average.</param>
/// <param name="affine">Whether the result is multiplied by a learned weight, and a learned bias added.</param>
/// <param name="trackRunningStats">Whether running statistics are kept; without them the batch's are always used.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where parameters and buffers are; the processor if left out.</param>
public partial class BatchNorm3d(int numFeatures, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true,
    DType? dtype = null, Device? device = null) : BatchNorm(5, 5, numFeatures, eps, momentum, affine, trackRunningStats, dtype, device);
