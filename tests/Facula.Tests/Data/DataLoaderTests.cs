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
        Assert.Equal([[10, 11, 0, 1], [2, 3]],
            new DataLoader(dataset, 2, options: new() { Sampler = new Fixed([5, 0, 1]) }).Select(b => b.Inputs.ToArray<int>()));
    }

    private sealed class Fixed(int[] order) : Sampler
    {
        public override long Count => order.Length;
        public override IEnumerable<int> NextEpoch() => order;
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
        int[] draws = [.. new WeightedRandomSampler([1, 0, 3], 4000, new Generator(5)).NextEpoch()];
        Assert.Equal(0, draws.Count(i => i == 1));
        // 4000 draws of probability 3/4: five standard deviations are 137.
        Assert.InRange(draws.Count(i => i == 2), 3000 - 137, 3000 + 137);
    }

    [Theory, InlineData(0, 3), InlineData(1, 0)]
    public void RandomSampler_refuses_what_cannot_be_drawn(int count, int extra) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomSampler(count, samples: extra == 0 ? -1 : extra));

    [Fact]
    public void RandomSampler_of_more_samples_than_there_are_goes_round_again()
    {
        var sampler = new RandomSampler(4, samples: 10, generator: new Generator(1));
        int[] order = [.. sampler.NextEpoch()];
        Assert.Equal(10, order.Length);
        Assert.Equal([0, 1, 2, 3], order[..4].Order());
        Assert.Equal([0, 1, 2, 3], order[4..8].Order());
        Assert.Equal(10, new DataLoader(new Squares(4), 3, options: new() { Sampler = sampler }).Sum(batch => batch.Targets.Length));
        Assert.Empty(new RandomSampler(0, replacement: true).NextEpoch());
        Assert.Equal(2, new RandomSampler(4, samples: 2).NextEpoch().Count());
    }

    private sealed class Promising(int count, int[] order) : Sampler
    {
        public override long Count => count;
        public override int[] NextEpoch() => order;
    }

    [Theory, InlineData(9), InlineData(1)]
    public void Batches_are_of_what_a_sampler_gives_whatever_it_promised(int promised)
    {
        var loader = new DataLoader(new Squares(10), 2, options: new() { Sampler = new Promising(promised, [7, 1, 2]) });
        Assert.Equal([[7, 1], [2]], loader.Select(batch => batch.Targets.ToArray<int>()));
    }

    [Fact]
    public void WeightedRandomSampler_never_gives_weightless_indices_at_the_ends_of_others()
    {
        double[] sums = [0, 0, 0.5, 0.5, 0.5, 1, 1, 1];
        Assert.Equal([2, 2, 5, 5, 5], ((double[])[0, 0.25, 0.5, 0.75, 1]).Select(place => WeightedRandomSampler.IndexAt(sums, place)));
        Assert.Throws<ArgumentException>(() => new WeightedRandomSampler([1, double.PositiveInfinity], 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WeightedRandomSampler([1, 2], -1));
    }

    [Fact]
    public void ConcatDataset_fetches_batches_part_by_part_with_the_bits_of_any_number_of_workers()
    {
        Facula.Vision.ImageDataset Images(int seed, int count)
        {
            var generator = new Generator(seed);
            return new(Tensor.RandInt(0, 256, [count, 1, 4, 4], DType.UInt8, generator: generator), Tensor.RandInt(0, 10, [count], generator: generator), [],
                new Facula.Vision.RandomHorizontalFlip());
        }
        var all = new ConcatDataset<(Tensor, int)>(Images(1, 9), Images(2, 5), Images(3, 8));
        (byte[] Images, int[] Labels)[] Epoch(int workers) =>
            [.. new DataLoader(all, 4, shuffle: true, options: new() { Generator = new Generator(4), Workers = workers }).Select(batch =>
                (batch.Inputs.ToArray<byte>(), batch.Targets.ToArray<int>()))];
        (byte[] Images, int[] Labels)[] alone = Epoch(0), helped = Epoch(2);
        Assert.Equal(alone.Select(batch => batch.Images), helped.Select(batch => batch.Images));
        Assert.Equal(alone.Select(batch => batch.Labels), helped.Select(batch => batch.Labels));

        int[] order = [20, 0, 13, 8, 9, 21];
        var (images, labels) = all.GetBatch(order, new Generator(5));
        Assert.Equal(order.Select(i => all[i].Item2), labels.ToArray<int>());
        // A flip keeps the sum.
        Assert.Equal(order.Select(i => all[i].Item1.Sum().Item<long>()), images.Reshape(order.Length, -1).Sum(1).ToArray<long>());
        Assert.Equal([0, 1, 4, 4], all.GetBatch([]).Inputs.Shape);
        Assert.Contains("Squares", Assert.Throws<InvalidOperationException>(() => new ConcatDataset<(Tensor, int)>(new Squares(2)).GetBatch([0])).Message);
    }

    [Fact]
    public void Nothing_comes_after_an_error()
    {
        using IEnumerator<(Tensor, Tensor)> batches =
            new DataLoader(new Squares(20, i => { if (i == 0) throw new InvalidDataException(); }), 5, options: new() { Workers = 2 }).GetEnumerator();
        Assert.Throws<InvalidDataException>(() => batches.MoveNext());
        Assert.False(batches.MoveNext());
        Assert.Throws<ArgumentNullException>(() => new DataLoader((Dataset<(Tensor, int)>)null!));
    }
}
