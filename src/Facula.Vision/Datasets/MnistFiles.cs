using System.Security.Cryptography;

namespace Facula.Vision;

/// <summary>A published file in the IDX format.</summary>
/// <param name="File">The compressed file.</param>
/// <param name="Md5">The checksum of what it holds: files are also found unpacked, or compressed by others.</param>
internal sealed record IdxData(DataFile File, string Md5);

/// <summary>
/// The four files of a data set of the MNIST family. The names of the files are the same for all of the family, so that what is found is known by
/// its checksum alone, and what is downloaded has a folder of its own.
/// </summary>
internal sealed record MnistFiles(string Name, string Folder, IdxData TrainImages, IdxData TrainLabels, IdxData TestImages, IdxData TestLabels)
{
    private static readonly string[] DigitMirrors = ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"];
    private static readonly string[] ClothesMirrors = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"];

    /// <summary>MNIST's. The checksums of the compressed files are those of torchvision.</summary>
    public static MnistFiles Digits { get; } = new("MNIST", "MNIST",
        new(new("train-images-idx3-ubyte.gz", 9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873", DigitMirrors), "6bbc9ace898e44ae57da46a324031adb"),
        new(new("train-labels-idx1-ubyte.gz", 28_881, "d53e105ee54ea40749a09fcbcd1e9432", DigitMirrors), "a25bea736e30d166cdddb491f175f624"),
        new(new("t10k-images-idx3-ubyte.gz", 1_648_877, "9fb629c4189551a2d022fa330f9573f3", DigitMirrors), "2646ac647ad5339dbf082846283269ea"),
        new(new("t10k-labels-idx1-ubyte.gz", 4_542, "ec29112dd5afa0611ce80d1b7f02629c", DigitMirrors), "27ae3e4e09519cfbb04c329615203637"));

    /// <summary>Fashion-MNIST's. The checksums of the compressed files are those of torchvision.</summary>
    public static MnistFiles Clothes { get; } = new("Fashion-MNIST", "FashionMNIST",
        new(new("train-images-idx3-ubyte.gz", 26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d", ClothesMirrors), "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
        new(new("train-labels-idx1-ubyte.gz", 29_515, "25c81989df183df01b3e8a0aad5dffbe", ClothesMirrors), "9018921c3c673c538a1fc5bad174d6f9"),
        new(new("t10k-images-idx3-ubyte.gz", 4_422_102, "bef4ecab320f06d8554ea6380940ec79", ClothesMirrors), "8181f5470baa50b63fa0f6fddb340f0a"),
        new(new("t10k-labels-idx1-ubyte.gz", 5_148, "bb300cfdad3c16e7a12a480ee83cd310", ClothesMirrors), "15d484375f8d13e6eb1aabb0c3f46965"));

    private IdxData[] All => [TrainImages, TrainLabels, TestImages, TestLabels];

    public (Tensor Images, Tensor Labels) Load(string root, bool train, bool download, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(root);
        Tensor Get(IdxData data, int rank) => this.Get(data, rank, root, download, progress, cancellation);
        return train ? (Get(TrainImages, 3).Unsqueeze(1), Get(TrainLabels, 1)) : (Get(TestImages, 3).Unsqueeze(1), Get(TestLabels, 1));
    }

    private Tensor Get(IdxData data, int rank, string root, bool download, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        string own = Path.Combine(root, Folder, "raw");
        if (data.File.Find(own) is { } inOwn) return Read(data, rank, inOwn, own);
        if (data.File.Find(root) is { } inRoot)
        {
            try
            {
                return Read(data, rank, inRoot, own);
            }
            catch (InvalidDataException) when (download)
            {
                // Another data set's, most likely. It may lie where it is.
            }
        }
        if (download) return Read(data, rank, Downloader.Fetch(data.File, own, progress, cancellation), own);
        throw new FileNotFoundException($"{Name}: {data.File.Name} is neither in {Path.GetFullPath(root)} nor in its folder {Path.Combine(Folder, "raw")}; " +
            "put it there or pass download: true.", data.File.Name);
    }

    private Tensor Read(IdxData data, int rank, string path, string own)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        Tensor elements = IdxFile.Read(path, rank, hash);
        string md5 = System.Convert.ToHexStringLower(hash.GetHashAndReset());
        if (md5 == data.Md5) return elements;
        foreach (MnistFiles files in (MnistFiles[])[Digits, Clothes])
        {
            if (files.All.FirstOrDefault(other => other.Md5 == md5) is { } other)
            {
                throw new InvalidDataException($"{path} is {files.Name}'s {other.File.Name}, not {Name}'s {data.File.Name}. " +
                    $"Give each data set a folder of its own; {Name}'s files may also lie in {own}, where download: true puts them.");
            }
        }
        throw DataFile.Invalid(path,
            $"holds data with the MD5 checksum {md5}, but {data.Md5} is that of {Name}'s {data.File.Name} when unpacked; files of your own are " +
            $"read by {nameof(ImageDataset)}.{nameof(ImageDataset.FromIdx)}");
    }
}
