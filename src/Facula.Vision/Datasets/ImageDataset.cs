using Facula.Data;

namespace Facula.Vision;

/// <summary>Labelled images held in memory as bytes; a transform makes of them what the model eats, when they are fetched.</summary>
public class ImageDataset : Dataset<(Tensor Image, int Label)>, IBatchSource<(Tensor Inputs, Tensor Targets)>
{
    /// <summary>Images and their classes.</summary>
    /// <param name="images">All images, UInt8 [count, channels, height, width].</param>
    /// <param name="labels">Their classes, UInt8 or Int64 [count].</param>
    /// <param name="classes">The classes' names; none if they have no names.</param>
    /// <param name="transform">Applied to each image; none leaves the bytes.</param>
    /// <exception cref="ArgumentException">There is not one label for each image, or a label names no class.</exception>
    public ImageDataset(Tensor images, Tensor labels, IReadOnlyList<string> classes, ITransform? transform = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classes);
        if (images.Rank != 4 || labels.Rank != 1 || images.Length != labels.Length)
        {
            throw new ArgumentException($"ImageDataset: images of shape {images.Shape} and labels of shape {labels.Shape} must be " +
                "[count, channels, height, width] and [count].", nameof(labels));
        }
        (Images, Labels, Classes, Transform) = (images, labels.To(DType.Int64), classes, transform);
        if (classes.Count == 0) return;
        int wrong = Labels.ToArray<long>().AsSpan().IndexOfAnyExceptInRange(0, classes.Count - 1);
        if (wrong >= 0)
            throw new ArgumentException($"ImageDataset: image {wrong} has the label {Labels[wrong].Item<long>()}, but there are {classes.Count} classes.",
                nameof(labels));
    }

    /// <summary>Images and labels from two files of one's own in the format of MNIST; those of the published data sets are <see cref="Mnist"/>
    /// and <see cref="FashionMnist"/>.</summary>
    /// <param name="images">The file of the images, IDX of rank 3, [count, height, width], gzip-compressed or not.</param>
    /// <param name="labels">The file of their classes, IDX of rank 1.</param>
    /// <param name="classes">The classes' names, in the order of their labels.</param>
    /// <param name="transform">Applied to each image, UInt8 [1, height, width].</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read, or is a folder.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or another one; the message names it.</exception>
    public static ImageDataset FromIdx(string images, string labels, IReadOnlyList<string> classes, ITransform? transform = null)
    {
        ArgumentNullException.ThrowIfNull(classes);
        Tensor pictures = IdxFile.Read(images, 3), numbers = IdxFile.Read(labels, 1);
        CheckLabels(labels, pictures, numbers, classes.Count);
        return new(pictures.Unsqueeze(1), numbers, classes, transform);
    }

    /// <summary>All images as they were read, UInt8 [count, channels, height, width].</summary>
    public Tensor Images { get; }

    /// <summary>All labels, Int64 [count].</summary>
    public Tensor Labels { get; }

    /// <summary>The classes' names, in the order of their labels.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>What images pass through.</summary>
    public ITransform? Transform { get; }

    /// <inheritdoc/>
    public override int Count => Images.Length;

    /// <inheritdoc/>
    public override (Tensor Image, int Label) this[int index]
    {
        get
        {
            CheckIndex(index);
            Tensor image = Images.Select(0, index);
            return (Transform?.Apply(image) ?? image, Labels.Select(0, index).Item<int>());
        }
    }

    bool IBatchSource<(Tensor Inputs, Tensor Targets)>.HasBatches => true;

    bool IBatchSource<(Tensor Inputs, Tensor Targets)>.IsRandom => Transform is { IsRandom: true };

    /// <inheritdoc/>
    public (Tensor Inputs, Tensor Targets) GetBatch(ReadOnlySpan<int> indices, Generator? generator = null)
    {
        Tensor rows = Tensor.From(indices, [indices.Length], device: Images.Device);
        Tensor images = Images.IndexSelect(0, rows);
        if (Transform is { AppliesToBatches: true }) images = Transform.Apply(images, generator);
        else if (Transform is not null)
            images = Tensor.Stack([.. Enumerable.Range(0, images.Length).Select(i => Transform.Apply(images.Select(0, i), generator))]);
        return (images, Labels.IndexSelect(0, rows.To(Labels.Device)));
    }

    /// <summary>Checks that there is a label for each image and that all are classes.</summary>
    internal static void CheckLabels(string path, Tensor images, Tensor labels, int classes)
    {
        if (labels.Length != images.Length) throw DataFile.Invalid(path, $"holds {labels.Length} labels for {images.Length} images");
        ReadOnlySpan<byte> values = labels.AsSpan<byte>();
        int wrong = classes == 0 ? values.Length - 1 : values.IndexOfAnyExceptInRange((byte)0, (byte)Math.Min(byte.MaxValue, classes - 1));
        if (wrong >= 0) throw DataFile.Invalid(path, $"gives image {wrong} the label {values[wrong]}, but there are {classes} classes");
    }
}
