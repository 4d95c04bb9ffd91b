using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.ExceptionServices;

namespace Facula.Vision;

/// <summary>
/// Photographs of ten kinds of things, 32x32, three channels: 50,000 for training and 10,000 for the test, in the binary version. Krizhevsky 2009;
/// torchvision.datasets.CIFAR10.
/// </summary>
public sealed class Cifar10 : ImageDataset
{
    private const string Folder = "cifar-10-batches-bin";
    private const int Channels = 3, Side = 32, RecordBytes = 1 + Channels * Side * Side, BatchBytes = 10_000 * RecordBytes;

    private static readonly DataFile Archive =
        new("cifar-10-binary.tar.gz", 170_052_171, "c32a1d4ab5d03f1284b67883e8d87530", ["https://www.cs.toronto.edu/~kriz/"]);

    // What the archive holds, with the checksums of those who list it unpacked.
    private static readonly DataFile[] Training =
    [
        new("data_batch_1.bin", BatchBytes, "5dd7e06a14cb22eb9f671a540d1b7c25", []),
        new("data_batch_2.bin", BatchBytes, "5ea93a67294ea407fff1d09f752e9692", []),
        new("data_batch_3.bin", BatchBytes, "942cd6a4bcdd0dd3c604fbe906cb4421", []),
        new("data_batch_4.bin", BatchBytes, "ae636b3ba5c66a11e91e8cb52e771fcb", []),
        new("data_batch_5.bin", BatchBytes, "53f37980c15c3d472c316c40844f3f0d", []),
    ];

    private static readonly DataFile[] Testing = [new("test_batch.bin", BatchBytes, "803d5f7f4d78ea53de84dbe85f74fb6d", [])];
    private static readonly string[] Names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Reads the data set.</summary>
    /// <param name="root">
    /// The folder that holds data_batch_1.bin and its kin, itself or in cifar-10-batches-bin, or the archive cifar-10-binary.tar.gz,
    /// which is then unpacked there.
    /// </param>
    /// <param name="train">The five training files, or the test file.</param>
    /// <param name="transform">Applied to each image, UInt8 [3, 32, 32].</param>
    /// <param name="download">Fetch what is missing.</param>
    /// <param name="progress">Told how the download goes.</param>
    /// <param name="cancellation">Gives the download up; what has come is kept for the next time.</param>
    /// <exception cref="FileNotFoundException">A file is missing and not to be downloaded.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or another one; the message names it.</exception>
    /// <exception cref="IOException">The download failed, or what was in the archive could not be written.</exception>
    public Cifar10(string root, bool train = true, ITransform? transform = null, bool download = false, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
        : this(Load(root, train, download, progress, cancellation), transform) { }

    private Cifar10((Tensor Images, Tensor Labels) data, ITransform? transform) : base(data.Images, data.Labels, Names, transform) { }

    private static (Tensor Images, Tensor Labels) Load(string root, bool train, bool download, IProgress<DownloadProgress>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(root);
        DataFile[] files = train ? Training : Testing;
        string own = Path.Combine(root, Folder);
        string? Find(DataFile file) => file.Find(own) ?? file.Find(root);
        if (files.FirstOrDefault(file => Find(file) is null) is { } missing)
        {
            string archive = Path.Combine(root, Archive.Name);
            if (File.Exists(archive)) Archive.Verify(archive);
            else if (download) Downloader.Fetch(Archive, root, progress, cancellation);
            else
            {
                throw new FileNotFoundException($"CIFAR-10: {missing.Name} is neither in {Path.GetFullPath(root)} nor in its folder {Folder}, " +
                    $"and {Archive.Name} is not there either; put one or the other there or pass download: true.", missing.Name);
            }
            Unpack(archive, own, [.. Training.Concat(Testing).Where(file => Find(file) is null).Select(file => file.Name)], cancellation);
        }

        var batches = new (Tensor Images, Tensor Labels)[files.Length];
        try
        {
            Parallel.For(0, files.Length, i =>
            {
                string path = Find(files[i]) ?? throw new FileNotFoundException($"CIFAR-10: {files[i].Name} was in {root}, and is gone.", files[i].Name);
                files[i].Verify(path);
                batches[i] = ReadBatch(path);
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        return (Tensor.Cat([.. batches.Select(batch => batch.Images)]), Tensor.Cat([.. batches.Select(batch => batch.Labels)]));
    }

    /// <summary>Reads one file of records of a label byte and 3,072 bytes of an image, channel by channel.</summary>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    internal static (Tensor Images, Tensor Labels) ReadBatch(string path)
    {
        long length = new FileInfo(path).Length;
        if (length is 0 or > BatchBytes || length % RecordBytes != 0)
            throw DataFile.Invalid(path, $"has {length} bytes, which are not whole records of {RecordBytes}; a whole file has {BatchBytes}");
        byte[] bytes = File.ReadAllBytes(path);
        int count = bytes.Length / RecordBytes;
        Tensor images = Tensor.Empty([count, Channels, Side, Side], DType.UInt8, Device.Cpu), labels = Tensor.Empty([count], DType.UInt8, Device.Cpu);
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

    /// <summary>Puts the files into the folder, each under its name only when it is whole. What is there already stays as it is.</summary>
    internal static void Unpack(string archive, string folder, IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        using FileStream packed = File.OpenRead(archive);
        using var unzipped = new GZipStream(packed, CompressionMode.Decompress);
        using var entries = new TarReader(unzipped);
        while (entries.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is not { } data || names.FirstOrDefault(name => entry.Name == $"{Folder}/{name}") is not { } name) continue;
            using PartFile? part = PartFile.Open(Path.Combine(folder, name), cancellation);
            if (part is null) continue;
            part.Stream.SetLength(0);
            data.CopyTo(part.Stream);
            part.Complete();
        }
    }
}
