namespace Facula.Vision;

/// <summary>
/// Handwritten digits, 28x28, one channel: 60,000 for training and 10,000 for the test. LeCun, Cortes and Burges 1998; torchvision.datasets.MNIST.
/// </summary>
public sealed class Mnist : ImageDataset
{
    private static readonly string[] Digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// <summary>Reads the data set.</summary>
    /// <param name="root">The folder that holds the four files, gzip-compressed or unpacked, itself or in MNIST/raw.</param>
    /// <param name="train">The training set, or the test set.</param>
    /// <param name="transform">Applied to each image, UInt8 [1, 28, 28]; usually <see cref="ToTensor"/>.</param>
    /// <param name="download">Fetch what is missing.</param>
    /// <param name="progress">Told how the download goes.</param>
    /// <param name="cancellation">Gives the download up; what has come is kept for the next time.</param>
    /// <exception cref="FileNotFoundException">A file is missing and not to be downloaded.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or another one; the message names it.</exception>
    /// <exception cref="IOException">The download failed.</exception>
    public Mnist(string root, bool train = true, ITransform? transform = null, bool download = false, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
        : this(MnistFiles.Digits.Load(root, train, download, progress, cancellation), transform) { }

    private Mnist((Tensor Images, Tensor Labels) data, ITransform? transform) : base(data.Images, data.Labels, Digits, transform) { }
}
