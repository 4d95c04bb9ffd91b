using Facula.Data;

namespace Facula.Tests.Data;

public class DataLoaderTests
{
    private sealed class Squares(int count, Action<int>? onFetch = null) : Dataset<(Tensor, int)>
    {
        public override int Count => count;

        public override (Tensor, int) this[int index]
        {
            get
            {
                CheckIndex(index);
                onFetch?.Invoke(index);
                return (Tensor.From([index, index * (float)index]), index);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Batches_keep_order_and_content(int workers)
    {
        var loader = new DataLoader(new Squares(23), 5, options: new() { Workers = workers });
        Assert.Equal(5, loader.Count);
        var sizes = new List<int>();
        int next = 0;
        foreach (var (inputs, targets) in loader)
        {
            sizes.Add(inputs.Size(0));
            Assert.Equal(DType.Int64, targets.DType);
            foreach (long label in targets.ToArray<long>()) Assert.Equal(next++, label);
            Assert.Equal(targets.ToArray<long>().Select(i => i * (float)i), inputs[.., 1].ToArray<float>());
        }
        Assert.Equal([5, 5, 5, 5, 3], sizes);
    }

    [Fact]
    public void DropLast_leaves_the_short_batch_out() =>
        Assert.Equal([5, 5, 5, 5], new DataLoader(new Squares(23), 5, dropLast: true).Select(batch => batch.Targets.Length));

    [Fact]
    public void Shuffle_visits_all_in_a_new_order_each_epoch_and_repeats_with_the_seed()
    {
        int[] Epochs(int workers)
        {
            var loader = new DataLoader(new Squares(50), 7, shuffle: true, options: new() { Workers = workers, Generator = new Generator(3) });
            return [.. loader.SelectMany(b => b.Targets.ToArray<int>()), .. loader.SelectMany(b => b.Targets.ToArray<int>())];
        }
        int[] order = Epochs(0);
        Assert.Equal(order, Epochs(2));
        Assert.NotEqual(order[..50], order[50..]);
        Assert.Equal(Enumerable.Range(0, 50), order[..50].Order());
        Assert.Equal(Enumerable.Range(0, 50), order[50..].Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Exception_of_a_sample_reaches_the_caller_with_its_stack(int workers)
    {
        void Fail(int index)
        {
            if (index == 12) throw new InvalidDataException("sample 12");
        }
        var seen = new List<int>();
        var e = Assert.Throws<InvalidDataException>(() =>
        {
            foreach (var (_, targets) in new DataLoader(new Squares(20, Fail), 5, options: new() { Workers = workers })) seen.Add(targets.Length);
        });
        Assert.Equal("sample 12", e.Message);
        Assert.Contains(nameof(Fail), e.StackTrace);
        Assert.Equal([5, 5], seen);
    }

    [Fact]
    public void Leaving_early_stops_the_workers_and_bounds_what_was_fetched()
    {
        int fetched = 0;
        var loader = new DataLoader(new Squares(100_000, _ => Interlocked.Increment(ref fetched)), 10, options: new() { Workers = 2, Prefetch = 2 });
        foreach (var _ in loader) break;
        int after = fetched;
        // One batch given, at most four more in the ring.
        Assert.InRange(after, 10, 60);
        Thread.Sleep(50);
        Assert.Equal(after, fetched);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Cancellation_ends_the_loop(int workers)
    {
        using var stop = new CancellationTokenSource();
        var loader = new DataLoader(new Squares(1000), 10, options: new() { Workers = workers, Cancellation = stop.Token });
        int batches = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in loader)
            {
                if (++batches == 3) stop.Cancel();
            }
        });
        Assert.Equal(3, batches);
    }

    [Fact]
    public void Collate_makes_batches_of_any_type()
    {
        var loader = new DataLoader<(Tensor, int), int>(new Squares(7), samples => samples.Sum(s => s.Item2), batchSize: 3);
        Assert.Equal([3, 12, 6], loader);
    }

    [Fact]
    public void TensorDataset_gives_rows_ranges_and_batches()
    {
        var dataset = new TensorDataset(Tensor.Arange(12).Reshape(6, 2), Tensor.Arange(6));
        Assert.Equal(6, dataset.Count);
        Assert.Equal([4, 5], dataset[2].Input.ToArray<int>());
        var (inputs, targets) = dataset[0..3];
        Assert.Equal([3, 2], inputs.Shape);
        Assert.Equal([0, 1, 2], targets.ToArray<int>());
        Assert.Throws<ArgumentOutOfRangeException>(() => dataset[6]);
        Assert.Throws<ArgumentException>(() => new TensorDataset(Tensor.Zeros(3, 1), Tensor.Zeros(4)));
        Assert.Equal([[10, 11, 0, 1], [2, 3]], new DataLoader(dataset, 2, options: new() { Sampler = new Fixed([5, 0, 1]) }).Select(b => b.Inputs.ToArray<int>()));
    }

    private sealed class Fixed(int[] order) : Sampler
    {
        public override int Count => order.Length;
        public override int[] NextEpoch() => order;
    }

    [Fact]
    public void RandomSplit_parts_do_not_overlap_and_cover()
    {
        var (a, b) = new Squares(30).RandomSplit([20, 10], new Generator(1));
        Assert.Equal(Enumerable.Range(0, 30), a.Indices.Concat(b.Indices).Order());
        Assert.Equal(a.Indices[3], a[3].Item2);
        Assert.Throws<ArgumentException>(() => new Squares(30).RandomSplit([20, 9]));
    }

    [Fact]
    public void ConcatDataset_counts_through_its_parts()
    {
        var all = new ConcatDataset<(Tensor, int)>(new Squares(3), new Squares(0), new Squares(2));
        Assert.Equal([0, 1, 2, 0, 1], all.Select(sample => sample.Item2));
    }

    [Fact]
    public void WeightedRandomSampler_draws_in_proportion_and_never_what_weighs_nothing()
    {
        int[] draws = new WeightedRandomSampler([1, 0, 3], 4000, new Generator(5)).NextEpoch();
        Assert.Equal(0, draws.Count(i => i == 1));
        // 4000 draws of probability 3/4: five standard deviations are 137.
        Assert.InRange(draws.Count(i => i == 2), 3000 - 137, 3000 + 137);
    }
}
