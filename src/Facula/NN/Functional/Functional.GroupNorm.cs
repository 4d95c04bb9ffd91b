namespace Facula.NN;

public static partial class Functional
{
    /// <summary>
    /// Normalises each sample's channels in groups: (x - mean) / sqrt(variance + eps) over a group and all of space, then times weight plus bias.
    /// Wu and He 2018, arXiv:1803.08494. torch.nn.functional.group_norm.
    /// </summary>
    /// <param name="input">[n, channels, ..].</param>
    /// <param name="numGroups">Into how many groups the channels are cut; it must divide them.</param>
    /// <param name="weight">[channels], or null for 1.</param>
    /// <param name="bias">[channels], or null for 0.</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    /// <exception cref="ArgumentException">The shapes or types do not fit, or there is one sample with one element in each group.</exception>
    public static Tensor GroupNorm(Tensor input, int numGroups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
        GroupNorm("GroupNorm", input, numGroups, weight, bias, eps);

    /// <summary>
    /// Normalises each channel of each sample over space: (x - mean) / sqrt(variance + eps) * weight + bias. Ulyanov et al. 2016, arXiv:1607.08022.
    /// torch.nn.functional.instance_norm.
    /// </summary>
    /// <param name="input">[n, channels, ..], with at least one dimension of space where the statistics are the input's.</param>
    /// <param name="runningMean">[channels]: used where the input's statistics are not, else moved towards their mean over the samples;
    /// may be null where they are.</param>
    /// <param name="runningVar">[channels]: the same for the variance, with Bessel's correction.</param>
    /// <param name="weight">[channels], or null for 1.</param>
    /// <param name="bias">[channels], or null for 0.</param>
    /// <param name="useInputStats">Whether the statistics are the input's.</param>
    /// <param name="momentum">The share of the input's statistics in the running ones.</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    /// <exception cref="ArgumentException">The shapes or types do not fit; or the input's statistics are used and there is but one element
    /// of space.</exception>
    public static Tensor InstanceNorm(Tensor input, Tensor? runningMean = null, Tensor? runningVar = null, Tensor? weight = null, Tensor? bias = null,
        bool useInputStats = true,
        double momentum = 0.1, double eps = 1e-5) => InstanceNorm("InstanceNorm", input, runningMean, runningVar, weight, bias, useInputStats, momentum, eps);

    /// <summary>
    /// Divides each element by (k + alpha * mean of the squares of so many channels around it)^beta. Krizhevsky et al. 2012.
    /// torch.nn.functional.local_response_norm.
    /// </summary>
    /// <param name="input">[n, channels, ..].</param>
    /// <param name="size">The number of channels that count.</param>
    /// <param name="alpha">How much they count.</param>
    /// <param name="beta">The exponent.</param>
    /// <param name="k">Keeps the divisor from 0.</param>
    /// <exception cref="ArgumentException">The input has no channels dimension, or is not of floating-point type.</exception>
    public static Tensor LocalResponseNorm(Tensor input, int size, double alpha = 1e-4, double beta = 0.75, double k = 1)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        Check.Finite("LocalResponseNorm", alpha);
        Check.Finite("LocalResponseNorm", beta);
        Check.Finite("LocalResponseNorm", k);
        Check.Floating("LocalResponseNorm", input);
        if (input.Rank < 3)
            throw new ArgumentException($"LocalResponseNorm: an input of shape {input.Shape} does not fit: " +
                "it must be [n, channels, ..] with a dimension of space.");
        int channels = input.Layout.Shape[1];
        var widths = new int[2 * (input.Rank - 1)];
        (widths[^2], widths[^1]) = (size / 2, (size - 1) / 2);
        Tensor squares = Pad(input.Square(), widths), sum = squares.Narrow(1, 0, channels);
        for (int i = 1; i < size; i++) sum = sum + squares.Narrow(1, i, channels);
        return input / (sum * (alpha / size) + k).Pow(beta);
    }

