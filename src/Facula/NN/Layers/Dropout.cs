using Facula.Backends;
using Facula.Numerics;

namespace Facula.NN;

/// <summary>x times the mask, which is 0 or 1, times a scale: a NaN that is dropped stays one, as in PyTorch.</summary>
internal readonly struct DropMap(double scale) : IMap2
{
    public T Invoke<T>(T x, T mask) where T : INum<T> => x * (mask * T.Parameter(scale));
}

internal sealed class DropoutNode : Node
{
    private readonly double _scale;

    public DropoutNode(Tensor mask, double scale)
    {
        _scale = scale;
        Save(mask);
    }

    public override string Name => "dropout";

    protected override void Backward(Tensor gradient, Gradients into) => into[0] = Functional.Drop(gradient, A, _scale);
}

public static partial class Functional
{
    /// <summary>
    /// Sets elements to zero with probability p, each for itself, and multiplies the others by 1 / (1 - p), so that the expected value stays; the input itself
    /// where not training. Hinton et al. 2012, arXiv:1207.0580. torch.nn.functional.dropout.
    /// </summary>
    /// <param name="input">Of floating-point type.</param>
    /// <param name="p">The probability, in [0, 1].</param>
    /// <param name="training">Whether anything is done at all.</param>
    /// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
    public static Tensor Dropout(Tensor input, double p = 0.5, bool training = true, Generator? generator = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Fraction("Dropout", p);
        Check.Floating("Dropout", input);
        if (!training || p == 0) return input;
        Tensor mask = Tensor.Allocate(input.Layout, DType.UInt8, input.Device);
        using (Autograd.NoGrad()) mask.BernoulliInPlace(1 - p, generator);
        return Drop(input, mask, p == 1 ? 0 : 1 / (1 - p));
    }

    internal static Tensor Drop(Tensor input, Tensor mask, double scale)
    {
        Tensor y = Tensor.Allocate(input.Layout, input.DType, input.Device);
        input.Device.Backend.Map2(new DropMap(scale), input.DType, y.Operand, input.Operand, mask.Operand);
        return GradMode.Records(input) ? new DropoutNode(mask, scale).Record(y, input) : y;
    }
}

/// <summary>
/// Sets elements to zero with a probability while training, and multiplies the others so that the expected value stays. torch.nn.Dropout.
/// </summary>
/// <param name="p">The probability, in [0, 1].</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class Dropout(double p = 0.5, Generator? generator = null) : Module<Tensor, Tensor>
{
    /// <summary>The probability of an element to become zero.</summary>
    public double P { get; } = Check.Fraction("Dropout", p);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Dropout(input, P, IsTraining, generator);

    /// <inheritdoc/>
    protected override string ExtraText => $"p={PythonText.Of(P)}, inplace=False";
}
