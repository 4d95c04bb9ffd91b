namespace Facula.Tests.RandomNumbers;

public sealed class RandomTests
{
    private static readonly DType[] Floats = [DType.Float32, DType.Float64, DType.Float16, DType.BFloat16];

    [Theory, InlineData(1), InlineData(31), InlineData(64), InlineData(100), InlineData(5000), InlineData(40_000)]
    public void Every_backend_gives_the_same_bits(int n)
    {
        foreach (DType type in Floats)
        {
            Same(g => Tensor.Rand([n], type, generator: g), g => Tensor.Rand([n], type, Device.Reference, generator: g));
            Same(g => Tensor.Empty([n], type).UniformInPlace(-3.7, 11.1, g), g => Tensor.Empty([n], type, Device.Reference).UniformInPlace(-3.7, 11.1, g));
            Same(g => Tensor.Empty([n], type).BernoulliInPlace(0.3, g), g => Tensor.Empty([n], type, Device.Reference).BernoulliInPlace(0.3, g));
        }
        foreach (DType type in new[] { DType.Int64, DType.Int32, DType.UInt8, DType.Float32, DType.Bool })
        {
            long high = type == DType.Bool ? 2 : 100;
            Same(g => Tensor.RandInt(0, high, [n], type, generator: g), g => Tensor.RandInt(0, high, [n], type, Device.Reference, g));
        }

        static void Same(Func<Generator, Tensor> cpu, Func<Generator, Tensor> reference) =>
            Assert.Equal(reference(new(Seed)).To(Device.Cpu).ToArray<double>(), cpu(new(Seed)).ToArray<double>());
    }

    private const long Seed = 12345;

