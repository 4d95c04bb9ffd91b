using System.Collections;

namespace Facula.Data;

/// <summary>What a loader does besides fetching: <c>new() { Workers = 2 }</c>.</summary>
public sealed record DataLoaderOptions
{
    /// <summary>Threads that fetch ahead; 0 fetches on the caller's thread. PyTorch's num_workers.</summary>
    public int Workers { get; init; }

    /// <summary>Batches that each worker may be ahead. PyTorch's prefetch_factor.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>The order of visits, in place of shuffle.</summary>
    public Sampler? Sampler { get; init; }

    /// <summary>The generator that shuffles; the default one if null. Same seed, same order, whatever the number of workers.</summary>
    public Generator? Generator { get; init; }

    /// <summary>
    /// Where batches are moved to, each while the one before is worked on, so that no more than two are there at a time; they stay where the dataset makes them
    /// if null. No device of this version copies beside the program: moving a batch takes its time in the loop. What PyTorch's pin_memory and non_blocking
    /// are for.
    /// </summary>
    public Device? Device { get; init; }

    /// <summary>Stops the loop with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// How long to wait for a batch of the workers before giving up with <see cref="TimeoutException"/>, and for workers to end when the loop is left; for ever
    /// unless set.
    /// A worker that hangs is left behind. Only with workers. PyTorch's timeout.
    /// </summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;
}

/// <summary>Cuts a dataset into batches, shuffled anew at each enumeration: <c>foreach (var batch in loader)</c>. torch.utils.data.DataLoader.</summary>
/// <typeparam name="TBatch">A batch.</typeparam>
public abstract class DataLoader<TBatch> : IEnumerable<TBatch>
{
    /// <summary>How far apart the batches of an epoch are in its stream of random numbers: further than any batch gets.</summary>
    private const long BlocksOfABatch = 1L << 32;

    private readonly Sampler _sampler;
    private readonly bool _dropLast;

