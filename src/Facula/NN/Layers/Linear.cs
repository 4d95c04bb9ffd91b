namespace Facula.NN;

/// <summary>y = x Wᵀ + b, from [..., inFeatures] to [..., outFeatures]. torch.nn.Linear.</summary>
public partial class Linear : Module<Tensor, Tensor>, IFusion
{
    /// <summary>A layer whose weight and bias start uniform within ±1/√inFeatures.</summary>
    /// <param name="inFeatures">The last size of the input.</param>
    /// <param name="outFeatures">The last size of the output.</param>
    /// <param name="bias">Whether something is added to the product.</param>
    /// <param name="dtype">A floating-point type; Float32 if null.</param>
    /// <param name="device">Where the parameters are; the processor if left out.</param>
    /// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
    public Linear(int inFeatures, int outFeatures, bool bias = true, DType? dtype = null, Device? device = null, Generator? generator = null)
    {
        Weight = new(Init.KaimingUniform(Tensor.Empty([outFeatures, inFeatures], dtype, device), Math.Sqrt(5), generator: generator));
        if (bias) Bias = new(Init.UniformWithin(Tensor.Empty([outFeatures], dtype, device), inFeatures > 0 ? 1 / Math.Sqrt(inFeatures) : 0, generator));
    }

    /// <summary>[outFeatures, inFeatures].</summary>
    public Parameter Weight { get; set => field = Check.NotNull(value, operation: TypeName); }

    /// <summary>[outFeatures]; null where there is none.</summary>
    public Parameter? Bias { get; set; }

    /// <summary>The last size of the input.</summary>
    public int InFeatures => Weight.Size(1);

    /// <summary>The last size of the output.</summary>
    public int OutFeatures => Weight.Size(0);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Linear(input, Weight, Bias);

    Tensor IFusion.Forward(Tensor input, ref Followers followers) => Functional.Linear(input, Weight, Bias, followers.TakeRelu());

    /// <inheritdoc/>
    protected override string ExtraText => $"in_features={InFeatures}, out_features={OutFeatures}, bias={PythonText.Of(Bias is not null)}";
}
