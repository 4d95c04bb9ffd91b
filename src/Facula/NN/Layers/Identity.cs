namespace Facula.NN;

/// <summary>Gives its input back; takes the place of a layer that is left out. torch.nn.Identity.</summary>
public partial class Identity : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input;
}
