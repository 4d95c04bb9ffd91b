namespace Facula.Vision;

/// <summary>
/// Photographs of clothes, 28x28, one channel, in the format of MNIST: 60,000 for training and 10,000 for the test. Xiao, Rasul and Vollgraf 2017,
/// arXiv:1708.07747; torchvision.datasets.FashionMNIST.
/// </summary>
public sealed class FashionMnist : ImageDataset
{
    private static readonly string[] Names = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>Reads the data set; the parameters are those of <see cref="Mnist"/>.</summary>
    /// <param name="root">The folder that holds the four files, gzip-compressed or unpacked, itself or in FashionMNIST/raw.</param>
    /// <param name="train">The training set, or the test set.</param>
    /// <param name="transform">Applied to each image, UInt8 [1, 28, 28].</param>
    /// <param name="download">Fetch what is missing.</param>
    /// <param name="progress">Told how the download goes.</param>
    /// <param name="cancellation">Gives the download up.</param>
    /// <exception cref="FileNotFoundException">A file is missing and not to be downloaded.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or another one; the message names it.</exception>
    /// <exception cref="IOException">The download failed.</exception>
    public FashionMnist(string root, bool train = true, ITransform? transform = null, bool download = false, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
        : this(MnistFiles.Clothes.Load(root, train, download, progress, cancellation), transform) { }

    private FashionMnist((Tensor Images, Tensor Labels) data, ITransform? transform) : base(data.Images, data.Labels, Names, transform) { }
}
