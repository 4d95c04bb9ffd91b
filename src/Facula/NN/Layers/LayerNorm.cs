namespace Facula.NN;

/// <summary>Normalisation over the last dimensions, with a learned weight and bias. torch.nn.LayerNorm.</summary>
public partial class LayerNorm : Module<Tensor, Tensor>
{
    private readonly bool _affine;

    /// <summary>A layer whose weight starts at 1 and whose bias at 0.</summary>
    /// <param name="normalizedShape">The sizes of the last dimensions, over which is normalised, e.g. [512].</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    /// <param name="elementwiseAffine">Whether there are weight and bias.</param>
    /// <param name="bias">Whether there is a bias, where there is a weight.</param>
    /// <param name="dtype">A floating-point type; Float32 if null.</param>
    /// <param name="device">Where the parameters are; the processor if left out.</param>
    public LayerNorm(Shape normalizedShape, double eps = 1e-5, bool elementwiseAffine = true, bool bias = true, DType? dtype = null, Device? device = null)
    {
        (NormalizedShape, Eps, _affine) = (normalizedShape, Check.NotNegative("LayerNorm", eps), elementwiseAffine);
        if (elementwiseAffine) Weight = new(Tensor.Ones(normalizedShape, dtype, device));
        if (elementwiseAffine && bias) Bias = new(Tensor.Zeros(normalizedShape, dtype, device));
    }

    /// <summary>A layer that normalises over the last dimension.</summary>
    /// <param name="normalizedSize">The size of the last dimension.</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    /// <param name="elementwiseAffine">Whether there are weight and bias.</param>
    /// <param name="bias">Whether there is a bias, where there is a weight.</param>
    /// <param name="dtype">A floating-point type; Float32 if null.</param>
    /// <param name="device">Where the parameters are; the processor if left out.</param>
    public LayerNorm(int normalizedSize, double eps = 1e-5, bool elementwiseAffine = true, bool bias = true, DType? dtype = null, Device? device = null)
        : this([normalizedSize], eps, elementwiseAffine, bias, dtype, device) { }

    /// <summary>Of <see cref="NormalizedShape"/>; null where there is none.</summary>
    public Parameter? Weight { get; set; }

    /// <summary>Of <see cref="NormalizedShape"/>; null where there is none.</summary>
    public Parameter? Bias { get; set; }

    /// <summary>The sizes of the last dimensions.</summary>
    public Shape NormalizedShape { get; }

    /// <summary>Keeps the divisor from 0.</summary>
    public double Eps { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.RowNorm(this, "layerNorm", input, NormalizedShape, Weight, Bias, Eps, centred: true);

    /// <inheritdoc/>
    protected override string ExtraText => $"{PythonText.Tuple(NormalizedShape)}, eps={PythonText.Of(Eps)}, elementwise_affine={PythonText.Of(_affine)}";
}

/// <summary>Division by the root mean square over the last dimensions, with a learned weight. torch.nn.RMSNorm.</summary>
public partial class RmsNorm : Module<Tensor, Tensor>
{
    private readonly bool _affine;

    /// <summary>A layer whose weight starts at 1.</summary>
    /// <param name="normalizedShape">The sizes of the last dimensions, over which is normalised, e.g. [512].</param>
    /// <param name="eps">Keeps the divisor from 0; the distance from 1 to the next number of the input's type if left out.</param>
    /// <param name="elementwiseAffine">Whether there is a weight.</param>
    /// <param name="dtype">A floating-point type; Float32 if null.</param>
    /// <param name="device">Where the weight is; the processor if left out.</param>
    public RmsNorm(Shape normalizedShape, double? eps = null, bool elementwiseAffine = true, DType? dtype = null, Device? device = null)
    {
        if (eps is { } given) Check.NotNegative("RmsNorm", given, nameof(eps));
        (NormalizedShape, Eps, _affine) = (normalizedShape, eps, elementwiseAffine);
        if (elementwiseAffine) Weight = new(Tensor.Ones(normalizedShape, dtype, device));
    }

    /// <summary>A layer that works over the last dimension.</summary>
    /// <param name="normalizedSize">The size of the last dimension.</param>
    /// <param name="eps">Keeps the divisor from 0; the distance from 1 to the next number of the input's type if left out.</param>
    /// <param name="elementwiseAffine">Whether there is a weight.</param>
    /// <param name="dtype">A floating-point type; Float32 if null.</param>
    /// <param name="device">Where the weight is; the processor if left out.</param>
    public RmsNorm(int normalizedSize, double? eps = null, bool elementwiseAffine = true, DType? dtype = null, Device? device = null)
        : this([normalizedSize], eps, elementwiseAffine, dtype, device) { }

    /// <summary>Of <see cref="NormalizedShape"/>; null where there is none.</summary>
    public Parameter? Weight { get; set; }

    /// <summary>The sizes of the last dimensions.</summary>
    public Shape NormalizedShape { get; }

    /// <summary>Keeps the divisor from 0; null for the input type's own.</summary>
    public double? Eps { get; }

    /// <inheritdoc/>
    protected internal override string TypeName => IsBuiltIn ? "RMSNorm" : base.TypeName;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.RowNorm(this, "rmsNorm", input, NormalizedShape, Weight, null, Eps ?? Functional.EpsilonOf(input), centred: false);

    /// <inheritdoc/>
    protected override string ExtraText =>
        $"{PythonText.Tuple(NormalizedShape)}, eps={(Eps is { } eps ? PythonText.Of(eps) : "None")}, elementwise_affine={PythonText.Of(_affine)}";
}
