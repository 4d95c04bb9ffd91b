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
            throw new ArgumentException($"{name}: uniform numbers need a floating-point type, not {dtype.PyTorchName}; for integers there is " +
                $"RandInt.", nameof(dtype));
        Check.Finite(name, low);
        Check.Finite(name, high);
        if (low > high) throw new ArgumentException($"{name}: low {low} is not below high {high}.", nameof(low));
        if (!((Scalar)low).Fits(dtype) || !((Scalar)high).Fits(dtype) || !((Scalar)(high - low)).Fits(dtype) || !double.IsFinite(high - low))
            throw new ArgumentException($"{name}: low {low} and high {high} are further apart than {dtype.PyTorchName} reaches, ±{dtype.Largest}; take a " +
                $"wider type.", nameof(dtype));
        return new(DistributionKind.Uniform, low, high);
    }

    private static Distribution NormalFrom(string name, DType dtype, double mean, double std)
    {
        if (!dtype.IsFloatingPoint) throw new ArgumentException($"{name}: normal numbers need a floating-point type, not {dtype.PyTorchName}.", nameof(dtype));
        Check.Finite(name, mean);
        Check.NotNegative(name, std);
        return new(DistributionKind.Normal, mean, std);
    }

    private static Distribution BernoulliFrom(string name, double p) => new(DistributionKind.Bernoulli, Check.Fraction(name, p), 0);
}

/// <summary>A generator's numbers one after the other, for algorithms that need them in turn; those that a tensor of Int64 or Float64 has.</summary>
internal sealed class RandomSequence((ulong Key, ulong Counter) place)
{
    private const int PerGroup = Philox.GroupWords / 2;

    private readonly uint[] _words = new uint[Philox.GroupWords];
    private ulong _counter = place.Counter;
    private int _used = PerGroup;

    /// <summary>Takes room for n numbers.</summary>
    public RandomSequence(Generator? generator, long n) : this((generator ?? Generator.Default).Take(Blocks(n))) { }

    /// <summary>The part of the stream that n numbers use up.</summary>
    public static long Blocks(long n) => RandomRule.Blocks(DistributionKind.Integer, DType.Int64, n);

    private unsafe ulong Next()
    {
        if (_used == PerGroup)
        {
            fixed (uint* words = _words) Philox.Group(place.Key, _counter, words);
            _counter += Philox.GroupBlocks;
            _used = 0;
        }
        ulong value = _words[_used] | (ulong)_words[_used + PerGroup] << 32;
        _used++;
        return value;
    }

    /// <summary>An integer in [0, bound).</summary>
    public long Below(long bound) => (long)Math.BigMul((ulong)bound, Next(), out _);

    /// <summary>A number in [0, 1).</summary>
    public double Unit() => (Next() >> 11) / (double)(1L << 53);

    /// <summary>Puts values in random order, every order equally likely. Fisher and Yates, as by Durstenfeld 1964.</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = (int)Below(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
