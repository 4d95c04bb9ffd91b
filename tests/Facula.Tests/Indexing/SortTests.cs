using CsCheck;

namespace Facula.Tests.Indexing;

public class SortTests
{
    // torch.sort: NaN counts as larger than any number (PyTorch 1.13: torch.tensor([2, nan, -inf, inf, 0]).sort()).
    [Theory]
    [MemberData(nameof(GatherTests.Devices), MemberType = typeof(GatherTests))]
    public void Sort_puts_NaN_last_or_first_when_descending(string device)
    {
        Tensor x = Tensor.From([2f, float.NaN, float.NegativeInfinity, float.PositiveInfinity, 0f, -float.NaN]).To(GatherTests.Of(device));
        (Tensor values, Tensor indices) = x.Sort();
        Assert.Equal([float.NegativeInfinity, 0, 2, float.PositiveInfinity, float.NaN, float.NaN], values.ToArray<float>());
        Assert.Equal([2, 4, 0, 3, 1, 5], indices.ToArray<long>());
        (values, indices) = x.Sort(descending: true);
        Assert.Equal([float.NaN, float.NaN, float.PositiveInfinity, 2, 0, float.NegativeInfinity], values.ToArray<float>());
        Assert.Equal([1, 5, 3, 0, 4, 2], indices.ToArray<long>());
    }

    [Theory]
    [MemberData(nameof(GatherTests.Devices), MemberType = typeof(GatherTests))]
    public void Sort_keeps_the_order_of_equal_elements(string device)
    {
        Tensor x = Tensor.From([0f, -0f, 1f, 0f, 1f, -0f]).To(GatherTests.Of(device));
        Assert.Equal([0, 1, 3, 5, 2, 4], x.Sort().Indices.ToArray<long>());
        Assert.Equal([2, 4, 0, 1, 3, 5], x.Sort(descending: true).Indices.ToArray<long>());
        Tensor equal = Tensor.Ones(100).To(GatherTests.Of(device));
        Assert.Equal(Tensor.Arange(100).ToArray<long>(), equal.ArgSort(descending: true).ToArray<long>());
        Assert.Equal([0, 1, 2], equal.TopK(3).Indices.ToArray<long>());
    }

    [Fact]
    public void Sort_of_any_line_agrees_with_a_stable_sort_of_the_base_library() =>
        Gen.Select(Gen.OneOf(Gen.Double, Gen.Double[-3, 3], Gen.Int[-3, 3].Select(i => (double)i)).Array[1, 400], Gen.Int[0, 9], Gen.Bool, Gen.Int[0, 400])
            .Sample((line, t, descending, k) =>
        {
            DType type = DType.All[t];
            if (!type.IsFloatingPoint) line = Array.ConvertAll(line, value => double.IsFinite(value) ? Math.Clamp(value, -100, 100) : 0);
            Tensor x = Tensor.From(line).To(type);
            double[] stored = x.ToArray<double>();
            int[] expected =
                [.. Enumerable.Range(0, line.Length).OrderBy(i => i, Comparer<int>.Create((a, b) => Order(stored[a], stored[b]) * (descending ? -1 : 1)))];
            (Tensor values, Tensor indices) = x.Sort(0, descending);
            Assert.Equal(expected.Select(i => (long)i), indices.ToArray<long>());
            Assert.Equal(expected.Select(i => stored[i]), values.ToArray<double>());
            k = Math.Min(k, line.Length);
            (values, indices) = x.TopK(k, largest: descending);
            Assert.Equal(expected.Take(k).Select(i => (long)i), indices.ToArray<long>());
            Assert.Equal(expected.Take(k).Select(i => stored[i]), values.ToArray<double>());
        }, iter: 1000);

    private static int Order(double a, double b) => double.IsNaN(a) ? double.IsNaN(b) ? 0 : 1 : double.IsNaN(b) ? -1 : a < b ? -1 : a > b ? 1 : 0;

    [Fact]
    public void Sort_of_64_bit_integers_is_exact()
    {
        long[] line = [long.MaxValue, long.MinValue, 0, long.MaxValue - 1, -1, 1L << 53, (1L << 53) + 1];
        Assert.Equal(line.Order(), Tensor.From(line).Sort().Values.ToArray<long>());
        Assert.Equal(line.OrderDescending(), Tensor.From(line).Sort(descending: true).Values.ToArray<long>());
    }

    [Fact]
    public void Sort_works_along_any_dimension_of_any_layout()
    {
        Tensor x = GatherTests.Random(5, 60, 7);
        float[] expected = x.Permute(0, 2, 1).Contiguous().Sort(-1).Values.Permute(0, 2, 1).ToArray<float>();
        Assert.Equal(expected, x.Sort(1).Values.ToArray<float>());
        Assert.Equal(expected, x.Permute(2, 1, 0).Sort(1).Values.Permute(2, 1, 0).ToArray<float>());
    }

    [Fact]
    public void TopK_gives_the_most_extreme_in_order()
    {
        Tensor x = Tensor.From([[1f, 9f, 3f, 7f], [8f, 2f, 6f, 4f]]);
        (Tensor values, Tensor indices) = x.TopK(2);
        Assert.Equal([9, 7, 8, 6], values.ToArray<float>());
        Assert.Equal([1, 3, 0, 2], indices.ToArray<long>());
        Assert.Equal([1, 2, 3, 4], x.TopK(1, dim: 0, largest: false).Values.ToArray<float>());
        Assert.Equal([2, 0], x.TopK(0).Values.Shape);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.TopK(5));
        Assert.Equal(5, Tensor.From(5f).TopK(1).Values.Item());
    }

    [Fact]
    public void Sort_of_nothing_and_of_one_number()
    {
        Assert.Equal([0], Tensor.Zeros([0]).Sort().Values.Shape);
        Assert.Equal([3, 0], Tensor.Zeros(3, 0).Sort().Indices.Shape);
        (Tensor value, Tensor index) = Tensor.From(5f).Sort();
        Assert.Equal((5f, 0L, 0), (value.Item(), index.Item<long>(), value.Rank));
    }

    [Fact]
    public void Sort_is_the_same_for_any_number_of_threads()
    {
        Tensor x = GatherTests.Random(200, 333);
        long[] one = GatherTests.WithThreads(1, () => x.ArgSort().ToArray<long>());
        Assert.Equal(one, GatherTests.WithThreads(4, () => x.ArgSort().ToArray<long>()));
    }
}
