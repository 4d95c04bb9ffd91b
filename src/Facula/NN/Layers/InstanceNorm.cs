namespace Facula.NN;

/// <summary>Normalisation of each channel of each sample over space: what layers of every rank share.</summary>
public abstract partial class InstanceNorm : Module<Tensor, Tensor>
{
    private readonly int _rank, _numFeatures;
    private readonly double _eps, _momentum;

    private protected InstanceNorm(int rank, int numFeatures, double eps, double momentum, bool affine, bool trackRunningStats, DType dtype, Device? device)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numFeatures);
        (_rank, _numFeatures, _eps, _momentum) = (rank, numFeatures, eps, momentum);
        if (affine)
        {
            Weight = new(Tensor.Ones([numFeatures], dtype, device));
            Bias = new(Tensor.Zeros([numFeatures], dtype, device));
        }
        if (!trackRunningStats) return;
        RunningMean = Tensor.Zeros([numFeatures], dtype, device);
        RunningVar = Tensor.Ones([numFeatures], dtype, device);
        NumBatchesTracked = Tensor.Zeros([], DType.Int64, device);
    }

    /// <summary>[numFeatures], 1 at first; null where there is none.</summary>
    public Parameter? Weight { get; }

    /// <summary>[numFeatures], 0 at first; null where there is none.</summary>
    public Parameter? Bias { get; }

    /// <summary>What stands for the input's means once training is over; null where not tracked.</summary>
    [field: Buffer]
    public Tensor? RunningMean { get; }

    /// <summary>What stands for the input's variances once training is over; null where not tracked.</summary>
    [field: Buffer]
    public Tensor? RunningVar { get; }

    /// <summary>Always 0, as in PyTorch: it is there so that states can be exchanged; null where not tracked.</summary>
    [field: Buffer]
    public Tensor? NumBatchesTracked { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        bool isBatched = input.Rank == _rank + 2;
        if ((!isBatched && input.Rank != _rank + 1) || input.Layout.Shape[^(_rank + 1)] != _numFeatures)
        {
            string space = _rank switch { 1 => "length", 2 => "height, width", _ => "depth, height, width" };
            throw new ArgumentException($"{this}: an input of shape {input.Shape} does not fit: it must be [n, {_numFeatures}, {space}] or [{_numFeatures}, {space}].");
        }
        Tensor y = Functional.InstanceNorm(this, isBatched ? input : input.Unsqueeze(0), RunningMean, RunningVar, Weight, Bias, IsTraining || RunningMean is null, _momentum, _eps);
        return isBatched ? y : y.Squeeze(0);
    }

    /// <inheritdoc/>
    protected override string ExtraText => $"{_numFeatures}, eps={PythonText.Of(_eps)}, momentum={PythonText.Of(_momentum)}, affine={PythonText.Of(Weight is not null)}, " +
        $"track_running_stats={PythonText.Of(RunningMean is not null)}";
}

/// <summary>Normalisation of each channel of each sample of sequences, [n, channels, length] or without n. torch.nn.InstanceNorm1d.</summary>
/// <param name="numFeatures">The number of channels.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="momentum">The share of an input's statistics in the running ones.</param>
/// <param name="affine">Whether the result is multiplied by a learned weight, and a learned bias added.</param>
/// <param name="trackRunningStats">Whether running statistics are kept, and used once training is over.</param>
/// <param name="dtype">A floating-point type.</param>
/// <param name="device">Where parameters and buffers are; the processor if left out.</param>
public sealed partial class InstanceNorm1d(int numFeatures, double eps = 1e-5, double momentum = 0.1, bool affine = false, bool trackRunningStats = false,
    DType dtype = DType.Float32, Device? device = null) : InstanceNorm(1, numFeatures, eps, momentum, affine, trackRunningStats, dtype, device);

/// <summary>Normalisation of each channel of each sample of images, [n, channels, height, width] or without n. torch.nn.InstanceNorm2d.</summary>
/// <param name="numFeatures">The number of channels.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="momentum">The share of an input's statistics in the running ones.</param>
/// <param name="affine">Whether the result is multiplied by a learned weight, and a learned bias added.</param>
/// <param name="trackRunningStats">Whether running statistics are kept, and used once training is over.</param>
/// <param name="dtype">A floating-point type.</param>
/// <param name="device">Where parameters and buffers are; the processor if left out.</param>
public sealed partial class InstanceNorm2d(int numFeatures, double eps = 1e-5, double momentum = 0.1, bool affine = false, bool trackRunningStats = false,
    DType dtype = DType.Float32, Device? device = null) : InstanceNorm(2, numFeatures, eps, momentum, affine, trackRunningStats, dtype, device);

/// <summary>Normalisation of each channel of each sample of volumes, [n, channels, depth, height, width] or without n. torch.nn.InstanceNorm3d.</summary>
/// <param name="numFeatures">The number of channels.</param>
/// <param name="eps">Keeps the divisor from 0.</param>
/// <param name="momentum">The share of an input's statistics in the running ones.</param>
/// <param name="affine">Whether the result is multiplied by a learned weight, and a learned bias added.</param>
/// <param name="trackRunningStats">Whether running statistics are kept, and used once training is over.</param>
/// <param name="dtype">A floating-point type.</param>
/// <param name="device">Where parameters and buffers are; the processor if left out.</param>
public sealed partial class InstanceNorm3d(int numFeatures, double eps = 1e-5, double momentum = 0.1, bool affine = false, bool trackRunningStats = false,
    DType dtype = DType.Float32, Device? device = null) : InstanceNorm(3, numFeatures, eps, momentum, affine, trackRunningStats, dtype, device);
