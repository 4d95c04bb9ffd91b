namespace Facula.NN;

/// <summary>Which layer an initial spread is made for: its gain makes up for what the function does to it.</summary>
public enum Nonlinearity
{
    /// <summary>None, or a convolution: gain 1.</summary>
    Linear,
    /// <summary>Gain 1.</summary>
    Sigmoid,
    /// <summary>Gain 5/3.</summary>
    Tanh,
    /// <summary>Gain √2.</summary>
    Relu,
    /// <summary>Gain √(2 / (1 + slope²)).</summary>
    LeakyRelu,
    /// <summary>Gain 3/4.</summary>
    Selu,
}

/// <summary>Whether the spread of activations (FanIn) or that of gradients (FanOut) is kept from layer to layer.</summary>
public enum FanMode
{
    /// <summary>The number of inputs each output is made of.</summary>
    FanIn,
    /// <summary>The number of outputs each input goes to.</summary>
    FanOut,
}

/// <summary>
/// Initial values: each function writes over a tensor, unrecorded, and gives it back. Random ones take their numbers from the default
/// generator unless one is given. torch.nn.init.
/// </summary>
public static class Init
{
    /// <summary>Uniform in [low, high). torch.nn.init.uniform_.</summary>
    public static Tensor Uniform(Tensor tensor, double low = 0, double high = 1, Generator? generator = null)
    {
        using GradModeScope scope = Autograd.NoGrad();
        return Check.NotNull(tensor).UniformInPlace(low, high, generator);
    }

    /// <summary>Normal with a mean and a standard deviation. torch.nn.init.normal_.</summary>
    public static Tensor Normal(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null)
    {
        using GradModeScope scope = Autograd.NoGrad();
        return Check.NotNull(tensor).NormalInPlace(mean, std, generator);
    }

    /// <summary>Normal, but between low and high, as if what falls outside were drawn again. torch.nn.init.trunc_normal_.</summary>
    public static Tensor TruncNormal(Tensor tensor, double mean = 0, double std = 1, double low = -2, double high = 2, Generator? generator = null)
    {
        using GradModeScope scope = Autograd.NoGrad();
        Check.Finite("Init.TruncNormal", mean);
        Check.Positive("Init.TruncNormal", std);
        if (!(low <= high)) throw new ArgumentException($"Init.TruncNormal: low {low} is not below high {high}.", nameof(low));
        double from = NormalQuantile.Cdf((low - mean) / std), to = NormalQuantile.Cdf((high - mean) / std);
        double[] values = Tensor.Empty(Check.NotNull(tensor).Shape, DType.Float64, Device.Cpu).UniformInPlace(from, to, generator).ToArray<double>();
        for (int i = 0; i < values.Length; i++) values[i] = Math.Clamp(mean + std * NormalQuantile.Of(values[i]), low, high);
        return tensor.CopyInPlace(Tensor.From<double>(values, tensor.Shape, tensor.DType, tensor.Device));
    }

    /// <summary>One value everywhere. torch.nn.init.constant_.</summary>
    public static Tensor Constant(Tensor tensor, double value)
    {
        using GradModeScope scope = Autograd.NoGrad();
        return Check.NotNull(tensor).FillInPlace(value);
    }

    /// <summary>Ones. torch.nn.init.ones_.</summary>
    public static Tensor Ones(Tensor tensor) => Constant(tensor, 1);

    /// <summary>Zeros. torch.nn.init.zeros_.</summary>
    public static Tensor Zeros(Tensor tensor) => Constant(tensor, 0);

    /// <summary>A matrix with ones on the diagonal, zeros elsewhere. torch.nn.init.eye_.</summary>
    public static Tensor Eye(Tensor tensor)
    {
        Check.Rank("Init.Eye", tensor, 2);
        Zeros(tensor);
        Layout layout = tensor.Layout;
        var diagonal = new Layout([Math.Min(layout.Shape[0], layout.Shape[1])], [layout.Strides[0] + layout.Strides[1]], layout.Offset);
        Ones(tensor.Detach().Alias(diagonal));
        return tensor;
    }

    /// <summary>Uniform within ±gain √(6 / (fan in + fan out)). Glorot and Bengio 2010. torch.nn.init.xavier_uniform_.</summary>
    public static Tensor XavierUniform(Tensor tensor, double gain = 1, Generator? generator = null) =>
        UniformWithin(tensor, Math.Sqrt(3) * XavierStd(tensor, gain), generator);

    /// <summary>Normal with deviation gain √(2 / (fan in + fan out)). Glorot and Bengio 2010. torch.nn.init.xavier_normal_.</summary>
    public static Tensor XavierNormal(Tensor tensor, double gain = 1, Generator? generator = null) => Normal(tensor, 0, XavierStd(tensor, gain), generator);

    /// <summary>Uniform within ±gain √(3 / fan). He et al. 2015, arXiv:1502.01852. torch.nn.init.kaiming_uniform_.</summary>
    /// <param name="tensor">A weight: [out, in] or [out, in, ...].</param>
    /// <param name="a">The negative slope of the leaky ReLU that follows.</param>
    /// <param name="mode">Which fan.</param>
    /// <param name="nonlinearity">What follows.</param>
    /// <param name="generator">Where the random numbers come from.</param>
    public static Tensor KaimingUniform(Tensor tensor, double a = 0, FanMode mode = FanMode.FanIn, Nonlinearity nonlinearity = Nonlinearity.LeakyRelu,
        Generator? generator = null) => UniformWithin(tensor, Math.Sqrt(3) * KaimingStd(tensor, a, mode, nonlinearity), generator);

