namespace Facula.NN;

/// <summary>Normalisation of each sample's channels in groups, with a learned weight and bias for each channel. torch.nn.GroupNorm.</summary>
public partial class GroupNorm : Module<Tensor, Tensor>
{
    /// <summary>A layer whose weight starts at 1 and whose bias at 0.</summary>
    /// <param name="numGroups">Into how many groups the channels are cut.</param>
    /// <param name="numChannels">The number of channels, a multiple of the groups.</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    /// <param name="affine">Whether there are weight and bias.</param>
    /// <param name="dtype">A floating-point type; Float32 if null.</param>
    /// <param name="device">Where the parameters are; the processor if left out.</param>
    /// <exception cref="ArgumentException">The groups do not divide the channels.</exception>
    public GroupNorm(int numGroups, int numChannels, double eps = 1e-5, bool affine = true, DType? dtype = null, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numChannels);
        if (numGroups < 1 || numChannels % numGroups != 0)
            throw new ArgumentException($"GroupNorm: {numChannels} channels cannot be cut into {numGroups} groups of the same size.", nameof(numGroups));
        (NumGroups, NumChannels, Eps) = (numGroups, numChannels, Check.NotNegative("GroupNorm", eps));
        if (!affine) return;
        Weight = new(Tensor.Ones([numChannels], dtype, device));
        Bias = new(Tensor.Zeros([numChannels], dtype, device));
    }

    /// <summary>[numChannels]; null where there is none.</summary>
    public Parameter? Weight { get; set; }

    /// <summary>[numChannels]; null where there is none.</summary>
    public Parameter? Bias { get; set; }

    /// <summary>Into how many groups the channels are cut.</summary>
    public int NumGroups { get; }

    /// <summary>The number of channels.</summary>
    public int NumChannels { get; }

    /// <summary>Keeps the divisor from 0.</summary>
    public double Eps { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.GroupNorm(this, input, NumGroups, Weight, Bias, Eps);

    /// <inheritdoc/>
    protected override string ExtraText => $"{NumGroups}, {NumChannels}, eps={PythonText.Of(Eps)}, affine={PythonText.Of(Weight is not null)}";
}

/// <summary>Division by the squares of the channels around each element. torch.nn.LocalResponseNorm.</summary>
/// <param name="size">The number of channels that count.</param>
/// <param name="alpha">How much they count.</param>
/// <param name="beta">The exponent.</param>
/// <param name="k">Keeps the divisor from 0.</param>
public partial class LocalResponseNorm(int size, double alpha = 1e-4, double beta = 0.75, double k = 1)
    : Activation("LocalResponseNorm", x => Functional.LocalResponseNorm(x, size, alpha, beta, k),
        $"{size}, alpha={PythonText.Of(alpha)}, beta={PythonText.Of(beta)}, k={PythonText.Of(k)}");
