namespace Facula.Tests.RandomNumbers;

public sealed class GeneratorTests
{
    [Fact]
    public void Same_seed_gives_the_same_numbers()
    {
        Generator a = new(42), b = new(42), c = new(43);
        float[] first = Tensor.Rand([100], generator: a).ToArray<float>();
        Assert.Equal(first, Tensor.Rand([100], generator: b).ToArray<float>());
        Assert.NotEqual(first, Tensor.Rand([100], generator: c).ToArray<float>());
        Assert.NotEqual(first, Tensor.Rand([100], generator: a).ToArray<float>());
        Assert.Equal(first, Tensor.Rand([100], generator: a.ManualSeed(42)).ToArray<float>());
        Assert.Equal(42, a.InitialSeed);
    }

    [Fact]
    public void State_goes_on_where_it_was_taken()
    {
        var generator = new Generator(7);
        Tensor.Randn([1000], generator: generator);
        GeneratorState state = generator.State;
        float[] next = Tensor.Randn([50], generator: generator).ToArray<float>();
        var resumed = new Generator(0) { State = state };
        Assert.Equal(next, Tensor.Randn([50], generator: resumed).ToArray<float>());
        Assert.Equal(generator.State, resumed.State);
        resumed.Offset = 0;
        Assert.Equal(Tensor.Randn([50], generator: new(7)).ToArray<float>(), Tensor.Randn([50], generator: resumed).ToArray<float>());
        Assert.Throws<ArgumentOutOfRangeException>(() => resumed.Offset = -1);
    }

    [Fact]
    public void Numbers_of_one_call_never_come_again_in_the_next()
    {
        var generator = new Generator(1);
        var seen = new HashSet<long>();
        foreach (int n in new[] { 1, 31, 32, 33, 64, 65, 1000 })
            Assert.All(Tensor.RandInt(long.MinValue, long.MaxValue, [n], generator: generator).ToArray<long>(), x => Assert.True(seen.Add(x)));
        foreach (int n in new[] { 1, 33, 100 })
        {
            // The same words as the integers' would show as equal high bits.
            double[] uniform = Tensor.Rand([n], DType.Float64, generator: generator).ToArray<double>();
            Assert.All(uniform, x => Assert.DoesNotContain(seen, y => (ulong)(y - long.MinValue) >> 11 == (ulong)(x * (1L << 53))));
        }
    }

    [Fact]
    public void Default_generator_is_seeded_for_all()
    {
        // Another test may draw from the default generator meanwhile, so only what Seed says is looked at.
        Assert.Same(Generator.Default, Generator.Seed(5));
        Assert.Equal(5, Generator.Default.InitialSeed);
    }

    [Fact]
    public void Threads_that_share_a_generator_get_different_numbers()
    {
        var generator = new Generator(11);
        var results = new long[8][];
        Parallel.For(0, results.Length, i => results[i] = Tensor.RandInt(long.MaxValue, [1000], generator: generator).ToArray<long>());
        Assert.Equal(8000, results.SelectMany(x => x).Distinct().Count());
    }

    [Fact]
    public void A_stream_has_an_end()
    {
        var late = new Generator(1) { Offset = long.MaxValue - 1 };
        Assert.Contains("ManualSeed", Assert.Throws<InvalidOperationException>(() => Tensor.Rand([100], generator: late)).Message);
        Assert.Equal(long.MaxValue - 1, late.Offset);
    }
}
