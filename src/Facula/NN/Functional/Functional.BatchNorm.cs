namespace Facula.NN;

public static partial class Functional
{
    /// <summary>
    /// Normalises each channel over samples and space: (x - mean) / sqrt(variance + eps) * weight + bias. Ioffe and Szegedy 2015, arXiv:1502.03167.
    /// torch.nn.functional.batch_norm.
    /// </summary>
    /// <param name="input">[n, channels], or with any dimensions of space after these.</param>
    /// <param name="runningMean">[channels]: used where not training, else moved towards the batch's mean; may be null where training.</param>
    /// <param name="runningVar">
    /// [channels]: the same for the variance, of which the batch's is taken with Bessel's correction. In training not Float16,
    /// which cannot hold the square of 256.
    /// </param>
    /// <param name="weight">[channels], or null for 1.</param>
    /// <param name="bias">[channels], or null for 0.</param>
    /// <param name="training">Whether the statistics are the batch's.</param>
    /// <param name="momentum">The share of the batch's statistics in the running ones.</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    /// <exception cref="ArgumentException">The shapes or types do not fit; or, where training, there is but one value for each channel.</exception>
    public static Tensor BatchNorm(Tensor input, Tensor? runningMean, Tensor? runningVar, Tensor? weight = null, Tensor? bias = null, bool training = false,
        double momentum = 0.1, double eps = 1e-5) => BatchNorm("BatchNorm", input, runningMean, runningVar, weight, bias, training, momentum, eps);

    /// <summary>
    /// The life of a batch normalisation; caller is the function's name or the layer, for error messages.
    /// With relu, the Relu of the result at no further cost. A share that is given as a number on the device stands for the momentum.
    /// </summary>
    internal static Tensor BatchNorm(object caller, Tensor input, Tensor? runningMean, Tensor? runningVar, Tensor? weight, Tensor? bias, bool training,
        double momentum, double eps, bool relu = false, Tensor? share = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        string name = caller as string ?? caller.GetType().Name;
        Check.Floating(name, input);
        Check.Fraction(name, momentum);
        Check.NotNegative(name, eps);
        if (IsNarrowerThan(input, weight))
            return BatchNorm(caller, input.To(weight!.DType), runningMean, runningVar, weight, bias, training, momentum, eps, relu, share).To(input.DType);
        if (input.Rank < 2)
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} does not fit: it must be [n, channels] or [n, channels, ..].");
        int channels = input.Layout.Shape[1];
        CheckPerChannel(caller, input, channels, weight, "a weight");
        CheckPerChannel(caller, input, channels, bias, "a bias");
        CheckPerChannel(caller, input, channels, runningMean, "a running mean", sameType: false);
        CheckPerChannel(caller, input, channels, runningVar, "a running variance", sameType: false);
        if (!training)
        {
            if (runningMean is null || runningVar is null)
                throw new ArgumentException($"{caller}: running statistics are needed where the batch's are not used; give them, or set training.");
            DType compute = input.DType.Compute;
            return Tensor.ChannelNorm("batchNorm", input, weight, bias, runningMean.Detach().To(compute), runningVar.Detach().To(compute), eps, relu);
        }
        CheckMovable(caller, runningVar);
        long count = channels == 0 ? 0 : input.Count / channels;
        if (count == 1)
        {
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} has one value for each channel, whose variance is unknown; " +
                "train with more samples, or call Eval() first.");
        }
        Tensor result = Tensor.OwnChannelNorm("batchNorm", input, null, weight, bias, eps, out Tensor mean, out Tensor variance, relu);
        if (count > 0) MoveStatistics(runningMean, runningVar, mean, variance, momentum, share, count);
        return result;
    }

    /// <summary>Whether a product has left, in <see cref="Autograd.Autocast"/>, 16 bits to be normalised by a weight that has more.</summary>
    private static bool IsNarrowerThan(Tensor input, Tensor? weight) => AutocastMode.Widens(input) && weight?.DType == DType.Float32;

    /// <summary>Refuses running statistics that could not hold the variance of what they are of.</summary>
    private static void CheckMovable(object caller, Tensor? runningVar)
    {
        if (runningVar is { DType.Kind: ElementType.Float16 })
            throw new ArgumentException($"{caller}: a running variance in float16 becomes infinite, for it cannot hold the square of 256; keep it in float32.",
                nameof(runningVar));
    }

    private static void MoveStatistics(Tensor? runningMean, Tensor? runningVar, Tensor mean, Tensor variance, double momentum, Tensor? share, long count)
    {
        using GradModeScope scope = Autograd.NoGrad();
        if (runningMean is not null) Move(runningMean, mean);
        if (runningVar is not null) Move(runningVar, variance * ((double)count / (count - 1)));

        void Move(Tensor running, Tensor statistic)
        {
            statistic = statistic.To(running.DType);
            if (share is null) running.LerpInPlace(statistic, momentum);
            else running.LerpInPlace(statistic, share);
        }
    }

    /// <summary>One number for each channel, of the input's type unless that does not matter.</summary>
    private static void CheckPerChannel(object caller, Tensor input, int channels, Tensor? vector, string what, bool sameType = true)
    {
        if (vector is null) return;
        if (vector.Rank != 1 || vector.Layout.Shape[0] != channels)
        {
            throw new ArgumentException($"{caller}: {what} of shape {vector.Shape} does not fit an input of shape {input.Shape}: " +
                $"it needs {channels} elements, one for each channel, which are the input's second dimension.");
        }
        Check.SameDevice(caller as string ?? caller.GetType().Name, input, vector);
        if (sameType ? vector.DType != input.DType : !vector.DType.IsFloatingPoint)
        {
            throw new ArgumentException($"{caller}: {what} of type {vector.DType.PyTorchName} does not fit an input of type {input.DType.PyTorchName}; " +
                "convert one with To(dtype).");
        }
    }
}
