using System.Formats.Tar;
using System.IO.Compression;

namespace Facula.Vision;

/// <summary>
/// Photographs of ten kinds of things, 32x32, three channels: 50,000 for training and 10,000 for the test, in the binary version. Krizhevsky 2009;
/// torchvision.datasets.CIFAR10.
/// </summary>
public sealed class Cifar10 : ImageDataset
{
    private const string Folder = "cifar-10-batches-bin";
    private const int Channels = 3, Side = 32, RecordBytes = 1 + Channels * Side * Side;

    private static readonly DataFile Archive = new("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530", ["https://www.cs.toronto.edu/~kriz/"]);
    private static readonly string[] Names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Reads the data set.</summary>
    /// <param name="root">The folder that holds data_batch_1.bin and its kin, itself or in cifar-10-batches-bin.</param>
    /// <param name="train">The five training files, or the test file.</param>
    /// <param name="transform">Applied to each image, UInt8 [3, 32, 32].</param>
    /// <param name="download">Fetch what is missing.</param>
    /// <param name="progress">Told how the download goes.</param>
    /// <param name="cancellation">Gives the download up; what has come is kept for the next time.</param>
    /// <exception cref="FileNotFoundException">A file is missing and not to be downloaded.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or another one; the message names it.</exception>
    /// <exception cref="IOException">The download failed.</exception>
    public Cifar10(string root, bool train = true, ITransform? transform = null, bool download = false, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
        : this(Load(root, train, download, progress, cancellation), transform) { }

    private Cifar10((Tensor Images, Tensor Labels) data, ITransform? transform) : base(data.Images, data.Labels, Names, transform) { }

    private static (Tensor Images, Tensor Labels) Load(string root, bool train, bool download, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        string[] names = train ? [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")] : ["test_batch.bin"];
        string folder = File.Exists(Path.Combine(root, names[0])) ? root : Path.Combine(root, Folder);
        if (names.Any(name => !File.Exists(Path.Combine(folder, name))) && download) Unpack(Downloader.Fetch(Archive, root, progress, cancellation), root);

        var images = new List<Tensor>();
        var labels = new List<Tensor>();
        foreach (string name in names)
        {
            string path = Path.Combine(folder, name);
            if (!File.Exists(path))
                throw new FileNotFoundException($"CIFAR-10: {name} is neither in {Path.GetFullPath(root)} nor in its folder {Folder}; put it there or pass download: true.", path);
            (Tensor image, Tensor label) = ReadBatch(path);
            images.Add(image);
            labels.Add(label);
        }
        return (Tensor.Cat(images), Tensor.Cat(labels));
    }

    /// <summary>Reads one file of records of a label byte and 3,072 bytes of an image, channel by channel.</summary>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    internal static (Tensor Images, Tensor Labels) ReadBatch(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int count = bytes.Length / RecordBytes;
        if (count == 0 || bytes.Length % RecordBytes != 0)
            throw DataFile.Invalid(path, $"has {bytes.Length} bytes, which is no multiple of the {RecordBytes} of a record; a whole file has {10_000 * RecordBytes}");
        Tensor images = Tensor.Empty([count, Channels, Side, Side], DType.UInt8), labels = Tensor.Empty([count], DType.UInt8);
        Span<byte> pixels = images.AsSpan<byte>(), classes = labels.AsSpan<byte>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> record = bytes.AsSpan(i * RecordBytes, RecordBytes);
            classes[i] = record[0];
            record[1..].CopyTo(pixels[(i * (RecordBytes - 1))..]);
        }
        CheckLabels(path, images, labels, Names.Length);
        return (images, labels);
    }

    /// <summary>Into a folder of its own first, so that a half-unpacked archive is never taken for whole.</summary>
    private static void Unpack(string archive, string root)
    {
        string temporary = Path.Combine(root, Folder + ".part");
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(temporary);
        using (FileStream file = File.OpenRead(archive))
        using (var unzipped = new GZipStream(file, CompressionMode.Decompress))
            TarFile.ExtractToDirectory(unzipped, temporary, overwriteFiles: true);
        string target = Path.Combine(root, Folder);
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        Directory.Move(Path.Combine(temporary, Folder), target);
        Directory.Delete(temporary, recursive: true);
    }
}
