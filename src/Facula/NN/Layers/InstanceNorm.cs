namespace Facula.NN;

/// <summary>Normalisation of each channel of each sample over space: what layers of every rank share.</summary>
public abstract partial class InstanceNorm : ChannelNorm
{
    private readonly int _rank;

    private protected InstanceNorm(int rank, int numFeatures, double eps, double momentum, bool affine, bool trackRunningStats, DType? dtype, Device? device)
        : base(numFeatures, eps, momentum, affine, trackRunningStats, dtype, device) => _rank = rank;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        bool isBatched = input.Rank == _rank + 2;
        if ((!isBatched && input.Rank != _rank + 1) || input.Layout.Shape[^(_rank + 1)] != NumFeatures)
        {
            string space = _rank switch { 1 => "length", 2 => "height, width", _ => "depth, height, width" };
            throw new ArgumentException($"{this}: an input of shape {input.Shape} does not fit: " +
                $"it must be [n, {NumFeatures}, {space}] or [{NumFeatures}, {space}].");
        }
        Tensor y = Functional.InstanceNorm(this, isBatched ? input : input.Unsqueeze(0), RunningMean, RunningVar, Weight, Bias,
            IsTraining || RunningMean is null, Momentum ?? 0, Eps);
        return isBatched ? y : y.Squeeze(0);
    }
}

/// <summary>Normalisation of each channel of each sample of sequences, [n, channels, length] or without n. torch.nn.InstanceNorm1d.</summary>
/// <param name="numFeatures">The number of channels.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="momentum">The share of an input's statistics in the running ones.</param>
/// <param name="affine">Whether the result is multiplied by a learned weight, and a learned bias added.</param>
/// <param name="trackRunningStats">Whether running statistics are kept, and used once training is over.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where parameters and buffers are; the processor if left out.</param>
public partial class InstanceNorm1d(int numFeatures, double eps = 1e-5, double momentum = 0.1, bool affine = false, bool trackRunningStats = false,
    DType? dtype = null, Device? device = null) : InstanceNorm(1, numFeatures, eps, momentum, affine, trackRunningStats, dtype, device);

/// <summary>Normalisation of each channel of each sample of images, [n, channels, height, width] or without n. torch.nn.InstanceNorm2d.</summary>
/// <param name="numFeatures">The number of channels.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="momentum">The share of an input's statistics in the running ones.</param>
/// <param name="affine">Whether the result is multiplied by a learned weight, and a learned bias added.</param>
/// <param name="trackRunningStats">Whether running statistics are kept, and used once training is over.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where parameters and buffers are; the processor if left out.</param>
public partial class InstanceNorm2d(int numFeatures, double eps = 1e-5, double momentum = 0.1, bool affine = false, bool trackRunningStats = false,
    DType? dtype = null, Device? device = null) : InstanceNorm(2, numFeatures, eps, momentum, affine, trackRunningStats, dtype, device);

/// <summary>Normalisation of each channel of each sample of volumes, [n, channels, depth, height, width] or without n. torch.nn.InstanceNorm3d.</summary>
/// <param name="numFeatures">The number of channels.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="momentum">The share of an input's statistics in the running ones.</param>
/// <param name="affine">Whether the result is multiplied by a learned weight, and a learned bias added.</param>
/// <param name="trackRunningStats">Whether running statistics are kept, and used once training is over.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where parameters and buffers are; the processor if left out.</param>
public partial class InstanceNorm3d(int numFeatures, double eps = 1e-5, double momentum = 0.1, bool affine = false, bool trackRunningStats = false,
    DType? dtype = null, Device? device = null) : InstanceNorm(3, numFeatures, eps, momentum, affine, trackRunningStats, dtype, device);
