namespace Facula.Tests.Indexing;

public class GatherTests
{
    public static TheoryData<string> Devices => ["cpu", "reference"];

    // Examples of the documentation of torch.gather, torch.Tensor.scatter_ and torch.Tensor.scatter_add_.
    [Theory]
    [MemberData(nameof(Devices))]
    public void Gather_picks_along_the_dimension(string device)
    {
        Tensor x = Tensor.From([[1, 2], [3, 4]]).To(Of(device)), index = Tensor.From([[0L, 0], [1, 0]]).To(Of(device));
        Assert.Equal([1, 1, 4, 3], x.Gather(1, index).ToArray<int>());
        Assert.Equal([1, 2, 3, 2], x.Gather(0, index).ToArray<int>());
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Scatter_writes_along_the_dimension(string device)
    {
        Tensor source = Tensor.Arange(1, 11).Reshape(2, 5).To(Of(device));
        Tensor x = Tensor.Zeros([3, 5], DType.Int64, Of(device)).Scatter(0, Tensor.From([[0L, 1, 2, 0]]).To(Of(device)), source);
        Assert.Equal([1, 0, 0, 4, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0], x.ToArray<long>());
        Tensor y = Tensor.Zeros([3, 5], DType.Int64, Of(device)).ScatterInPlace(1, Tensor.From([[0L, 1, 2], [0, 1, 4]]).To(Of(device)), source);
        Assert.Equal([1, 2, 3, 0, 0, 6, 7, 0, 0, 8, 0, 0, 0, 0, 0], y.ToArray<long>());
        Tensor z = Tensor.Full([2, 4], 2.0, device: Of(device)).ScatterInPlace(1, Tensor.From([[2L], [3]]).To(Of(device)), 1.25);
        Assert.Equal([2, 2, 1.25f, 2, 2, 2, 2, 1.25f], z.ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void ScatterAdd_adds_up_what_meets(string device)
    {
        Tensor y = Tensor.Zeros([3, 5], device: Of(device)).ScatterAdd(0, Tensor.From([[0L, 1, 2, 0, 0], [0, 1, 2, 2, 2]]).To(Of(device)),
            Tensor.Ones([2, 5], device: Of(device)));
        Assert.Equal([2, 0, 0, 1, 1, 0, 2, 0, 0, 0, 0, 0, 2, 1, 1], y.ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void ScatterAdd_of_halves_rounds_the_sum_once(string device)
    {
        // 2048 + 1 is not a half: added one by one in half precision the ones would all be lost.
        Tensor ones = Tensor.Ones([1000], DType.Float16, Of(device)), target = Tensor.Full([1], 2048, DType.Float16, Of(device));
        Assert.Equal(3048, target.ScatterAdd(0, Tensor.Zeros([1000], DType.Int64, Of(device)), ones).Item());
        Assert.Equal(3048, target.IndexAdd(0, Tensor.Zeros([1000], DType.Int64, Of(device)), ones).Item());
    }

    [Fact]
    public void ScatterAdd_is_the_same_for_any_number_of_threads()
    {
        Tensor wide = Random(2000, 90), lines = Index(50, 2000, 90), narrow = Random(100_000), spots = Index(31, 100_000), rows = Random(20_000, 64),
            places = Index(100, 20_000);
        float[][] results = [.. new[] { 1, 2, 3, 8 }.Select(count => WithThreads(count, () => (float[])
        [
            .. Tensor.Zeros(50, 90).ScatterAdd(0, lines, wide).ToArray<float>(),
            .. Tensor.Zeros(2000, 50).ScatterAdd(1, lines, wide).ToArray<float>(),
            .. Tensor.Zeros(31).ScatterAdd(0, spots, narrow).ToArray<float>(),
            .. Tensor.Zeros(100, 64).IndexAdd(0, places, rows).ToArray<float>(),
        ]))];
        foreach (float[] result in results) Assert.Equal(results[0], result);
    }

    [Fact]
    public void IndexSelect_of_rows_and_of_columns_agrees_with_Gather()
    {
        Tensor x = Random(300, 70), rows = Index(300, 1000), columns = Index(70, 500);
        Assert.Equal(x.Gather(0, rows.Unsqueeze(1).Expand(1000, 70)).ToArray<float>(), x.IndexSelect(0, rows).ToArray<float>());
        Assert.Equal(x.Gather(1, columns.Expand(300, 500)).ToArray<float>(), x.IndexSelect(1, columns).ToArray<float>());
        Assert.Equal(x.T.IndexSelect(0, columns).ToArray<float>(), x.IndexSelect(1, columns).T.ToArray<float>());
        Assert.Equal(x[.., 3..5].IndexSelect(0, rows).ToArray<float>(), x.IndexSelect(0, rows)[.., 3..5].ToArray<float>());
    }

    [Fact]
    public void Out_of_range_indices_are_errors_that_change_nothing()
    {
        Tensor x = Tensor.Zeros(3, 4), index = Tensor.From([[0L, 1], [2, 4]]);
        Assert.Contains("Gather: index 4 (element 3 of the index) is out of range for dimension 1, which has size 4",
            Assert.Throws<ArgumentOutOfRangeException>(() => x.Gather(1, index)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.ScatterInPlace(1, index, Tensor.Ones(2, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.ScatterAddInPlace(0, Tensor.From([[0L], [-1]]), Tensor.Ones(2, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.IndexSelect(0, Tensor.From([0L, 3])));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.IndexAddInPlace(0, Tensor.From([0L, 3]), Tensor.Ones(2, 4)));
        Assert.Equal(0, x.Sum().Item());
    }

    [Fact]
    public void Wrong_operands_are_refused()
    {
        Tensor x = Tensor.Zeros(3, 4), index = Tensor.Zeros([3, 4], DType.Int64);
        Assert.Contains("float32", Assert.Throws<ArgumentException>(() => x.Gather(1, x)).Message, StringComparison.Ordinal);
        Assert.Contains("ranks", Assert.Throws<ArgumentException>(() => x.Gather(1, index[0])).Message, StringComparison.Ordinal);
        Assert.Contains("dimension 0", Assert.Throws<ArgumentException>(() => x.Gather(1, Tensor.Zeros([4, 2], DType.Int64))).Message,
            StringComparison.Ordinal);
        Assert.Contains("too few", Assert.Throws<ArgumentException>(() => x.Scatter(1, index, Tensor.Zeros(3, 3))).Message, StringComparison.Ordinal);
        Assert.Contains("float64", Assert.Throws<ArgumentException>(() => x.Scatter(1, index, Tensor.Zeros([3, 4], DType.Float64))).Message,
            StringComparison.Ordinal);
        Assert.Contains("rank 1", Assert.Throws<ArgumentException>(() => x.IndexSelect(0, index)).Message, StringComparison.Ordinal);
        Assert.Contains("[2, 4]", Assert.Throws<ArgumentException>(() => x.IndexAdd(0, index[0], Tensor.Zeros(2, 4))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Gather(2, index));
        Assert.Throws<ArgumentException>(() => x.Scatter(1, index, Tensor.Zeros([3, 4], device: Device.Reference)));
    }

    [Fact]
    public void Scatter_where_values_meet_gives_the_gradient_to_the_last()
    {
        Tensor x = Tensor.Zeros([2], requiresGrad: true), source = Tensor.From([1f, 2f, 3f], requiresGrad: true);
        Tensor y = x.Scatter(0, Tensor.From([1L, 1, 1]), source);
        (y * Tensor.From([10f, 20f])).Sum().Backward();
        Assert.Equal([0, 3], y.ToArray<float>());
        Assert.Equal([10, 0], x.Grad!.ToArray<float>());
        Assert.Equal([0, 0, 20], source.Grad!.ToArray<float>());
    }

    [Fact]
    public void Single_numbers_are_lines_of_one()
    {
        Tensor x = Tensor.From(5f), zero = Tensor.From(0L);
        Assert.Equal(5, x.Gather(0, zero).Item());
        Assert.Equal(7, x.Scatter(0, zero, Tensor.From(7f)).Item());
        Assert.Equal(12, x.ScatterAdd(0, zero, Tensor.From(7f)).Item());
        Assert.Equal(0, x.Gather(0, zero).Rank);
        Assert.Equal(5, x.IndexSelect(0, zero).Item());
    }

    [Fact]
    public void Empty_indices_give_empty_results()
    {
        Tensor x = Tensor.Zeros(3, 4), none = Tensor.Zeros([0], DType.Int64);
        Assert.Equal([3, 0], x.Gather(1, Tensor.Zeros([3, 0], DType.Int64)).Shape);
        Assert.Equal([0, 4], x.IndexSelect(0, none).Shape);
        Assert.Equal([0, 4], x[none].Shape);
        Assert.Equal(0, x.IndexAdd(0, none, Tensor.Zeros(0, 4)).Sum().Item());
        Assert.Equal([0, 0], Tensor.Zeros(0, 4).IndexSelect(1, none).Shape);
    }

    internal static Device Of(string name) => name == "cpu" ? Device.Cpu : Device.Reference;

    internal static Tensor Random(params int[] shape)
    {
        var random = new Random(7);
        return Tensor.From<float>([.. Enumerable.Range(0, (int)new Shape(shape).Elements).Select(_ => random.NextSingle() - 0.5f)], shape);
    }

    internal static Tensor Index(int below, params int[] shape)
    {
        var random = new Random(8);
        return Tensor.From<long>([.. Enumerable.Range(0, (int)new Shape(shape).Elements).Select(_ => (long)random.Next(below))], shape);
    }

    internal static T WithThreads<T>(int count, Func<T> function)
    {
        int before = CpuSettings.ThreadCount;
        try
        {
            CpuSettings.ThreadCount = count;
            return function();
        }
        finally
        {
            CpuSettings.ThreadCount = before;
        }
    }
}
