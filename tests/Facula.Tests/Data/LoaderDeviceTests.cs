using Facula.Data;

namespace Facula.Tests;

public sealed class LoaderDeviceTests
{
    private static TensorDataset Pairs(int count) => new(Tensor.Arange(count).To(DType.Float32), Tensor.Arange(count));

    /// <summary>Samples that say which of them have been fetched.</summary>
    private sealed class Watched(int count, int failsAt = int.MaxValue) : Dataset<Tensor>
    {
        public List<int> Fetched { get; } = [];

        public override int Count => count;

        public override Tensor this[int index]
        {
            get
            {
                if (index == failsAt) throw new InvalidDataException($"sample {index} is broken");
                Fetched.Add(index);
                return Tensor.From((float)index);
            }
        }
    }

    private static DataLoader<Tensor, T> Of<T>(Dataset<Tensor> samples, Func<IReadOnlyList<Tensor>, T> collate, DataLoaderOptions options) => new(samples,
        collate, 1, options: options);

    [Theory, InlineData(0), InlineData(2)]
    public void Batches_come_on_the_device_and_in_order(int workers)
    {
        var loader = new DataLoader(Pairs(10), batchSize: 3, options: new() { Device = Device.Reference, Workers = workers });
        var seen = new List<float>();
        foreach (var (inputs, targets) in loader)
        {
            Assert.Equal((Device.Reference, Device.Reference), (inputs.Device, targets.Device));
            Assert.Equal(inputs.ToArray<float>(), targets.ToArray<float>());
            seen.AddRange(inputs.ToArray<float>());
        }
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], seen);
    }

    [Fact]
    public void One_batch_is_moved_ahead_and_no_more()
    {
        var samples = new Watched(5);
        using IEnumerator<Tensor> batches = Of(samples, StackOf, new() { Device = Device.Reference }).GetEnumerator();
        for (int i = 0; i < 5; i++)
        {
            Assert.True(batches.MoveNext());
            Assert.Equal(i, batches.Current.Item());
            Assert.Equal(Math.Min(i + 2, 5), samples.Fetched.Count);
        }
        Assert.False(batches.MoveNext());
    }

    private static Tensor StackOf(IReadOnlyList<Tensor> samples) => Tensor.Stack(samples);

    [Fact]
    public void An_error_comes_where_its_batch_would_have()
    {
        using IEnumerator<Tensor> batches = Of(new Watched(5, failsAt: 2), StackOf, new() { Device = Device.Reference }).GetEnumerator();
        Assert.True(batches.MoveNext() && batches.MoveNext());
        Assert.Equal(1, batches.Current.Item());
        Assert.Contains("sample 2", Assert.Throws<InvalidDataException>(() => batches.MoveNext()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_can_be_left_and_stopped()
    {
        using var source = new CancellationTokenSource();
        DataLoader<Tensor, Tensor> loader = Of(new Watched(5), StackOf, new() { Device = Device.Reference, Workers = 1, Cancellation = source.Token });
        foreach (Tensor batch in loader) break;
        using IEnumerator<Tensor> batches = loader.GetEnumerator();
        Assert.True(batches.MoveNext());
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => batches.MoveNext());
        Assert.Empty(Of(new Watched(0), StackOf, new() { Device = Device.Reference }));
    }

    [Fact]
    public void Batches_of_the_usual_kinds_are_moved_and_keep_their_types()
    {
        var options = new DataLoaderOptions { Device = Device.Reference };
        Assert.Equal(Device.Reference, Of(new Watched(1), s => (s[0], s[0], s[0]), options).Single().Item3.Device);
        Assert.Equal(Device.Reference, Of(new Watched(1), s => (s[0], s[0], s[0], s[0]), options).Single().Item4.Device);
        Assert.Equal(Device.Reference, Of(new Watched(1), s => new[] { s[0] }, options).Single()[0].Device);
        Assert.Equal(Device.Reference, Of(new Watched(1), s => new List<Tensor> { s[0] }, options).Single()[0].Device);
        Assert.Equal(Device.Reference, Of(new Watched(1), s => new Dictionary<string, Tensor> { ["x"] = s[0] }, options).Single()["x"].Device);
        string message = Assert.Throws<NotSupportedException>(() => Of(new Watched(1), s => "text", options).Single()).Message;
        Assert.Contains("toDevice:", message, StringComparison.Ordinal);
        Assert.Contains("IDeviceMovable<String>", message, StringComparison.Ordinal);
    }

    private sealed record Sentence(Tensor Ids, string Text) : IDeviceMovable<Sentence>
    {
        public Sentence To(Device device, bool nonBlocking) => this with { Ids = Ids.To(device, nonBlocking) };
    }

    private readonly record struct Span(Tensor Begin) : IDeviceMovable<Span>
    {
        public Span To(Device device, bool nonBlocking) => new(Begin.To(device, nonBlocking));
    }

    [Fact]
    public void Types_that_say_how_they_move_are_moved_wherever_they_are()
    {
        MovesWithin(x => new Sentence(x, "text"), t => t.Ids);
        MovesWithin(x => new Span(x), t => t.Begin);
        MovesWithin(x => new[] { new Span(x) }, t => t[0].Begin);
        MovesWithin(x => new List<object> { new Sentence(x, "text"), "name" }, t => ((Sentence)t[0]).Ids);
    }

    [Fact]
    public void A_batch_of_any_type_is_moved_by_a_function()
    {
        var options = new DataLoaderOptions { Device = Device.Reference };
        DataLoader<Tensor, (Tensor, (int, Guid), Half)> loader = DataLoader.From(new Watched(1), s => (s[0], (3, Guid.Empty), (Half)2), options: options,
            toDevice: (batch, device) => batch with { Item1 = batch.Item1.To(device) });
        Assert.Equal(Device.Reference, loader.Single().Item1.Device);
        Assert.Equal((3, Guid.Empty), loader.Single().Item2);
    }

    private static void MovesWithin<T>(Func<Tensor, T> make, params Func<T, Tensor>[] parts)
    {
        Tensor sample = Tensor.Ones([2]);
        T made = make(sample);
        T moved = new DataLoader<Tensor, T>(new Watched(1), _ => made, options: new() { Device = Device.Reference }).Single();
        Assert.Equal(typeof(T) == typeof(object) ? made!.GetType() : typeof(T), moved!.GetType());
        Assert.All(parts, part => Assert.Equal((Device.Reference, 1f), (part(moved).Device, part(moved)[1].Item())));
        // The collections of the dataset keep what they have.
        Assert.All(parts, part => Assert.Same(sample, part(made)));
    }

    [Fact]
    public void Collections_within_each_other_are_moved_and_keep_their_types()
    {
        MovesWithin(x => ((x, x), x), t => t.Item1.Item1, t => t.Item1.Item2, t => t.Item2);
        MovesWithin(x => (x, (x, x)), t => t.Item1, t => t.Item2.Item1, t => t.Item2.Item2);
        MovesWithin(x => ((x, x), (x, x)), t => t.Item1.Item2, t => t.Item2.Item1);
        MovesWithin(x => (new[] { x }, x), t => t.Item1[0], t => t.Item2);
        MovesWithin(x => (x, new List<Tensor> { x }), t => t.Item1, t => t.Item2[0]);
        MovesWithin(x => (x, new Dictionary<string, Tensor> { ["a"] = x }), t => t.Item1, t => t.Item2["a"]);
        MovesWithin(x => (new[] { x }, new[] { new Dictionary<string, Tensor> { ["a"] = x } }), t => t.Item1[0], t => t.Item2[0]["a"]);
        MovesWithin(x => new[] { (x, x) }, t => t[0].Item1, t => t[0].Item2);
        MovesWithin(x => ((x, 7), new List<Tensor> { x }), t => t.Item1.Item1, t => t.Item2[0]);
        MovesWithin(x => (x, new[] { "a.png" }), t => t.Item1);
        MovesWithin(x => (new[] { 3L }, x), t => t.Item2);
        MovesWithin(x => (x, x, "name"), t => t.Item1, t => t.Item2);
        MovesWithin(x => ((x, x, x), new[] { x }), t => t.Item1.Item3, t => t.Item2[0]);
        MovesWithin(x => new List<(Tensor, int)> { (x, 3) }, t => t[0].Item1);
        MovesWithin(x => new Dictionary<string, (Tensor, Tensor)> { ["a"] = (x, x) }, t => t["a"].Item1, t => t["a"].Item2);
        MovesWithin(x => new[] { new[] { x }, [x, x] }, t => t[0][0], t => t[1][1]);
        MovesWithin(x => new List<(Tensor, Tensor)> { (x, x) }, t => t[0].Item1, t => t[0].Item2);
        MovesWithin(x => new List<Tensor[]> { new[] { x } }, t => t[0][0]);
        MovesWithin(x => new Dictionary<string, Tensor[]> { ["a"] = [x] }, t => t["a"][0]);
        MovesWithin(x => new Dictionary<string, object> { ["a"] = x, ["b"] = new List<object> { (x, x), "name" } }, t => (Tensor)t["a"],
            t => (((Tensor, Tensor))((List<object>)t["b"])[0]).Item2);
        MovesWithin<object>(x => new object[] { x, "name", 3, new[] { 1, 2 } }, t => (Tensor)((object[])t)[0]);
    }

    private sealed class Own(Dataset<Tensor> samples, DataLoaderOptions options) : DataLoader<Tensor, string>(samples, s => "a", options: options)
    {
        protected override string ToDevice(string batch, Device device) => $"{batch} on {device}";
    }

    [Fact]
    public void A_loader_of_its_own_moves_what_it_makes() => Assert.Equal("a on reference",
        new Own(new Watched(1), new() { Device = Device.Reference }).Single());

    [Fact]
    public void A_device_that_is_not_there_is_an_error_at_once() =>
        Assert.Throws<NotSupportedException>(() => new DataLoader(Pairs(2), options: new() { Device = Device.Parse("cuda") }));
}