    /// <summary>A loader over the samples of a dataset.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch size, workers, prefetch or timeout make no sense.</exception>
    /// <exception cref="ArgumentException">There is a timeout but no worker, or the order is to be shuffled and a sampler's.</exception>
    /// <exception cref="NotSupportedException">The device is not there.</exception>
    protected DataLoader(Dataset dataset, int batchSize, bool shuffle, bool dropLast, DataLoaderOptions? options)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        Options = options ?? new();
        ArgumentOutOfRangeException.ThrowIfNegative(Options.Workers);
        ArgumentOutOfRangeException.ThrowIfLessThan(Options.Prefetch, 1);
        _ = Options.Device?.Backend;
        if (Options.Timeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Options.Timeout, TimeSpan.Zero);
            if (Options.Workers == 0)
                throw new ArgumentException("DataLoader: a timeout is for workers, but there are none; the caller's own thread cannot be left behind.",
                    nameof(options));
        }
        if (shuffle && Options.Sampler is not null) throw new ArgumentException("DataLoader: a sampler sets the order; leave shuffle off.", nameof(shuffle));
        (Dataset, BatchSize, _dropLast) = (dataset, batchSize, dropLast);
        _sampler = Options.Sampler ?? (shuffle ? new RandomSampler(dataset.Count, generator: Options.Generator) : new SequentialSampler(dataset.Count));
    }

    /// <summary>The samples; <c>loader.Dataset.Count</c> is how many there are. PyTorch's dataset.</summary>
    public Dataset Dataset { get; }

    /// <summary>Samples in a batch; the last may have fewer.</summary>
    public int BatchSize { get; }

    /// <summary>The options given.</summary>
    protected DataLoaderOptions Options { get; }

    /// <summary>The number of batches of an epoch. Python's len.</summary>
    /// <exception cref="OverflowException">There are more than an int counts; see <see cref="LongCount"/>.</exception>
    public int Count => LongCount <= int.MaxValue ? (int)LongCount
        : throw new OverflowException($"DataLoader: an epoch has {LongCount} batches, which is more than an int counts; use {nameof(LongCount)}.");

    /// <summary>The number of batches of an epoch, however many.</summary>
    public long LongCount => _sampler.Count / BatchSize + (!_dropLast && _sampler.Count % BatchSize > 0 ? 1 : 0);

    /// <summary>What the batches are of, for messages.</summary>
    private string Source => Dataset.GetType().Name;

    /// <summary>Whether <see cref="Fetch"/> makes use of its generator, which costs a random number each epoch.</summary>
    protected virtual bool IsRandom => false;

    /// <summary>The samples at the indices as a batch. Called on worker threads where there are some.</summary>
    /// <param name="indices">Which, in order.</param>
    /// <param name="generator">
    /// Where random numbers come from: a generator of the batch's own, which gives the same ones whatever the number of workers; null if not <see
    /// cref="IsRandom"/>.
    /// </param>
    protected abstract TBatch Fetch(ReadOnlyMemory<int> indices, Generator? generator);

    /// <summary>
    /// A batch on the device that the options name. Moves tensors, whatever implements <see cref="IDeviceMovable{TSelf}"/>, tuples of up to four tensors, pairs
    /// of tensors, tuples, collections, numbers and strings, arrays of any of these, lists of them and dictionaries by name, all into new ones of
    /// the same types; numbers and strings inside stay as they are. Override it for batches of other kinds.
    /// </summary>
    /// <exception cref="NotSupportedException">The batch is of another kind.</exception>
    protected virtual TBatch ToDevice(TBatch batch, Device device) => (TBatch)new DeviceMover(device).Move(batch!);

    /// <summary>Starts an epoch. Leaving the loop early stops the workers.</summary>
    /// <exception cref="TimeoutException">While enumerating: a worker takes longer than the options allow.</exception>
    public IEnumerator<TBatch> GetEnumerator()
    {
        IEnumerable<int> order = _sampler.NextEpoch();
        long? seed = IsRandom ? Tensor.RandInt(0, long.MaxValue, [], device: Device.Cpu, generator: Options.Generator).Item<long>() : null;
        TBatch FetchBatch(long batch, int[] indices) => Fetch(indices, seed is null ? null : GeneratorOf(seed.Value, batch));
        IEnumerator<TBatch> batches = Options.Workers == 0 ? Sequential(order, FetchBatch)
            : new Prefetcher<TBatch>(Batches(order).GetEnumerator(), FetchBatch, Options, Source);
        return Options.Device is not { } device ? batches : DeviceTransfer.Ahead(batches, batch => ToDevice(batch, device), Options.Cancellation);
    }

    private static Generator GeneratorOf(long seed, long batch)
    {
        const long batchesOfASeed = long.MaxValue / BlocksOfABatch;
        return new(seed + batch / batchesOfASeed) { Offset = batch % batchesOfASeed * BlocksOfABatch };
    }

    /// <summary>The order cut into batches, as it is drawn.</summary>
    private IEnumerable<int[]> Batches(IEnumerable<int> order)
    {
        var batch = new List<int>();
        foreach (int index in order)
        {
            batch.Add(index);
            if (batch.Count < BatchSize) continue;
            yield return [.. batch];
            batch.Clear();
        }
        if (!_dropLast && batch.Count > 0) yield return [.. batch];
    }

    private IEnumerator<TBatch> Sequential(IEnumerable<int> order, Func<long, int[], TBatch> fetch)
    {
        long number = 0;
        using IEnumerator<int[]> batches = Batches(order).GetEnumerator();
        while (true)
        {
            Options.Cancellation.ThrowIfCancellationRequested();
            if (!batches.MoveNext()) yield break;
            yield return fetch(number++, batches.Current);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Batches of samples of any type, made by a function. torch.utils.data.DataLoader with collate_fn.</summary>
/// <param name="dataset">The samples.</param>
/// <param name="collate">Makes a batch of samples; <see cref="Collate.Default(IReadOnlyList{Tensor})"/> and its like stack them.</param>
/// <param name="batchSize">Samples in a batch.</param>
/// <param name="shuffle">A new random order each epoch.</param>
/// <param name="dropLast">Leave out a last batch that is not full.</param>
/// <param name="options">Workers, sampler, generator, device, cancellation.</param>
/// <param name="toDevice">
/// Moves a batch to the device that the options name, where it is of a type that <see cref="DataLoader{TBatch}.ToDevice"/> does not know:
/// <c>(batch, device) =&gt; batch with { Ids = batch.Ids.To(device, nonBlocking: true) }</c>.
/// </param>
public class DataLoader<T, TBatch>(Dataset<T> dataset, Func<IReadOnlyList<T>, TBatch> collate, int batchSize = 1, bool shuffle = false, bool dropLast = false,
    DataLoaderOptions? options = null, Func<TBatch, Device, TBatch>? toDevice = null) : DataLoader<TBatch>(dataset, batchSize, shuffle, dropLast, options)
{
    /// <summary>The samples.</summary>
    public new Dataset<T> Dataset { get; } = dataset;

    private readonly Func<IReadOnlyList<T>, TBatch> _collate = Check.NotNull(collate, operation: nameof(DataLoader));

    /// <summary>The dataset's own batches, where they are what the function would make.</summary>
    internal IBatchSource<TBatch>? Batches { get; init; }

    /// <inheritdoc/>
    protected override bool IsRandom => Batches is { IsRandom: true };

    /// <inheritdoc/>
    protected override TBatch ToDevice(TBatch batch, Device device) => toDevice is null ? base.ToDevice(batch, device) : toDevice(batch, device);

    /// <inheritdoc/>
    protected override TBatch Fetch(ReadOnlyMemory<int> indices, Generator? generator)
    {
        if (Batches is not null) return Batches.GetBatch(indices.Span, generator);
        var samples = new T[indices.Length];
        for (int i = 0; i < samples.Length; i++) samples[i] = Dataset[indices.Span[i]];
        return _collate(samples);
    }
}

/// <summary>
/// Batches of inputs and targets: <c>foreach (var (images, labels) in loader)</c>. Samples are stacked; labels become Int64. torch.utils.data.DataLoader.
/// </summary>
public sealed partial class DataLoader : DataLoader<(Tensor Inputs, Tensor Targets)>
{
    private readonly Func<ReadOnlyMemory<int>, Generator?, (Tensor, Tensor)> _fetch;

    /// <summary>Batches of a dataset of two tensors a sample.</summary>
    public DataLoader(Dataset<(Tensor, Tensor)> dataset, int batchSize = 1, bool shuffle = false, bool dropLast = false, DataLoaderOptions? options = null)
        : base(dataset, batchSize, shuffle, dropLast, options) => (_fetch, IsRandom) = FetchFrom(dataset, target => target);

    /// <summary>Batches of a dataset of a tensor and a class label a sample.</summary>
    public DataLoader(Dataset<(Tensor, int)> dataset, int batchSize = 1, bool shuffle = false, bool dropLast = false, DataLoaderOptions? options = null)
        : base(dataset, batchSize, shuffle, dropLast, options) =>
        (_fetch, IsRandom) = FetchFrom(dataset, label => Tensor.From((long)label, device: Device.Cpu));

    /// <inheritdoc/>
    protected override bool IsRandom { get; }

    /// <inheritdoc/>
    protected override (Tensor Inputs, Tensor Targets) Fetch(ReadOnlyMemory<int> indices, Generator? generator) => _fetch(indices, generator);

    private static (Func<ReadOnlyMemory<int>, Generator?, (Tensor, Tensor)> Fetch, bool IsRandom) FetchFrom<TTarget>(Dataset<(Tensor, TTarget)> dataset,
        Func<TTarget, Tensor> toTensor)
    {
        if (dataset is IBatchSource<(Tensor, Tensor)> { HasBatches: true } source)
            return ((indices, generator) => source.GetBatch(indices.Span, generator), source.IsRandom);
        return ((indices, _) =>
        {
            var inputs = new Tensor[indices.Length];
            var targets = new Tensor[indices.Length];
            for (int i = 0; i < inputs.Length; i++)
            {
                (inputs[i], TTarget target) = dataset[indices.Span[i]];
                targets[i] = toTensor(target);
            }
            return (Tensor.Stack(inputs), Tensor.Stack(targets));
        }, false);
    }
}