    /// <summary>Divides by the norm along a dimension, so that the norms become 1. torch.nn.functional.normalize.</summary>
    /// <param name="input">Of floating-point type.</param>
    /// <param name="p">The order of the norm.</param>
    /// <param name="dim">The dimension.</param>
    /// <param name="eps">The smallest divisor.</param>
    public static Tensor Normalize(Tensor input, double p = 2, int dim = 1, double eps = 1e-12)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Number("Normalize", p);
        Check.NotNegative("Normalize", eps);
        Check.Floating("Normalize", input);
        return input / input.Norm(p, dim, keepDim: true).Clamp(min: eps);
    }

    internal static Tensor GroupNorm(object caller, Tensor input, int numGroups, Tensor? weight, Tensor? bias, double eps)
    {
        ArgumentNullException.ThrowIfNull(input);
        string name = caller as string ?? caller.GetType().Name;
        Check.Floating(name, input);
        Check.NotNegative(name, eps);
        input = AutocastMode.Widen(input);
        if (input.Rank < 2 || numGroups < 1 || input.Layout.Shape[1] % numGroups != 0)
        {
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} does not fit {numGroups} group(s): it must be [n, channels, ..], " +
                "with a number of channels that the number of groups divides.");
        }
        int channels = input.Layout.Shape[1];
        CheckPerChannel(caller, input, channels, weight, "a weight");
        CheckPerChannel(caller, input, channels, bias, "a bias");
        if (input.Count == numGroups)
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} has one element in each of {numGroups} group(s), whose variance is " +
                "unknown; give it more, or use fewer groups.");
        return Tensor.OwnChannelNorm("groupNorm", input, numGroups, weight, bias, eps, out _, out _);
    }

    internal static Tensor InstanceNorm(object caller, Tensor input, Tensor? runningMean, Tensor? runningVar, Tensor? weight, Tensor? bias, bool useInputStats,
        double momentum, double eps)
    {
        ArgumentNullException.ThrowIfNull(input);
        string name = caller as string ?? caller.GetType().Name;
        Check.Floating(name, input);
        Check.Fraction(name, momentum);
        Check.NotNegative(name, eps);
        if (IsNarrowerThan(input, weight))
            return InstanceNorm(caller, input.To(weight!.DType), runningMean, runningVar, weight, bias, useInputStats, momentum, eps).To(input.DType);
        if (input.Rank < (useInputStats ? 3 : 2))
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} does not fit: it must be [n, channels, ..] with a dimension of space.");
        if (!useInputStats && (runningMean is null || runningVar is null))
            throw new ArgumentException($"{caller}: running statistics are needed where the input's are not used; give both, or set useInputStats.");
        if (!useInputStats) return BatchNorm(caller, input, runningMean, runningVar, weight, bias, false, momentum, eps);
        CheckMovable(caller, runningVar);
        int channels = input.Layout.Shape[1];
        long lines = (long)input.Layout.Shape[0] * channels, area = lines == 0 ? 0 : input.Count / lines;
        CheckPerChannel(caller, input, channels, runningMean, "a running mean", sameType: false);
        CheckPerChannel(caller, input, channels, runningVar, "a running variance", sameType: false);
        CheckPerChannel(caller, input, channels, weight, "a weight");
        CheckPerChannel(caller, input, channels, bias, "a bias");
        if (area == 1)
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} has one element of space, whose variance is unknown; " +
                "give it more, or call Eval() on a layer that tracks running statistics.");
        Tensor result = Tensor.OwnChannelNorm("instanceNorm", input, channels, weight, bias, eps, out Tensor mean, out Tensor variance);
        if (area > 0 && (runningMean ?? runningVar) is not null) MoveStatistics(runningMean, runningVar, mean.Mean(0), variance.Mean(0), momentum, null, area);
        return result;
    }
}
