namespace Facula.Data;

public sealed partial class DataLoader
{
    /// <summary>Batches of samples of any type, made by a function. torch.utils.data.DataLoader with collate_fn.</summary>
    /// <param name="dataset">The samples.</param>
    /// <param name="collate">Makes a batch of samples.</param>
    /// <param name="batchSize">Samples in a batch.</param>
    /// <param name="shuffle">A new random order each epoch.</param>
    /// <param name="dropLast">Leave out a last batch that is not full.</param>
    /// <param name="options">Workers, sampler, generator, device, cancellation.</param>
    /// <param name="toDevice">Moves a batch of a type that loaders do not know to the device that the options name.</param>
    public static DataLoader<T, TBatch> From<T, TBatch>(Dataset<T> dataset, Func<IReadOnlyList<T>, TBatch> collate, int batchSize = 1, bool shuffle = false,
        bool dropLast = false, DataLoaderOptions? options = null, Func<TBatch, Device, TBatch>? toDevice = null) =>
        new(dataset, collate, batchSize, shuffle, dropLast, options, toDevice);

    /// <summary>Batches of single tensors, stacked.</summary>
    /// <inheritdoc cref="From{T, TBatch}"/>
    public static DataLoader<Tensor, Tensor> From(Dataset<Tensor> dataset, int batchSize = 1, bool shuffle = false, bool dropLast = false,
        DataLoaderOptions? options = null) =>
        Stacked(dataset, Collate.Default, batchSize, shuffle, dropLast, options);

    /// <summary>Batches of three tensors a sample, each stacked: <c>foreach (var (images, boxes, labels) in loader)</c>.</summary>
    /// <inheritdoc cref="From{T, TBatch}"/>
    public static DataLoader<(Tensor, Tensor, Tensor), (Tensor, Tensor, Tensor)> From(Dataset<(Tensor, Tensor, Tensor)> dataset, int batchSize = 1,
        bool shuffle = false,
        bool dropLast = false, DataLoaderOptions? options = null) => Stacked(dataset, Collate.Default, batchSize, shuffle, dropLast, options);

    /// <summary>Batches of four tensors a sample, each stacked.</summary>
    /// <inheritdoc cref="From{T, TBatch}"/>
    public static DataLoader<(Tensor, Tensor, Tensor, Tensor), (Tensor, Tensor, Tensor, Tensor)> From(Dataset<(Tensor, Tensor, Tensor, Tensor)> dataset,
        int batchSize = 1,
        bool shuffle = false, bool dropLast = false, DataLoaderOptions? options = null) =>
        Stacked(dataset, Collate.Default, batchSize, shuffle, dropLast, options);

    /// <summary>Batches of any number of tensors a sample, each stacked.</summary>
    /// <inheritdoc cref="From{T, TBatch}"/>
    public static DataLoader<Tensor[], Tensor[]> From(Dataset<Tensor[]> dataset, int batchSize = 1, bool shuffle = false, bool dropLast = false,
        DataLoaderOptions? options = null) =>
        Stacked(dataset, Collate.Default, batchSize, shuffle, dropLast, options);

    /// <summary>What stacking makes of samples a dataset may make faster itself.</summary>
    private static DataLoader<T, T> Stacked<T>(Dataset<T> dataset, Func<IReadOnlyList<T>, T> collate, int batchSize, bool shuffle, bool dropLast,
        DataLoaderOptions? options) =>
        new(dataset, collate, batchSize, shuffle, dropLast, options) { Batches = dataset is IBatchSource<T> { HasBatches: true } source ? source : null };
}
