using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

namespace Facula;

public partial class Tensor
{
    /// <summary>Takes as much of the generator's stream as the tensor needs and fills it.</summary>
    internal static Tensor FillRandom(Tensor y, in Distribution distribution, Generator? generator)
    {
        (ulong key, ulong counter) = (generator ?? Generator.Default).Take(RandomRule.Blocks(distribution.Kind, y.DType, y.Count));
        y.Device.Backend.Random(y.Operand, distribution, key, counter);
        return y;
    }

    private static Tensor NewRandom(Shape shape, in Distribution distribution, DType dtype, Device? device, bool requiresGrad, Generator? generator,
        [CallerMemberName] string operation = "")
    {
        Tensor y = FillRandom(New(operation, shape, dtype, device), distribution, generator);
        y.RequiresGrad = requiresGrad;
        return y;
    }

    private Tensor RandomInPlace(string name, in Distribution distribution, Generator? generator)
    {
        bool records = BeginInPlace(name, false);
        FillRandom(this, distribution, generator);
        Changed();
        if (records) RecordOverwrite(Layout, null);
        return this;
    }

    private static Distribution UniformFrom(string name, DType dtype, double low, double high)
    {
        if (!dtype.IsFloatingPoint)
            throw new ArgumentException($"{name}: uniform numbers need a floating-point type, not {dtype.PyTorchName}; for integers there is RandInt.", nameof(dtype));
        if (!(low <= high)) throw new ArgumentException($"{name}: low {low} is not below high {high}.", nameof(low));
        return new(DistributionKind.Uniform, low, high);
    }

    private static Distribution NormalFrom(string name, DType dtype, double mean, double std)
    {
        if (!dtype.IsFloatingPoint) throw new ArgumentException($"{name}: normal numbers need a floating-point type, not {dtype.PyTorchName}.", nameof(dtype));
        if (!(std >= 0)) throw new ArgumentOutOfRangeException(nameof(std), std, $"{name}: a standard deviation is not negative.");
        return new(DistributionKind.Normal, mean, std);
    }

    private static Distribution BernoulliFrom(string name, double p) => p is >= 0 and <= 1 ? new(DistributionKind.Bernoulli, p, 0)
        : throw new ArgumentOutOfRangeException(nameof(p), p, $"{name}: a probability is between 0 and 1.");
}

/// <summary>A generator's numbers one after the other, for algorithms that need them in turn.</summary>
internal unsafe ref struct RandomSequence
{
    private fixed uint _words[Philox.GroupWords];
    private readonly ulong _key;
    private ulong _counter;
    private int _used;

    /// <summary>Takes room for n numbers.</summary>
    public RandomSequence(Generator? generator, long n)
    {
        (_key, _counter) = (generator ?? Generator.Default).Take(RandomRule.Blocks(DistributionKind.Integer, DType.Int64, n));
        _used = Philox.GroupWords / 2;
    }

    private ulong Next()
    {
        fixed (uint* words = _words)
        {
            if (_used == Philox.GroupWords / 2)
            {
                Philox.Group(_key, _counter, words);
                _counter += Philox.GroupBlocks;
                _used = 0;
            }
            ulong value = words[_used] | (ulong)words[_used + 32] << 32;
            _used++;
            return value;
        }
    }

    /// <summary>An integer in [0, bound).</summary>
    public long Below(long bound) => (long)Math.BigMul((ulong)bound, Next(), out _);

    /// <summary>A number in [0, 1).</summary>
    public double Unit() => (Next() >> 11) / (double)(1L << 53);
}
