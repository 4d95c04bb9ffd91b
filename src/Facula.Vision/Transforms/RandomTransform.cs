namespace Facula.Vision;

/// <summary>A transform that only moves pixels about, at random and for each image of a batch anew.</summary>
public abstract class RandomTransform : ITransform
{
    private readonly string _name;

    private protected RandomTransform(string name) => _name = name;

    /// <inheritdoc/>
    public bool AppliesToBatches => true;

    /// <inheritdoc/>
    public bool IsRandom => true;

    /// <inheritdoc/>
    public Tensor Apply(Tensor image) => Apply(image, null);

    /// <summary>The transformed image, [channels, height, width], or images, [count, channels, height, width].</summary>
    /// <param name="image">UInt8 or Float32.</param>
    /// <param name="generator">Where random numbers come from; the default generator if null.</param>
    /// <exception cref="ArgumentException">The tensor has another rank or type, or its images are too small.</exception>
    public Tensor Apply(Tensor image, Generator? generator)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Rank is not (3 or 4))
            throw new ArgumentException($"{_name}: an image has shape [channels, height, width], a batch one dimension more in front; " +
                $"this tensor has shape {image.Shape}.", nameof(image));
        Tensor batch = (image.Rank == 3 ? image.Unsqueeze(0) : image).Contiguous();
        Tensor result = image.DType == DType.UInt8 ? Run<byte>(batch, generator)
            : image.DType == DType.Float32 ? Run<float>(batch, generator)
            : throw new ArgumentException($"{_name}: the image is {image.DType.PyTorchName}; convert it to {nameof(DType.UInt8)} or {nameof(DType.Float32)}.",
                nameof(image));
        return image.Rank == 3 ? result.Squeeze(0) : result;
    }

    /// <summary>The same for a contiguous batch of elements of one type.</summary>
    private protected abstract Tensor Run<T>(Tensor batch, Generator? generator) where T : unmanaged;
}
