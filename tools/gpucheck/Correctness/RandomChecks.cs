using Facula.Tests.Ops;
using F = Facula.NN.Functional;

namespace Facula.GpuCheck;

/// <summary>Random numbers are those of the processor: the same stream, to the last bit but for logarithms and cosines.</summary>
internal sealed class RandomChecks(Options options, Device device, Report report)
{
    // One that fits no vector, one that does, and one of many blocks.
    private readonly int[] _counts = options.IsBrief ? [1, 61, 1024] : [1, 61, 1024, 100_003];

    public void Run()
    {
        var cases = new List<(string, Func<IEnumerable<string>>)>();
        void Add(string name, Func<int, Device, Generator, Tensor> draw, double ulps = 0) => cases.Add((name, () => Compare(name, draw, ulps)));
        foreach (DType type in (ReadOnlySpan<DType>)[DType.Float32, DType.Float64, DType.Float16, DType.BFloat16])
        {
            Add($"uniform, {type.PyTorchName}", (n, on, generator) => Tensor.Rand(new Shape([n]), type, on, generator: generator));
            Add($"normal, {type.PyTorchName}", (n, on, generator) => Tensor.Randn(new Shape([n]), type, on, generator: generator), 4);
        }
        Add("integers", (n, on, generator) => Tensor.RandInt(-7, 1_000_000, new Shape([n]), device: on, generator: generator));
        Add("permutation", (n, on, generator) => Tensor.RandPerm(n, device: on, generator: generator));
        Add("bernoulli", (n, on, generator) => Tensor.Zeros([n], device: on).BernoulliInPlace(0.3, generator));
        Add("exponential", (n, on, generator) => Tensor.Zeros([n], device: on).ExponentialInPlace(2, generator), 4);
        Add("uniform in place", (n, on, generator) => Tensor.Zeros([n], device: on).UniformInPlace(-2, 5, generator), 2);
        Add("dropout", (n, on, generator) => F.Dropout(Tensor.Ones([n], device: on), 0.4, generator: generator));
        CorrectnessPart.Part("random", cases, options, device, report);
    }

    private IEnumerable<string> Compare(string name, Func<int, Device, Generator, Tensor> draw, double ulps)
    {
        foreach (int count in _counts)
        {
            // Two in a row: the second begins where the first ended.
            Generator here = new(options.Seed), there = new(options.Seed);
            for (int time = 0; time < 2; time++)
            {
                Tensor expected = draw(count, Device.Cpu, here), actual = draw(count, device, there);
                string what = $"{name}, {count} numbers, time {time}";
                string? difference = ulps == 0 ? Difference.InBits(expected, actual, what)
                    : Difference.InUlps(actual, expected.To(DType.Float64), ulps, true, what);
                if (difference is not null) yield return difference;
            }
        }
    }
}
