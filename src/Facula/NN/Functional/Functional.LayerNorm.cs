namespace Facula.NN;

public static partial class Functional
{
    /// <summary>
    /// Normalises over the last dimensions: (x - mean) / sqrt(variance + eps) * weight + bias. Ba et al. 2016, arXiv:1607.06450.
    /// torch.nn.functional.layer_norm.
    /// </summary>
    /// <param name="input">[..., normalizedShape].</param>
    /// <param name="normalizedShape">The sizes of the dimensions that are normalised over.</param>
    /// <param name="weight">Of normalizedShape, or null for 1.</param>
    /// <param name="bias">Of normalizedShape, or null for 0.</param>
    /// <param name="eps">Keeps the divisor from 0.</param>
    /// <exception cref="ArgumentException">The shapes or types do not fit.</exception>
    public static Tensor LayerNorm(Tensor input, Shape normalizedShape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
        RowNorm("LayerNorm", "layerNorm", input, normalizedShape, weight, bias, eps, centred: true);

    /// <summary>
    /// Divides by the root mean square over the last dimensions: x / sqrt(mean(x²) + eps) * weight. Zhang and Sennrich 2019, arXiv:1910.07467.
    /// torch.nn.functional.rms_norm.
    /// </summary>
    /// <param name="input">[..., normalizedShape].</param>
    /// <param name="normalizedShape">The sizes of the dimensions that are normalised over.</param>
    /// <param name="weight">Of normalizedShape, or null for 1.</param>
    /// <param name="eps">Keeps the divisor from 0; the distance from 1 to the next number of the input's type if left out.</param>
    /// <exception cref="ArgumentException">The shapes or types do not fit.</exception>
    public static Tensor RmsNorm(Tensor input, Shape normalizedShape, Tensor? weight = null, double? eps = null) =>
        RowNorm("RmsNorm", "rmsNorm", input, normalizedShape, weight, null, eps ?? EpsilonOf(input), centred: false);

    internal static Tensor RowNorm(object caller, string operation, Tensor input, Shape normalizedShape, Tensor? weight, Tensor? bias, double eps, bool centred)
    {
        ArgumentNullException.ThrowIfNull(input);
        string name = caller as string ?? caller.GetType().Name;
        Check.Floating(name, input);
        Check.NotNegative(name, eps);
        input = AutocastMode.Widen(input);
        int[] sizes = normalizedShape.Sizes;
        if (sizes.Length == 0 || input.Rank < sizes.Length || !input.Layout.Shape.AsSpan(input.Rank - sizes.Length).SequenceEqual(sizes))
        {
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} does not fit: its last dimension(s) must be {normalizedShape}, " +
                "over which it is normalised.");
        }
        CheckLike(caller, input, normalizedShape, weight, "a weight");
        CheckLike(caller, input, normalizedShape, bias, "a bias");
        return Tensor.RowNorm(operation, input, weight, bias,
            Check.Size(operation, normalizedShape.Elements, "the number of elements that are normalized together"), eps, centred);
    }

    /// <summary>The distance from 1 to the next larger number.</summary>
    internal static double EpsilonOf(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.DType.Kind switch
        {
            ElementType.Float64 => Math.ScaleB(1, -52),
            ElementType.Float16 => Math.ScaleB(1, -10),
            ElementType.BFloat16 => Math.ScaleB(1, -7),
            _ => Math.ScaleB(1, -23),
        };
    }

    private static void CheckLike(object caller, Tensor input, Shape shape, Tensor? vector, string what)
    {
        if (vector is null) return;
        if (vector.Shape != shape)
            throw new ArgumentException($"{caller}: {what} of shape {vector.Shape} does not fit: it needs the shape {shape}, over which is normalised.");
        Check.SameDevice(caller as string ?? caller.GetType().Name, input, vector);
        if (vector.DType != input.DType)
        {
            throw new ArgumentException($"{caller}: {what} of type {vector.DType.PyTorchName} does not fit an input of type {input.DType.PyTorchName}; " +
                "convert one with To(dtype).");
        }
    }
}
