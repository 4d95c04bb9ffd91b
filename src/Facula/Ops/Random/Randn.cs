namespace Facula;

public partial class Tensor
{
    /// <summary>Normally distributed numbers, of mean 0 and standard deviation 1. torch.randn.</summary>
    public static Tensor Randn(params Shape shape) => Randn(shape, dtype: null);

    /// <summary>
    /// Normally distributed numbers, of mean 0 and standard deviation 1, of a type (Float32 if null), on a device (<see cref="Device.Default"/> if null), from
    /// a generator (the default one if null). torch.randn.
    /// </summary>
    /// <exception cref="ArgumentException">The type is not a floating-point one, or a size is negative.</exception>
    public static Tensor Randn(Shape shape, DType? dtype = null, Device? device = null, bool requiresGrad = false, Generator? generator = null)
    {
        DType type = dtype ?? DType.Float32;
        return NewRandom(shape, NormalFrom("randn", type, 0, 1), type, device, requiresGrad, generator);
    }

    /// <summary>The same with the sizes one by one: <c>Tensor.Randn(2, 3, requiresGrad: true)</c>. torch.randn.</summary>
    /// <exception cref="ArgumentException">The type is not a floating-point one, or a size is negative.</exception>
    public static Tensor Randn(int size0, int? size1 = null, int? size2 = null, int? size3 = null, int? size4 = null,
        DType? dtype = null, Device? device = null, bool requiresGrad = false, Generator? generator = null) =>
        Randn(Sizes(size0, size1, size2, size3, size4), dtype, device, requiresGrad, generator);

    /// <summary>
    /// Normally distributed numbers, of mean 0 and standard deviation 1, in this tensor's shape, and in its type and on its device unless others are given.
    /// torch.randn_like.
    /// </summary>
    /// <exception cref="ArgumentException">The type is not a floating-point one.</exception>
    public Tensor RandnLike(DType? dtype = null, Device? device = null, bool requiresGrad = false, Generator? generator = null) =>
        Randn(Shape, dtype ?? DType, device ?? Device, requiresGrad, generator);

    /// <summary>Fills this tensor with normally distributed numbers. torch.Tensor.normal_.</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ArgumentException">The tensor is not of floating-point type, or the deviation is negative.</exception>
    public Tensor NormalInPlace(double mean = 0, double std = 1, Generator? generator = null) =>
        RandomInPlace("normal", NormalFrom("normal", DType, mean, std), generator);
}
