using Facula.Data;

namespace Facula.Tests.Data;

public class SamplerTests
{
    private static readonly double[] Weights = [.. Enumerable.Range(0, 100).Select(i => i % 7 * 0.5)];

    private sealed class Numbers(int count) : Dataset<(Tensor, int)>
    {
        public override int Count => count;
        public override (Tensor, int) this[int index] => (Tensor.From((float)index), index);
    }

    /// <summary>The numbers are those of the tensors that samplers were once made of.</summary>
    [Fact]
    public void Orders_are_those_of_whole_tensors_of_random_numbers()
    {
        foreach (int samples in new[] { 1, 31, 32, 33, 100, 5000 })
        {
            Generator whole = new(3), drawn = new(3);
            Assert.Equal(Tensor.RandInt(0, 100, [samples], DType.Int32, generator: whole).ToArray<int>(),
                new RandomSampler(100, true, samples, drawn).NextEpoch());
            int[] permutations = [.. Enumerable.Range(0, (samples + 99) / 100).SelectMany(_ => Tensor.RandPerm(100, generator: whole).ToArray<int>())];
            Assert.Equal(permutations[..samples], new RandomSampler(100, false, samples, drawn).NextEpoch());
            Assert.Equal(Tensor.RandPerm(samples, generator: whole).ToArray<int>().Select(i => 2 * i),
                new SubsetRandomSampler([.. Enumerable.Range(0, samples).Select(i => 2 * i)], drawn).NextEpoch());
            double[] units = Tensor.Rand([samples], DType.Float64, generator: whole).ToArray<double>();
            Assert.Equal(units.Select(unit => Heaviest(unit * Weights.Sum())), new WeightedRandomSampler(Weights, samples, drawn).NextEpoch());
            Assert.Equal(whole.State, drawn.State);
        }
    }

    private static int Heaviest(double place)
    {
        double sum = 0;
        return Array.FindIndex(Weights, weight => (sum += weight) > place);
    }

    public static TheoryData<string> Kinds { get; } = ["replacement", "permutations", "weights"];

    private static Sampler Make(string kind, long samples, Generator? generator = null) => kind switch
    {
        "replacement" => new RandomSampler(32_000, true, samples, generator),
        "permutations" => new RandomSampler(32_000, false, samples, generator),
        _ => new WeightedRandomSampler(Weights, samples, generator),
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Long_epochs_are_drawn_as_they_go(string kind)
    {
        foreach (long samples in new[] { 100_000_000, 5_000_000_000, 1L << 50 })
        {
            var generator = new Generator(1);
            Sampler sampler = Make(kind, samples, generator);
            Assert.Equal(samples, sampler.Count);
            long before = GC.GetAllocatedBytesForCurrentThread();
            var loader = new DataLoader(new Numbers(32_000), 10, options: new() { Sampler = sampler });
            Assert.Equal(samples / 10 + (samples % 10 > 0 ? 1 : 0), loader.LongCount);
            if (loader.LongCount <= int.MaxValue) Assert.Equal(loader.LongCount, loader.Count);
            else Assert.Contains("LongCount", Assert.Throws<OverflowException>(() => loader.Count).Message);
            Assert.Equal(3, loader.Take(3).Count());
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 << 20);
            // The generator stands where the epoch ends, wherever the epoch was left.
            Assert.InRange(generator.Offset, samples / 2, samples / 2 + 32_000);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void An_epoch_goes_on_from_a_saved_state_and_from_its_middle(string kind)
    {
        var generator = new Generator(9);
        Sampler sampler = Make(kind, 70_000, generator);
        sampler.NextEpoch();
        GeneratorState state = generator.State;
        IEnumerable<int> epoch = sampler.NextEpoch();
        int[] order = [.. epoch];
        Assert.Equal(order, epoch);
        Assert.Equal(order[50_000..], epoch.Skip(50_000));
        Assert.Equal(order, Make(kind, 70_000, new Generator(0) { State = state }).NextEpoch());
        Assert.NotEqual(order, sampler.NextEpoch());
    }
}
