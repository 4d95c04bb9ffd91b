namespace Facula.Vision;

/// <summary>What is done to an image, [channels, height, width], before a model sees it. torchvision.transforms.</summary>
public interface ITransform
{
    /// <summary>The transformed image.</summary>
    Tensor Apply(Tensor image);

    /// <summary>The transformed image, where chance has a part in it.</summary>
    /// <param name="image">The image.</param>
    /// <param name="generator">Where random numbers come from; the default generator if null.</param>
    Tensor Apply(Tensor image, Generator? generator) => Apply(image);

    /// <summary>Whether a whole batch, [count, channels, height, width], may be given at once, each image of which is treated as if it were alone.</summary>
    bool AppliesToBatches => false;

    /// <summary>Whether chance has a part in it.</summary>
    bool IsRandom => false;
}

/// <summary>Bytes 0 to 255 to Float32 0 to 1; other types are only converted. torchvision.transforms.ToTensor.</summary>
public sealed class ToTensor : ITransform
{
    /// <inheritdoc/>
    public bool AppliesToBatches => true;

    /// <inheritdoc/>
    public Tensor Apply(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return image.DType == DType.UInt8 ? image / 255f : image.To(DType.Float32);
    }
}

/// <summary>(x - mean) / std for each channel. torchvision.transforms.Normalize.</summary>
public sealed class Normalize : ITransform
{
    private readonly Tensor _mean;
    private readonly Tensor _std;

    /// <summary>One mean and one standard deviation for each channel, or one for all.</summary>
    /// <exception cref="ArgumentException">Their numbers differ, or a deviation is zero.</exception>
    public Normalize(IReadOnlyList<float> mean, IReadOnlyList<float> std)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(std);
        if (mean.Count != std.Count || mean.Count == 0)
            throw new ArgumentException($"Normalize: {mean.Count} means and {std.Count} deviations; give one of each for every channel.");
        if (std.Contains(0)) throw new ArgumentException("Normalize: a deviation is 0.", nameof(std));
        _mean = Tensor.From<float>([.. mean], device: Device.Cpu).Reshape(-1, 1, 1);
        _std = Tensor.From<float>([.. std], device: Device.Cpu).Reshape(-1, 1, 1);
    }

    /// <inheritdoc/>
    public bool AppliesToBatches => true;

    /// <summary>The normalised image, [channels, height, width], or images, [count, channels, height, width].</summary>
    /// <param name="image">Of a floating-point type.</param>
    /// <exception cref="ArgumentException">The image is of integers, has no channels, or has another number of them than there are means.</exception>
    public Tensor Apply(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!image.DType.IsFloatingPoint)
            throw new ArgumentException($"Normalize: the image is {image.DType.PyTorchName}; put ToTensor before it.", nameof(image));
        if (image.Rank < 3 || (_mean.Length != 1 && image.Size(-3) != _mean.Length))
        {
            throw new ArgumentException($"Normalize: {_mean.Length} means are for an image of {_mean.Length} channels, [..., channels, height, width]; " +
                $"this one has shape {image.Shape}. Give one mean and one deviation for each of its channels, or one for all.", nameof(image));
        }
        return (image - _mean.To(image.Device)) / _std.To(image.Device);
    }
}

/// <summary>One transform after another. torchvision.transforms.Compose.</summary>
public sealed class Compose(params IReadOnlyList<ITransform> transforms) : ITransform
{
    private readonly ITransform[] _transforms = transforms is not null && !transforms.Contains(null) ? [.. transforms]
        : throw new ArgumentNullException(nameof(transforms), "Compose: a transform is null.");

    /// <inheritdoc/>
    public bool AppliesToBatches => _transforms.All(transform => transform.AppliesToBatches);

    /// <inheritdoc/>
    public bool IsRandom => _transforms.Any(transform => transform.IsRandom);

    /// <inheritdoc/>
    public Tensor Apply(Tensor image) => Apply(image, null);

    /// <inheritdoc/>
    public Tensor Apply(Tensor image, Generator? generator)
    {
        ArgumentNullException.ThrowIfNull(image);
        foreach (ITransform transform in _transforms) image = transform.Apply(image, generator);
        return image;
    }
}

/// <summary>A function as a transform, one image at a time. torchvision.transforms.Lambda.</summary>
public sealed class Lambda(Func<Tensor, Tensor> function) : ITransform
{
    private readonly Func<Tensor, Tensor> _function = function ?? throw new ArgumentNullException(nameof(function));

    /// <inheritdoc/>
    public Tensor Apply(Tensor image) => _function(image);
}
