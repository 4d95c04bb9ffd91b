namespace Facula;

public partial class Tensor
{
    /// <summary>Normally distributed numbers, of mean 0 and standard deviation 1. torch.randn.</summary>
    public static Tensor Randn(params Shape shape) => NewRandom(shape, NormalFrom("randn", DType.Float32, 0, 1), DType.Float32, null, false, null);

    /// <summary>Normally distributed numbers of a type, on a device, from a generator. torch.randn.</summary>
    public static Tensor Randn(Shape shape, DType? dtype = null, Device? device = null, bool requiresGrad = false, Generator? generator = null) =>
        NewRandom(shape, NormalFrom("randn", dtype ?? DType.Float32, 0, 1), dtype ?? DType.Float32, device, requiresGrad, generator);

    /// <summary>Normally distributed numbers in this tensor's shape, type and device. torch.randn_like.</summary>
    public Tensor RandnLike(DType? dtype = null, Generator? generator = null) => Randn(Shape, dtype ?? DType, Device, generator: generator);

    /// <summary>Fills this tensor with normally distributed numbers. torch.Tensor.normal_.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type, or the deviation is negative.</exception>
    public Tensor NormalInPlace(double mean = 0, double std = 1, Generator? generator = null) =>
        RandomInPlace("normal", NormalFrom("normal", DType, mean, std), generator);
}
