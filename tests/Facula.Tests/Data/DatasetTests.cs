using Facula.Data;

namespace Facula.Tests.Data;

public class DatasetTests
{
    private static readonly Tensor A = Tensor.Arange(10).Reshape([10, 1]), B = Tensor.Arange(10) * 2, C = Tensor.Arange(20).Reshape([10, 2]),
        D = -Tensor.Arange(10);

    private sealed class Numbers(int count) : Dataset<float>
    {
        public override int Count => count;

        public override float this[int index] => index;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Datasets_of_any_number_of_tensors_come_in_batches(int workers)
    {
        DataLoaderOptions options = new() { Workers = workers };
        long next = 0;
        foreach (Tensor rows in DataLoader.From(TensorDataset.From(A), 4, options: options)) Assert.Equal(next += rows.Length, rows[-1, 0].Item<long>() + 1);
        int batches = 0;
        foreach (var (a, b, c) in DataLoader.From(TensorDataset.From(A, B, C), 4, options: options))
        {
            batches++;
            Assert.Equal((a * 2).Flatten().ToArray<long>(), b.ToArray<long>());
            Assert.Equal((a * 2).Flatten().ToArray<long>(), c[.., 0].ToArray<long>());
        }
        Assert.Equal(3, batches);
        var (_, _, _, d) = DataLoader.From(TensorDataset.From(A, B, C, D), 10, options: options).Single();
        Assert.Equal(D.ToArray<long>(), d.ToArray<long>());
        Tensor[] five = DataLoader.From(TensorDataset.From(A, B, C, D, A), 10, options: options).Single();
        Assert.Equal([10, 1], five[4].Shape);
        foreach (var (inputs, targets) in new DataLoader(TensorDataset.From(A, B), 4, options: options)) Assert.Equal(inputs.Length, targets.Length);
    }

    [Fact]
    public void Samples_and_ranges_are_of_every_tensor()
    {
        TensorDataset<(Tensor, Tensor, Tensor)> dataset = TensorDataset.From(A, B, C);
        Assert.Equal(10, dataset.Count);
        var (a, b, c) = dataset[3];
        Assert.Equal((3, 6, 6), (a.Item<int>(), b.Item<int>(), c[0].Item<int>()));
        Assert.Equal([4, 6], dataset[2..4].Item2.ToArray<long>());
        Assert.Equal(3, dataset.Tensors.Count);
        Assert.Equal([5, 1], TensorDataset.From(A)[5..].Shape);
        Assert.Contains("[10, 1], [10], [3]", Assert.Throws<ArgumentException>(() => TensorDataset.From(A, B, Tensor.Zeros([3]))).Message);
        Assert.Throws<ArgumentException>(() => TensorDataset.From(Tensor.From(1.0)));
        Assert.Throws<ArgumentException>(() => TensorDataset.From());
        Assert.ThrowsAny<ArgumentException>(() => TensorDataset.From(A, B, null!));
    }

    [Fact]
    public void Parts_of_a_dataset_come_in_batches_as_well()
    {
        var (train, rest) = TensorDataset.From(A, B, C).RandomSplit([0.7, 0.3], new(1));
        var seen = new List<long>();
        foreach (Subset<(Tensor, Tensor, Tensor)> part in (Subset<(Tensor, Tensor, Tensor)>[])[train, rest])
        {
            foreach (var (a, b, _) in DataLoader.From(part, 4))
            {
                Assert.Equal((a * 2).Flatten().ToArray<long>(), b.ToArray<long>());
                seen.AddRange(a.Flatten().ToArray<long>());
            }
        }
        Assert.Equal(A.Flatten().ToArray<long>(), seen.Order());
        Assert.Equal(20, DataLoader.From(new ConcatDataset<(Tensor, Tensor, Tensor)>(TensorDataset.From(A, B, C), TensorDataset.From(A, B, C)), 6)
            .Sum(batch => batch.Item1.Length));
    }

    [Fact]
    public void A_loader_knows_its_dataset()
    {
        var pairs = new TensorDataset(A, B);
        Assert.Same(pairs, new DataLoader(pairs, 3).Dataset);
        Assert.Equal(10, new DataLoader(pairs, 3).Dataset.Count);
        DataLoader<Tensor, Tensor> rows = DataLoader.From(TensorDataset.From(A), 3);
        Assert.Equal([2], rows.Dataset[2].ToArray<long>());
        DataLoader<Tensor> any = rows;
        Assert.Same(rows.Dataset, any.Dataset);
    }

    [Fact]
    public void The_default_function_stacks_what_PyTorch_stacks()
    {
        Assert.Equal([2, 3], Collate.Default([Tensor.Zeros([3]), Tensor.Ones([3])]).Shape);
        Assert.Equal(DType.Int64, Collate.Default([1, 2, 3]).DType);
        Assert.Equal([0, 1, 2, 3], DataLoader.From(new Numbers(4), Collate.Default, 4).Single().ToArray<float>());
        var (inputs, labels) = Collate.Default([(Tensor.Zeros([2]), 3), (Tensor.Ones([2]), 4)]);
        Assert.Equal([2, 2], inputs.Shape);
        Assert.Equal([3, 4], labels.ToArray<long>());
        Assert.Equal([1, 3], Collate.Default([(Tensor.From(1L), Tensor.From(2L)), (Tensor.From(3L), Tensor.From(4L))]).Inputs.ToArray<long>());
        Assert.Throws<ArgumentException>(() => Collate.Default([new Tensor[] { A }, [A, B]]));
        Assert.Throws<ArgumentException>(() => Collate.Default((Tensor[])[]));
        Assert.Throws<ArgumentException>(() => Collate.Default((Tensor[][])[null!]));
        // A function of one's own is asked also where the dataset makes batches itself.
        Assert.Equal(45, DataLoader.From(TensorDataset.From(A), samples => samples.Sum(sample => sample.Item<int>()), 10).Single());
    }

    /// <summary>Sizes as torch.utils.data.random_split of PyTorch 1.13 has them.</summary>
    [Theory]
    [InlineData(10, new[] { 0.7, 0.3 }, new[] { 7, 3 })]
    [InlineData(11, new[] { 0.5, 0.5 }, new[] { 6, 5 })]
    [InlineData(10, new[] { 0.34, 0.33, 0.33 }, new[] { 4, 3, 3 })]
    [InlineData(100, new[] { 0.29, 0.71 }, new[] { 29, 71 })]
    [InlineData(3, new[] { 0.25, 0.25, 0.25, 0.25 }, new[] { 1, 1, 1, 0 })]
    [InlineData(0, new[] { 0.9, 0.1 }, new[] { 0, 0 })]
    public void Fractions_become_sizes(int count, double[] fractions, int[] sizes) =>
        Assert.Equal(sizes, new Numbers(count).RandomSplit(fractions, new(1)).Select(part => part.Count));

    [Fact]
    public void Fractions_are_shares_of_the_whole_and_sizes_stay_sizes()
    {
        Assert.Contains("add up to 1", Assert.Throws<ArgumentException>(() => new Numbers(10).RandomSplit([0.5, 0.6])).Message);
        Assert.Throws<ArgumentException>(() => new Numbers(10).RandomSplit([1.5, -0.5]));
        Assert.Throws<ArgumentException>(() => new Numbers(10).RandomSplit([double.NaN, 1]));
        Assert.Equal([9, 1], new Numbers(10).RandomSplit([9, 1]).Select(part => part.Count));
        Assert.Equal([1, 0], new Numbers(1).RandomSplit([1, 0]).Select(part => part.Count));
    }
}
