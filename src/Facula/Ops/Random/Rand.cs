namespace Facula;

public partial class Tensor
{
    /// <summary>Numbers spread evenly over [0, 1). torch.rand.</summary>
    public static Tensor Rand(params Shape shape) => NewRandom(shape, UniformFrom("rand", DType.Float32, 0, 1), DType.Float32, null, false, null);

    /// <summary>Numbers spread evenly over [0, 1), of a type, on a device, from a generator. torch.rand.</summary>
    public static Tensor Rand(Shape shape, DType? dtype = null, Device? device = null, bool requiresGrad = false, Generator? generator = null) =>
        NewRandom(shape, UniformFrom("rand", dtype ?? DType.Float32, 0, 1), dtype ?? DType.Float32, device, requiresGrad, generator);

    /// <summary>Numbers spread evenly over [0, 1) in this tensor's shape, type and device. torch.rand_like.</summary>
    public Tensor RandLike(DType? dtype = null, Generator? generator = null) => Rand(Shape, dtype ?? DType, Device, generator: generator);

    /// <summary>Fills this tensor with numbers spread evenly over [low, high). torch.Tensor.uniform_.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type, or low is above high.</exception>
    public Tensor UniformInPlace(double low = 0, double high = 1, Generator? generator = null) =>
        RandomInPlace("uniform", UniformFrom("uniform", DType, low, high), generator);

    /// <summary>Fills this tensor with exponentially distributed numbers, of mean 1 / rate. torch.Tensor.exponential_.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type, or the rate is not positive.</exception>
    public Tensor ExponentialInPlace(double rate = 1, Generator? generator = null)
    {
        if (!(rate > 0)) throw new ArgumentOutOfRangeException(nameof(rate), rate, "exponential: a rate is positive.");
        Check.Floating("exponential", this);
        Tensor uniform = RandLike(generator: generator);
        return CopyInPlace(uniform.Neg().Log1p() * (-1 / rate));
    }
}
