namespace Facula.NN;

public static partial class Functional
{
    /// <summary>Sets whole channels to zero with probability p while training, and multiplies the others by 1 / (1 - p).
    /// torch.nn.functional.dropout1d.</summary>
    /// <param name="input">[n, channels, length], or [channels, length].</param>
    /// <param name="p">The probability, in [0, 1].</param>
    /// <param name="training">Whether anything is done at all.</param>
    /// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
    public static Tensor Dropout1d(Tensor input, double p = 0.5, bool training = true, Generator? generator = null) =>
        DropChannels("Dropout1d", input, p, training, generator, 2, 3, false);

    /// <summary>Sets whole channels to zero with probability p while training, and multiplies the others by 1 / (1 - p).
    /// torch.nn.functional.dropout2d.</summary>
    /// <param name="input">[n, channels, height, width]; one of rank 3 is taken as [n, channels, length], as in PyTorch.</param>
    /// <param name="p">The probability, in [0, 1].</param>
    /// <param name="training">Whether anything is done at all.</param>
    /// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
    public static Tensor Dropout2d(Tensor input, double p = 0.5, bool training = true, Generator? generator = null) =>
        DropChannels("Dropout2d", input, p, training, generator, 3, 4, false);

    /// <summary>Sets whole channels to zero with probability p while training, and multiplies the others by 1 / (1 - p).
    /// torch.nn.functional.dropout3d.</summary>
    /// <param name="input">[n, channels, depth, height, width]; one of rank 4 is taken as [n, channels, height, width], as in PyTorch.</param>
    /// <param name="p">The probability, in [0, 1].</param>
    /// <param name="training">Whether anything is done at all.</param>
    /// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
    public static Tensor Dropout3d(Tensor input, double p = 0.5, bool training = true, Generator? generator = null) =>
        DropChannels("Dropout3d", input, p, training, generator, 4, 5, false);

    /// <summary>
    /// Sets elements to the lowest value of <see cref="Selu"/> with probability p while training, then scales and shifts all so that mean and variance stay.
    /// Klambauer et al. 2017, arXiv:1706.02515. torch.nn.functional.alpha_dropout.
    /// </summary>
    /// <param name="input">Of floating-point type.</param>
    /// <param name="p">The probability, in [0, 1].</param>
    /// <param name="training">Whether anything is done at all.</param>
    /// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
    public static Tensor AlphaDropout(Tensor input, double p = 0.5, bool training = true, Generator? generator = null) =>
        DropChannels("AlphaDropout", input, p, training, generator, 0, int.MaxValue, true);

    /// <summary><see cref="AlphaDropout"/> of whole channels. torch.nn.functional.feature_alpha_dropout.</summary>
    /// <param name="input">[n, channels, ..].</param>
    /// <param name="p">The probability, in [0, 1].</param>
    /// <param name="training">Whether anything is done at all.</param>
    /// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
    public static Tensor FeatureAlphaDropout(Tensor input, double p = 0.5, bool training = true, Generator? generator = null) =>
        DropChannels("FeatureAlphaDropout", input, p, training, generator, 2, int.MaxValue, true);

    private static Tensor DropChannels(string name, Tensor input, double p, bool training, Generator? generator, int leastRank, int mostRank, bool alpha)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Fraction(name, p);
        Check.Floating(name, input);
        if (input.Rank < leastRank || input.Rank > mostRank)
            throw new ArgumentException($"{name}: an input of shape {input.Shape} does not fit: " +
                $"it needs {leastRank}{(mostRank < 9 ? $" or {mostRank}" : " or more")} dimensions.");
        if (!training || p == 0) return input;
        // Elements each for themselves, or channels whole: then without samples there is one dimension less that is chosen in.
        int chosen = leastRank == 0 ? input.Rank : leastRank == 2 && mostRank == 3 && input.Rank == 2 ? 1 : 2;
        int[] shape = (int[])input.Layout.Shape.Clone();
        shape.AsSpan(chosen).Fill(1);
        Tensor mask = Tensor.Allocate(Layout.Contiguous(shape), DType.UInt8, input.Device);
        using (Autograd.NoGrad()) mask.BernoulliInPlace(1 - p, generator);
        if (!alpha || p == 1) return Drop(input, mask, p == 1 ? 0 : 1 / (1 - p));
        // Minus the lowest value of Selu, scale * alpha.
        const double Lowest = 1.7580993408473766;
        double scale = 1 / Math.Sqrt((Lowest * Lowest * p + 1) * (1 - p));
        return Drop(input, mask, scale) + ((mask.To(input.DType) - 1) * (Lowest * scale) + Lowest * scale * p);
    }
}

/// <summary>What layers share that drop whole channels, or to other values than 0.</summary>
public abstract class ChannelDropout : Module<Tensor, Tensor>
{
    private readonly Generator? _generator;
    private readonly Func<Tensor, double, bool, Generator?, Tensor> _function;

    private protected ChannelDropout(double p, Generator? generator, Func<Tensor, double, bool, Generator?, Tensor> function)
    {
        Check.Fraction(TypeName, p);
        (P, _generator, _function) = (p, generator, function);
    }

    /// <summary>The probability of a channel, or an element, to be dropped.</summary>
    public double P { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => _function(input, P, IsTraining, _generator);

    /// <inheritdoc/>
    protected override string ExtraText => $"p={PythonText.Of(P)}, inplace=False";
}

/// <summary>Sets whole channels of sequences to zero while training. torch.nn.Dropout1d.</summary>
/// <param name="p">The probability, in [0, 1].</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class Dropout1d(double p = 0.5, Generator? generator = null) : ChannelDropout(p, generator, Functional.Dropout1d);

/// <summary>Sets whole channels of images to zero while training. torch.nn.Dropout2d.</summary>
/// <param name="p">The probability, in [0, 1].</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class Dropout2d(double p = 0.5, Generator? generator = null) : ChannelDropout(p, generator, Functional.Dropout2d);

/// <summary>Sets whole channels of volumes to zero while training. torch.nn.Dropout3d.</summary>
/// <param name="p">The probability, in [0, 1].</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class Dropout3d(double p = 0.5, Generator? generator = null) : ChannelDropout(p, generator, Functional.Dropout3d);

/// <summary>Sets elements to the lowest value of Selu while training, and keeps mean and variance. torch.nn.AlphaDropout.</summary>
/// <param name="p">The probability, in [0, 1].</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class AlphaDropout(double p = 0.5, Generator? generator = null) : ChannelDropout(p, generator, Functional.AlphaDropout);

/// <summary>Sets whole channels to the lowest value of Selu while training, and keeps mean and variance. torch.nn.FeatureAlphaDropout.</summary>
/// <param name="p">The probability, in [0, 1].</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class FeatureAlphaDropout(double p = 0.5, Generator? generator = null) : ChannelDropout(p, generator, Functional.FeatureAlphaDropout);
