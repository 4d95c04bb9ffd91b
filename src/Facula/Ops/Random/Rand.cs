namespace Facula;

public partial class Tensor
{
    /// <summary>Numbers spread evenly over [0, 1). torch.rand.</summary>
    public static Tensor Rand(params Shape shape) => Rand(shape, dtype: null);

    /// <summary>
    /// Numbers spread evenly over [0, 1), of a type (Float32 if null), on a device (<see cref="Device.Default"/> if null), from a generator (the default one if
    /// null). torch.rand.
    /// </summary>
    /// <exception cref="ArgumentException">The type is not a floating-point one, or a size is negative.</exception>
    public static Tensor Rand(Shape shape, DType? dtype = null, Device? device = null, bool requiresGrad = false, Generator? generator = null)
    {
        DType type = dtype ?? DType.Float32;
        return NewRandom(shape, UniformFrom("rand", type, 0, 1), type, device, requiresGrad, generator);
    }

    /// <summary>The same with the sizes one by one: <c>Tensor.Rand(2, 3, requiresGrad: true)</c>. torch.rand.</summary>
    /// <exception cref="ArgumentException">The type is not a floating-point one, or a size is negative.</exception>
    public static Tensor Rand(int size0, int? size1 = null, int? size2 = null, int? size3 = null, int? size4 = null,
        DType? dtype = null, Device? device = null, bool requiresGrad = false, Generator? generator = null) =>
        Rand(Sizes(size0, size1, size2, size3, size4), dtype, device, requiresGrad, generator);

    /// <summary>
    /// Numbers spread evenly over [0, 1), in this tensor's shape, and in its type and on its device unless others are given. torch.rand_like.
    /// </summary>
    /// <exception cref="ArgumentException">The type is not a floating-point one.</exception>
    public Tensor RandLike(DType? dtype = null, Device? device = null, bool requiresGrad = false, Generator? generator = null) =>
        Rand(Shape, dtype ?? DType, device ?? Device, requiresGrad, generator);

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
