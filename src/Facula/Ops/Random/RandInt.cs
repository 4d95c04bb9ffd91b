using Facula.Backends;

namespace Facula;

public partial class Tensor
{
    /// <summary>
    /// Integers from 0 to high (exclusive), all equally likely; Int64 unless a type is given, on <see cref="Device.Default"/> unless a device is.
    /// torch.randint.
    /// </summary>
    /// <exception cref="ArgumentException">high is not above 0, or beyond the range of the type.</exception>
    public static Tensor RandInt(long high, Shape shape, DType? dtype = null, Device? device = null, Generator? generator = null) =>
        RandInt(0, high, shape, dtype, device, generator);

    /// <summary>
    /// Integers from low to high (exclusive), all equally likely; Int64 unless a type is given, on <see cref="Device.Default"/> unless a device is.
    /// torch.randint.
    /// </summary>
    /// <exception cref="ArgumentException">low is not below high, or a number between them is beyond the range of the type.</exception>
    public static Tensor RandInt(long low, long high, Shape shape, DType? dtype = null, Device? device = null, Generator? generator = null)
    {
        if (low >= high) throw new ArgumentException($"RandInt: low {low} is not below high {high}, which is exclusive.", nameof(high));
        DType type = dtype ?? DType.Int64;
        foreach (Scalar end in (ReadOnlySpan<Scalar>)[low, high - 1])
        {
            if (type == DType.Bool ? end.ToInt64() is not (0 or 1) : !end.Fits(type, wraps: false))
                throw new ArgumentException($"RandInt: numbers from {low} to {high - 1} do not fit {type.PyTorchName}; take a wider type.", nameof(dtype));
        }
        return NewRandom(shape, new(DistributionKind.Integer, 0, 0, low, high), type, device, false, generator);
    }

    /// <summary>
    /// Integers from low to high (exclusive), all equally likely, in this tensor's shape, and in its type and on its device unless others are given.
    /// torch.randint_like.
    /// </summary>
    /// <exception cref="ArgumentException">low is not below high, or a number between them is beyond the range of the type.</exception>
    public Tensor RandIntLike(long low, long high, DType? dtype = null, Device? device = null, Generator? generator = null) =>
        RandInt(low, high, Shape, dtype ?? DType, device ?? Device, generator);

    /// <summary>Integers from 0 to high (exclusive), all equally likely, in this tensor's shape. torch.randint_like.</summary>
    /// <exception cref="ArgumentException">high is not above 0, or beyond the range of the type.</exception>
    public Tensor RandIntLike(long high, DType? dtype = null, Device? device = null, Generator? generator = null) =>
        RandIntLike(0, high, dtype, device, generator);

    /// <summary>
    /// The integers 0 to n-1 in random order, every order equally likely; Int64 unless a type is given, on <see cref="Device.Default"/> unless a device is.
    /// torch.randperm.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">n is negative, or the type does not tell so many numbers apart.</exception>
    public static Tensor RandPerm(int n, DType? dtype = null, Device? device = null, Generator? generator = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        DType type = dtype ?? DType.Int64;
        if (n - 1L > type.WholeNumbers)
            throw new ArgumentOutOfRangeException(nameof(n), n, $"RandPerm: {type.PyTorchName} does not tell the numbers 0 to {n - 1} apart; take a wider " +
                $"type.");
        var order = new long[n];
        for (int i = 0; i < n; i++) order[i] = i;
        new RandomSequence(generator, n).Shuffle<long>(order);
        return From(order, type, device);
    }
}
