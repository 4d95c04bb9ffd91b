namespace Facula.Vision;

/// <summary>
/// Handwritten digits, 28x28, one channel: 60,000 for training and 10,000 for the test. LeCun, Cortes and Burges 1998; torchvision.datasets.MNIST.
/// </summary>
public sealed class Mnist : ImageDataset
{
    private static readonly string[] Mirrors = ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"];

    private static readonly MnistFiles Files = new("MNIST",
        new("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", Mirrors), new("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", Mirrors),
        new("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", Mirrors), new("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", Mirrors));

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
        : this(Files.Load(root, train, 10, download, progress, cancellation), transform) { }

    private Mnist((Tensor Images, Tensor Labels) data, ITransform? transform) : base(data.Images, data.Labels, Digits, transform) { }
}
