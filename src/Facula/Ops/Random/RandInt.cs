using Facula.Backends;

namespace Facula;

public partial class Tensor
{
    /// <summary>Integers from 0 to high (exclusive), all equally likely. torch.randint.</summary>
    public static Tensor RandInt(long high, Shape shape, DType dtype = DType.Int64, Device? device = null, Generator? generator = null) =>
        RandInt(0, high, shape, dtype, device, generator);

    /// <summary>Integers from low to high (exclusive), all equally likely. torch.randint.</summary>
    /// <exception cref="ArgumentException">low is not below high.</exception>
    public static Tensor RandInt(long low, long high, Shape shape, DType dtype = DType.Int64, Device? device = null, Generator? generator = null)
    {
        if (low >= high) throw new ArgumentException($"randInt: low {low} is not below high {high}, which is exclusive.", nameof(high));
        return NewRandom(shape, new(DistributionKind.Integer, 0, 0, low, high), dtype, device, false, generator);
    }

    /// <summary>Integers from low to high (exclusive) in this tensor's shape, type and device. torch.randint_like.</summary>
    /// <exception cref="ArgumentException">low is not below high.</exception>
    public Tensor RandIntLike(long low, long high, DType? dtype = null, Generator? generator = null) => RandInt(low, high, Shape, dtype ?? DType, Device, generator);

    /// <summary>The integers 0 to n-1 in random order, every order equally likely. torch.randperm.</summary>
    /// <exception cref="ArgumentOutOfRangeException">n is negative.</exception>
    public static Tensor RandPerm(int n, DType dtype = DType.Int64, Device? device = null, Generator? generator = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        var order = new long[n];
        for (int i = 0; i < n; i++) order[i] = i;
        new RandomSequence(generator, n).Shuffle<long>(order);
        return From(order).To(dtype, device ?? Device.Cpu);
    }
}