    /// <summary>Normal with deviation gain / √fan. He et al. 2015, arXiv:1502.01852. torch.nn.init.kaiming_normal_.</summary>
    public static Tensor KaimingNormal(Tensor tensor, double a = 0, FanMode mode = FanMode.FanIn, Nonlinearity nonlinearity = Nonlinearity.LeakyRelu,
        Generator? generator = null) => Normal(tensor, 0, KaimingStd(tensor, a, mode, nonlinearity), generator);

    /// <summary>
    /// Rows (or columns, if there are fewer) that are orthogonal and of length gain; what comes after the first dimension counts as one.
    /// Saxe et al. 2013, arXiv:1312.6120. torch.nn.init.orthogonal_.
    /// </summary>
    public static Tensor Orthogonal(Tensor tensor, double gain = 1, Generator? generator = null)
    {
        if (Check.NotNull(tensor).Rank < 2)
            throw new ArgumentException($"Init.Orthogonal: needs at least two dimensions, but the tensor has shape {tensor.Shape}.");
        Check.Finite("Init.Orthogonal", gain);
        if (tensor.Count == 0) return tensor;
        using GradModeScope scope = Autograd.NoGrad();
        int rows = tensor.Size(0),
            columns = Check.Size("Init.Orthogonal", tensor.Count / rows, "the number of columns, all dimensions but the first together,");
        int vectors = Math.Min(rows, columns), length = Math.Max(rows, columns);
        double[] values = Tensor.Empty([vectors, length], DType.Float64, Device.Cpu).NormalInPlace(0, 1, generator).ToArray<double>();
        Orthonormalize(values, length);
        Tensor result = Tensor.From<double>(values, [vectors, length], device: Device.Cpu);
        return tensor.CopyInPlace(((rows > columns ? result.T : result) * gain).Reshape(tensor.Shape.AsSpan()).To(tensor.DType, tensor.Device));
    }

    /// <summary>The factor by which a layer before this function should spread its weights more. torch.nn.init.calculate_gain.</summary>
    /// <param name="nonlinearity">The function.</param>
    /// <param name="slope">The negative slope of a leaky ReLU.</param>
    public static double CalculateGain(Nonlinearity nonlinearity, double slope = 0.01) => nonlinearity switch
    {
        Nonlinearity.Linear or Nonlinearity.Sigmoid => 1,
        Nonlinearity.Tanh => 5.0 / 3,
        Nonlinearity.Relu => Math.Sqrt(2),
        Nonlinearity.LeakyRelu => Math.Sqrt(2 / (1 + Check.Finite("Init.CalculateGain", slope) * slope)),
        Nonlinearity.Selu => 0.75,
        _ => throw new ArgumentOutOfRangeException(nameof(nonlinearity)),
    };

    /// <summary>The number of inputs of an output of a weight, and of outputs of an input.</summary>
    /// <exception cref="ArgumentException">The tensor has less than two dimensions.</exception>
    public static (int FanIn, int FanOut) Fans(Tensor tensor)
    {
        if (Check.NotNull(tensor).Rank < 2)
            throw new ArgumentException("Init: fan in and fan out are those of weights with at least two dimensions, but this tensor has " +
                $"shape {tensor.Shape}.");
        long field = 1;
        foreach (int size in tensor.Shape.AsSpan()[2..]) field *= size;
        return (Check.Size("Init", tensor.Size(1) * field, "fan in"), Check.Size("Init", tensor.Size(0) * field, "fan out"));
    }

    /// <summary>Uniform within ±bound, as most layers start.</summary>
    internal static Tensor UniformWithin(Tensor tensor, double bound, Generator? generator) => Uniform(tensor, -bound, bound, generator);

    private static double XavierStd(Tensor tensor, double gain)
    {
        (int fanIn, int fanOut) = Fans(tensor);
        return Check.Finite("Init.Xavier", gain) * Math.Sqrt(2.0 / Math.Max(1.0, (double)fanIn + fanOut));
    }

    // A layer without inputs has nothing to initialise.
    private static double KaimingStd(Tensor tensor, double a, FanMode mode, Nonlinearity nonlinearity)
    {
        (int fanIn, int fanOut) = Fans(tensor);
        return CalculateGain(nonlinearity, a) / Math.Sqrt(Math.Max(1, mode == FanMode.FanIn ? fanIn : fanOut));
    }

    /// <summary>Gram-Schmidt on the rows, each twice: once leaves errors that the second time takes away.</summary>
    private static void Orthonormalize(double[] values, int length)
    {
        for (int i = 0; i < values.Length; i += length)
        {
            Span<double> row = values.AsSpan(i, length);
            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < i; j += length)
                {
                    ReadOnlySpan<double> other = values.AsSpan(j, length);
                    double dot = 0;
                    for (int k = 0; k < length; k++) dot += row[k] * other[k];
                    for (int k = 0; k < length; k++) row[k] -= dot * other[k];
                }
            }
            double norm = 0;
            foreach (double value in row) norm += value * value;
            norm = Math.Sqrt(norm);
            foreach (ref double value in row) value /= norm;
        }
    }
}