    [Theory, InlineData(nameof(DType.Float32)), InlineData(nameof(DType.Float64))]
    public void Normal_numbers_are_the_references_to_a_few_units(string dtype)
    {
        DType type = DType.Parse(dtype);
        double[] expected = Tensor.Randn([20_000], type, Device.Reference, generator: new(9)).To(Device.Cpu).ToArray<double>();
        double[] actual = Tensor.Randn([20_000], type, generator: new(9)).ToArray<double>();
        double unit = type == DType.Float32 ? Math.Pow(2, -24) : Math.Pow(2, -53);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 6 * unit * Math.Abs(expected[i]));
    }

    [Fact]
    public void An_element_depends_on_its_place_alone()
    {
        float[] many = Tensor.Randn([100_000], generator: new(3)).ToArray<float>(), few = Tensor.Randn([17], generator: new(3)).ToArray<float>();
        Assert.Equal(many[..17], few);
        Assert.Equal(many, Tensor.Randn([1000, 100], generator: new(3)).ToArray<float>());
        // Through a layout that is not contiguous, in row-major order.
        Tensor transposed = Tensor.Empty([100, 1000]).T.NormalInPlace(generator: new(3));
        Assert.Equal(many, transposed.ToArray<float>());
    }

    [Fact]
    public void Uniform_numbers_stay_below_the_bound_in_every_type()
    {
        foreach (DType type in Floats)
        {
            foreach ((double low, double high) in new[] { (0.0, 1.0), (-1, 0), (100, 101), (-2e-3, 1e-3) })
            {
                double[] x = Tensor.Empty([300_000], type).UniformInPlace(low, high, new(1)).ToArray<double>();
                Assert.All(x, value => Assert.True(value < high));
                Assert.True(x.Min() >= low - 1e-2 * Math.Abs(low));
            }
        }
        Assert.Equal(2f, Tensor.Empty([1]).UniformInPlace(2, 2).Item(), 1e-6f);
    }

    [Theory, InlineData(nameof(DType.Float32)), InlineData(nameof(DType.Float64))]
    public void Uniform_numbers_are_spread_evenly(string dtype)
    {
        DType type = DType.Parse(dtype);
        const int N = 1 << 20, Bins = 1024;
        double[] x = Tensor.Rand([N], type, generator: new(17)).ToArray<double>();
        var counts = new double[Bins];
        foreach (double value in x) counts[(int)(value * Bins)]++;
        double chi2 = counts.Sum(c => (c - N / Bins) * (c - N / Bins) / (N / Bins));
        // 1023 degrees of freedom: mean 1023, deviation 45.
        Assert.InRange(chi2, 1023 - 5 * 45.2, 1023 + 5 * 45.2);
        double correlation = 0;
        for (int i = 0; i < N - 1; i++) correlation += (x[i] - 0.5) * (x[i + 1] - 0.5);
        Assert.InRange(correlation / (N / 12.0), -5e-3, 5e-3);
    }

    [Theory, InlineData(nameof(DType.Float32)), InlineData(nameof(DType.Float64))]
    public void Normal_numbers_have_the_moments_and_the_tails(string dtype)
    {
        DType type = DType.Parse(dtype);
        const int N = 1 << 20;
        double[] x = Tensor.Empty([N], type).NormalInPlace(2, 3, new(23)).ToArray<double>();
        double[] z = [.. x.Select(v => (v - 2) / 3)];
        Assert.InRange(z.Average(), -5e-3, 5e-3);
        Assert.InRange(z.Average(v => v * v), 0.99, 1.01);
        Assert.InRange(z.Average(v => v * v * v), -0.02, 0.02);
        Assert.InRange(z.Average(v => v * v * v * v), 2.95, 3.05);
        // erfc(2 / sqrt(2)) and erfc(4 / sqrt(2)).
        Assert.InRange(z.Count(v => Math.Abs(v) > 2) / (double)N, 0.04550 - 1e-3, 0.04550 + 1e-3);
        Assert.InRange(z.Count(v => Math.Abs(v) > 4) / (double)N, 2e-5, 1.2e-4);
        // The two halves of a pair are not related.
        double related = 0;
        for (int i = 0; i + 64 <= N; i += 64) related += z[i] * z[i] * (z[i + 32] * z[i + 32] - 1);
        Assert.InRange(related / (N / 64), -0.15, 0.15);
    }

    [Fact]
    public void Integers_cover_their_range_evenly_and_no_more()
    {
        var counts = new int[7];
        foreach (long x in Tensor.RandInt(-3, 4, [70_000], generator: new(2)).ToArray<long>()) counts[x + 3]++;
        Assert.All(counts, count => Assert.InRange(count, 9500, 10_500));
        Assert.All(Tensor.RandInt(1, [100]).ToArray<long>(), x => Assert.Equal(0, x));
        long[] all = Tensor.RandInt(long.MinValue, long.MaxValue, [1000], generator: new(2)).ToArray<long>();
        Assert.InRange(all.Count(x => x < 0), 400, 600);
        Assert.Throws<ArgumentException>(() => Tensor.RandInt(3, 3, [1]));
        Assert.Equal(DType.Int64, Tensor.RandInt(5, [2]).DType);
        Assert.Equal(DType.Float32, Tensor.Zeros([2]).RandIntLike(0, 5).DType);
    }

    [Fact]
    public void Bernoulli_hits_its_probability()
    {
        Tensor x = Tensor.Empty([100_000]);
        foreach (double p in new[] { 0, 0.1, 0.5, 1 }) Assert.InRange(x.BernoulliInPlace(p, new(4)).Mean().Item<double>(), p - 5e-3, p + 5e-3);
        Assert.All(x.BernoulliInPlace(1).ToArray<float>(), v => Assert.Equal(1f, v));
        Assert.All(x.BernoulliInPlace(0).ToArray<float>(), v => Assert.Equal(0f, v));
        Tensor each = Tensor.From([0f, 1, 0.25f]).Unsqueeze(1).Expand(3, 10_000).Bernoulli(new Generator(6));
        float[] means = each.Mean(1).ToArray<float>();
        Assert.Equal([0f, 1], means[..2]);
        Assert.InRange(means[2], 0.23f, 0.27f);
        Assert.Equal(DType.Bool, Tensor.Zeros([3], DType.Bool).Bernoulli(0.5).DType);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.BernoulliInPlace(1.1));
    }

    [Fact]
    public void Exponential_numbers_have_the_mean_of_their_rate()
    {
        double[] x = Tensor.Empty([200_000]).ExponentialInPlace(4, new(8)).ToArray<double>();
        Assert.InRange(x.Average(), 0.245, 0.255);
        Assert.InRange(x.Min(), 0, 1e-3);
        Assert.InRange(x.Count(v => v > 0.25) / 200_000.0, Math.Exp(-1) - 5e-3, Math.Exp(-1) + 5e-3);
    }

    [Fact]
    public void RandPerm_holds_every_number_once_in_every_order()
    {
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), Tensor.RandPerm(1000).ToArray<long>().Order());
        Assert.Equal(0, Tensor.RandPerm(0).Count);
        var generator = new Generator(1);
        var orders = new Dictionary<string, int>();
        for (int i = 0; i < 6000; i++)
        {
            string order = string.Join("", Tensor.RandPerm(3, generator: generator).ToArray<long>());
            orders[order] = orders.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(6, orders.Count);
        Assert.All(orders.Values, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Multinomial_draws_by_weight()
    {
        Tensor weights = Tensor.From([1f, 0, 3, 4]);
        long[] drawn = weights.Multinomial(80_000, replacement: true, new(3)).ToArray<long>();
        Assert.InRange(drawn.Count(i => i == 0), 9_500, 10_500);
        Assert.Equal(0, drawn.Count(i => i == 1));
        Assert.InRange(drawn.Count(i => i == 3), 39_000, 41_000);
        var generator = new Generator(4);
        int first = 0;
        for (int i = 0; i < 4000; i++)
        {
            long[] three = weights.Multinomial(3, generator: generator).ToArray<long>();
            Assert.Equal([0L, 2, 3], three.Order());
            if (three[0] == 3) first++;
        }
        Assert.InRange(first, 1850, 2150);
        Assert.Equal([2, 3], Tensor.Ones([2, 5]).Multinomial(3).Shape.ToArray());
        Assert.Throws<ArgumentException>(() => weights.Multinomial(4));
        Assert.Throws<ArgumentException>(() => Tensor.From([1f, -1]).Multinomial(1));
    }

    [Fact]
    public void In_place_random_numbers_cut_the_gradient()
    {
        Tensor x = Tensor.Ones([3], requiresGrad: true), y = x * 2;
        y.UniformInPlace();
        (y.Sum() + x.Sum()).Backward();
        Assert.Equal([1f, 1, 1], x.Grad!.ToArray<float>());
        Assert.Throws<InvalidOperationException>(() => x.NormalInPlace());
        using (Autograd.NoGrad()) x.NormalInPlace();
    }

    [Fact]
    public void Types_that_cannot_hold_the_numbers_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Tensor.Rand([2], DType.Int64));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([2], DType.Int32).NormalInPlace());
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([2]).UniformInPlace(2, 1));
        Assert.True(Tensor.Randn([2, 3], requiresGrad: true).RequiresGrad);
    }
}

/// <summary>Alone, because it sets the number of threads for all.</summary>
[Collection("Threads")]
public sealed class RandomThreadTests
{
    [Fact]
    public void Any_number_of_threads_gives_the_same_numbers()
    {
        int before = CpuSettings.ThreadCount;
        try
        {
            CpuSettings.ThreadCount = 1;
            float[] one = Tensor.Randn([200_001], generator: new(5)).ToArray<float>();
            CpuSettings.ThreadCount = 3;
            Assert.Equal(one, Tensor.Randn([200_001], generator: new(5)).ToArray<float>());
        }
        finally
        {
            CpuSettings.ThreadCount = before;
        }
    }
}
