using Facula.Data;

namespace Facula.Vision;

/// <summary>Labelled images held in memory as bytes; a transform makes of them what the model eats, when they are fetched.</summary>
/// <param name="images">All images, UInt8 [count, channels, height, width].</param>
/// <param name="labels">Their classes, UInt8 or Int64 [count].</param>
/// <param name="classes">The classes' names.</param>
/// <param name="transform">Applied to each image; none leaves the bytes.</param>
public class ImageDataset(Tensor images, Tensor labels, IReadOnlyList<string> classes, ITransform? transform = null)
    : Dataset<(Tensor Image, int Label)>, IBatchSource<(Tensor Inputs, Tensor Targets)>
{
    /// <summary>All images as they were read, UInt8 [count, channels, height, width].</summary>
    public Tensor Images { get; } = images;

    /// <summary>All labels, Int64 [count].</summary>
    public Tensor Labels { get; } = labels.To(DType.Int64);

    /// <summary>The classes' names, in the order of their labels.</summary>
    public IReadOnlyList<string> Classes { get; } = classes;

    /// <summary>What images pass through.</summary>
    public ITransform? Transform { get; } = transform;

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
        Tensor rows = Tensor.From(indices, [indices.Length]);
        Tensor images = Images.IndexSelect(0, rows);
        if (Transform is { AppliesToBatches: true }) images = Transform.Apply(images, generator);
        else if (Transform is not null) images = Tensor.Stack([.. Enumerable.Range(0, images.Length).Select(i => Transform.Apply(images.Select(0, i), generator))]);
        return (images, Labels.IndexSelect(0, rows));
    }

    /// <summary>Checks that there is a label for each image and that all are classes.</summary>
    internal static void CheckLabels(string path, Tensor images, Tensor labels, int classes)
    {
        if (labels.Length != images.Length) throw DataFile.Invalid(path, $"holds {labels.Length} labels for {images.Length} images");
        ReadOnlySpan<byte> values = labels.AsSpan<byte>();
        int wrong = values.IndexOfAnyExceptInRange((byte)0, (byte)(classes - 1));
        if (wrong >= 0) throw DataFile.Invalid(path, $"gives image {wrong} the label {values[wrong]}, but there are {classes} classes");
    }
}
