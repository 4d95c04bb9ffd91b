namespace Facula.NN;

/// <summary>
/// Normalisation of channels, with a learned weight and bias for each and with running statistics, where asked for:
/// what batch and instance normalisation share.
/// The statistics of a layer in Float16 or BFloat16 are Float32, also after <c>To(DType.Float16)</c>, as PyTorch's are where training is of mixed precision:
/// the square of a number beyond 256 is beyond Float16.
/// </summary>
public abstract partial class ChannelNorm : Module<Tensor, Tensor>
{
    private protected ChannelNorm(int numFeatures, double eps, double? momentum, bool affine, bool trackRunningStats, DType? dtype, Device? device)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numFeatures);
        Check.NotNegative(TypeName, eps);
        if (momentum is { } share) Check.Fraction(TypeName, share, nameof(momentum));
        (NumFeatures, Eps, Momentum) = (numFeatures, eps, momentum);
        if (affine)
        {
            Weight = new(Tensor.Ones([numFeatures], dtype, device));
            Bias = new(Tensor.Zeros([numFeatures], dtype, device));
        }
        if (!trackRunningStats) return;
        RunningMean = Tensor.Zeros([numFeatures], BufferType(dtype ?? DType.Float32), device);
        RunningVar = Tensor.Ones([numFeatures], BufferType(dtype ?? DType.Float32), device);
        NumBatchesTracked = Tensor.Zeros([], DType.Int64, device);
    }

    /// <summary>[numFeatures], 1 at first; null where there is none.</summary>
    public Parameter? Weight { get; set; }

    /// <summary>[numFeatures], 0 at first; null where there is none.</summary>
    public Parameter? Bias { get; set; }

    /// <summary>[numFeatures]: what stands for the input's means once training is over; null where not tracked.</summary>
    [field: Buffer]
    public Tensor? RunningMean { get; set; }

    /// <summary>[numFeatures]: what stands for the input's variances once training is over; null where not tracked.</summary>
    [field: Buffer]
    public Tensor? RunningVar { get; set; }

    /// <summary>How many batches the running statistics of a batch norm have seen, an Int64; of an instance norm always 0, as in PyTorch;
    /// null where not tracked.</summary>
    [field: Buffer]
    public Tensor? NumBatchesTracked { get; set; }

    /// <summary>The number of channels.</summary>
    public int NumFeatures { get; }

    /// <summary>Keeps the divisor from 0.</summary>
    public double Eps { get; }

    /// <summary>The share of an input's statistics in the running ones; null, of a batch norm, for their plain average.</summary>
    public double? Momentum { get; }

    /// <inheritdoc/>
    protected override DType BufferType(DType type) => type.Compute;

    /// <inheritdoc/>
    protected override string ExtraText => $"{NumFeatures}, eps={PythonText.Of(Eps)}, momentum={(Momentum is { } share ? PythonText.Of(share) : "None")}, " +
        $"affine={PythonText.Of(Weight is not null)}, track_running_stats={PythonText.Of(RunningMean is not null)}";
}
