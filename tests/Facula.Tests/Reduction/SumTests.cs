namespace Facula.Tests.Reductions;

public sealed class SumTests
{
    [Theory, InlineData(1f), InlineData(0.1f), InlineData(-3.7f)]
    public void Sum_of_ten_million_equal_numbers_is_right_to_a_millionth(float value)
    {
        const int N = 10_000_000;
        Tensor x = Tensor.Full([N], value);
        Assert.Equal((double)value * N, x.Sum().Item<double>(), Math.Abs(value) * N * 1e-6);
        Assert.Equal(value, x.Mean().Item<double>(), Math.Abs(value) * 1e-6);
    }

    [Theory, InlineData(1), InlineData(3), InlineData(20)]
    public void Sum_of_columns_of_millions_of_rows_is_right_to_a_millionth(int columns)
    {
        int rows = 10_000_000 / columns;
        float[] sums = Tensor.Full([rows, columns], 0.1f).Sum(0).ToArray<float>();
        Assert.All(sums, sum => Assert.Equal(rows * 0.1, sum, rows * 1e-7));
    }

    [Fact]
    public void Sum_of_numbers_that_cancel_is_off_by_little_of_what_was_added()
    {
        var values = new float[100_000];
        for (int i = 0; i < values.Length; i++) values[i] = i % 2 == 0 ? 1e6f + i % 7 : -1e6f;
        double exact = values.Sum(x => (double)x);
        // Of float32 numbers that add up to 1e11 in magnitude.
        Assert.Equal(exact, Tensor.From(values).Sum().Item<double>(), 1e-9 * 1e11);
    }

    [Fact]
    public void Sum_of_integers_and_bool_is_int64()
    {
        foreach (DType type in new[] { DType.Bool, DType.UInt8, DType.Int8, DType.Int16, DType.Int32, DType.Int64 })
            Assert.Equal(DType.Int64, Tensor.Ones([3], type).Sum().DType);
        Assert.Equal(200L * 1000, Tensor.Full([1000], 200, DType.UInt8).Sum().Item<long>());
        Assert.Equal(DType.Float64, Tensor.Ones([3], DType.Int32).Sum(DType.Float64).DType);
    }

    [Fact]
    public void Sum_wraps_int64()
    {
        Assert.Equal(long.MinValue, Tensor.From([long.MaxValue, 1L]).Sum().Item<long>());
    }

    [Fact]
    public void Sum_in_float16_does_not_overflow_on_the_way()
    {
        Tensor x = Tensor.Full([100_000], 1, DType.Float16);
        Assert.Equal(1.0, x.Mean().Item<double>());
        Assert.Equal(double.PositiveInfinity, x.Sum().Item<double>());
        Assert.Equal(100_000, x.Sum(DType.Float32).Item<double>());
    }

    [Theory, InlineData(1), InlineData(100), InlineData(2000), InlineData(300_000)]
    public void Sum_of_infinities_is_infinite_or_no_number(int n)
    {
        var values = new float[n + 1];
        values[n / 2] = float.PositiveInfinity;
        Tensor x = Tensor.From(values);
        Assert.Equal(float.PositiveInfinity, x.Sum().Item());
        Assert.Equal(float.PositiveInfinity, x.Reshape(-1, 1).Expand(-1, 2).Contiguous().Sum(0).ToArray<float>()[1]);
        values[^1] = float.NegativeInfinity;
        Assert.True(float.IsNaN(Tensor.From(values).Sum().Item()));
        values[^1] = float.NaN;
        Assert.True(float.IsNaN(Tensor.From(values).Sum().Item()));
    }

    [Fact]
    public void Empty_sums_are_zero_empty_products_one_and_empty_means_no_number()
    {
        Tensor x = Tensor.Zeros([0, 3]);
        Assert.Equal(0, x.Sum().Item());
        Assert.Equal(1, x.Prod().Item());
        Assert.True(float.IsNaN(x.Mean().Item()));
        Assert.Equal([0f, 0, 0], x.Sum(0).ToArray<float>());
        Assert.Equal([1f, 1, 1], x.Prod(0).ToArray<float>());
        Assert.All(x.Mean(0).ToArray<float>(), mean => Assert.True(float.IsNaN(mean)));
        Assert.Equal([0], x.Sum(1).Shape.ToArray());
        Assert.True(x.All().Item<bool>());
        Assert.False(x.Any().Item<bool>());
        Assert.Equal(0L, x.CountNonZero().Item<long>());
        Assert.Equal(1L, Tensor.Zeros([0], DType.Int64).Prod().Item<long>());
    }

    [Fact]
    public void Dimensions_count_from_either_end_and_only_once()
    {
        Tensor x = Tensor.Ones([2, 3, 4]);
        Assert.Equal([2, 3], x.Sum(-1).Shape.ToArray());
        Assert.Equal([2, 1, 1], x.Sum([1, 2], keepDim: true).Shape.ToArray());
        Assert.Equal([3], x.Sum([0, -1]).Shape.ToArray());
        Assert.Equal([1, 1, 1], x.Sum([], keepDim: true).Shape.ToArray());
        Assert.Equal([], Tensor.Ones([]).Sum(0).Shape.ToArray());
        Assert.Contains("dimension -1 is given twice", Assert.Throws<ArgumentException>(() => x.Sum([2, -1])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Sum(3));
    }

    [Fact]
    public void Mean_of_integers_is_refused_with_advice()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => Tensor.Ones([3], DType.Int64).Mean());
        Assert.Contains("mean", e.Message);
        Assert.Contains("int64", e.Message);
        Assert.Equal(1f, Tensor.Ones([3], DType.Int64).Mean(DType.Float32).Item());
    }

    [Fact]
    public void CountNonZero_counts_beyond_what_float_can()
    {
        Assert.Equal(20_000_001, Tensor.Full([20_000_001], 1, DType.UInt8).CountNonZero().Item<long>());
        Assert.Equal(20_000_001, Tensor.Ones([20_000_001]).CountNonZero().Item<long>());
    }

    [Fact]
    public void Truth_is_decided_before_rounding()
    {
        Tensor x = Tensor.From([0.5f, 0.25f]);
        Assert.True(x.All().Item<bool>());
        Assert.True(Tensor.From([float.NaN, 0]).Any().Item<bool>());
    }
}
