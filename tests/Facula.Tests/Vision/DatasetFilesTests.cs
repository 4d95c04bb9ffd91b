using System.Formats.Tar;
using System.IO.Compression;
using Facula.Vision;

namespace Facula.Tests.Vision;

/// <summary>Which files data sets take for theirs, and what they do to a user's.</summary>
public class DatasetFilesTests
{
    private static void Copy(string from, TemporaryFolder folder, string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        File.Copy(from, folder.File(name));
        File.SetAttributes(folder.File(name), FileAttributes.Normal);
    }

    private static void CopySample(TemporaryFolder folder, string to = "")
    {
        foreach (string file in Directory.GetFiles(Repository.MnistSample, "*.gz")) Copy(file, folder, Path.Combine(to, Path.GetFileName(file)));
    }

    private static void Unpack(string path)
    {
        using (var unzipped = new GZipStream(File.OpenRead(path), CompressionMode.Decompress))
        using (FileStream target = File.Create(path[..^3])) unzipped.CopyTo(target);
        File.Delete(path);
    }

    [Fact]
    public void Digits_are_never_taken_for_clothes()
    {
        using var folder = new TemporaryFolder();
        CopySample(folder);
        var e = Assert.Throws<InvalidDataException>(() => new FashionMnist(folder.Path, train: false));
        Assert.Contains("MNIST's t10k-images-idx3-ubyte.gz, not Fashion-MNIST's", e.Message);
        Assert.Contains(Path.Combine(folder.Path, "FashionMNIST", "raw"), e.Message);

        using var own = new TemporaryFolder();
        CopySample(own, Path.Combine("FashionMNIST", "raw"));
        Assert.Throws<InvalidDataException>(() => new FashionMnist(own.Path, train: false));
    }

    [Fact]
    public void Both_may_share_a_folder()
    {
        string shared = Repository.SharedOrSkip("fashion-mnist");
        using var folder = new TemporaryFolder();
        CopySample(folder);
        foreach (string file in Directory.GetFiles(shared)) Copy(file, folder, Path.Combine("FashionMNIST", "raw", Path.GetFileName(file)));
        Assert.Equal("7", new Mnist(folder.Path, train: false).Classes[new Mnist(folder.Path, train: false)[0].Label]);
        var clothes = new FashionMnist(folder.Path, train: false);
        Assert.Equal("Ankle boot", clothes.Classes[clothes[0].Label]);
        Assert.Throws<InvalidDataException>(() => new Mnist(shared, train: false));
    }

    [Fact]
    public void Files_are_known_unpacked_and_compressed_by_others()
    {
        using var folder = new TemporaryFolder();
        CopySample(folder, Path.Combine("MNIST", "raw"));
        string images = Path.Combine(folder.Path, "MNIST", "raw", "t10k-images-idx3-ubyte.gz"),
            labels = Path.Combine(folder.Path, "MNIST", "raw", "t10k-labels-idx1-ubyte.gz");
        Unpack(images);
        Unpack(labels);
        using (var zipped = new GZipStream(File.Create(labels), CompressionLevel.Fastest)) zipped.Write(File.ReadAllBytes(labels[..^3]));
        Assert.Equal(7, new Mnist(folder.Path, train: false)[0].Label);

        // One pixel of 7,840,000, and one label for another.
        using (FileStream file = File.OpenWrite(images[..^3]))
        {
            file.Position = 5000;
            file.WriteByte(123);
        }
        Assert.Contains("MD5", Assert.Throws<InvalidDataException>(() => new Mnist(folder.Path, train: false)).Message);
    }

    [Fact]
    public void Images_and_labels_belong_together()
    {
        using var folder = new TemporaryFolder();
        CopySample(folder);
        string labels = folder.File("t10k-labels-idx1-ubyte.gz");
        Unpack(labels);
        byte[] bytes = File.ReadAllBytes(labels[..^3]);
        Array.Reverse(bytes, 8, bytes.Length - 8);
        File.WriteAllBytes(labels[..^3], bytes);
        Assert.Contains("FromIdx", Assert.Throws<InvalidDataException>(() => new Mnist(folder.Path, train: false)).Message);
    }

    [Fact]
    public void Files_of_ones_own_are_read_by_name()
    {
        using var folder = new TemporaryFolder();
        string images = folder.Write("my-images", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40]);
        string labels = folder.Write("my-labels", [0, 0, 8, 1, 0, 0, 0, 2, 1, 0]);
        ImageDataset dataset = ImageDataset.FromIdx(images, labels, ["cat", "dog"], new ToTensor());
        Assert.Equal([2, 1, 1, 2], dataset.Images.Shape);
        Assert.Equal([1, 0], dataset.Labels.ToArray<int>());
        Assert.Equal(20 / 255f, dataset[0].Image[0, 0, 1].Item());
        Assert.Contains("label 1", Assert.Throws<InvalidDataException>(() => ImageDataset.FromIdx(images, labels, ["cat"])).Message);
        Assert.Contains("2 images",
            Assert.Throws<InvalidDataException>(() => ImageDataset.FromIdx(images, folder.Write("one", [0, 0, 8, 1, 0, 0, 0, 1, 0]), ["cat"])).Message);
        Assert.Throws<FileNotFoundException>(() => ImageDataset.FromIdx(images, folder.File("none"), ["cat"]));
        Assert.Throws<ArgumentException>(() => new ImageDataset(dataset.Images, dataset.Labels[..1], ["cat", "dog"]));
        Assert.Throws<ArgumentException>(() => new ImageDataset(dataset.Images, dataset.Labels, ["cat"]));
    }

    [Fact]
    public void Cifar_takes_an_archive_that_was_put_there_only_if_it_is_the_published_one()
    {
        using var folder = new TemporaryFolder();
        using (var zipped = new GZipStream(File.Create(folder.File("cifar-10-binary.tar.gz")), CompressionLevel.Fastest))
        using (var tar = new TarWriter(zipped))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "../outside") { DataStream = new MemoryStream([1]) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "cifar-10-batches-bin/test_batch.bin") { DataStream = new MemoryStream(new byte[3073]) });
        }
        foreach (bool download in new[] { false, true })
        {
            string message = Assert.Throws<InvalidDataException>(() => new Cifar10(folder.Path, train: false, download: download)).Message;
            Assert.Contains(folder.File("cifar-10-binary.tar.gz"), message);
            Assert.Contains("170052171", message);
        }
        Assert.Equal([folder.File("cifar-10-binary.tar.gz")], Directory.GetFileSystemEntries(folder.Path));
        Assert.False(File.Exists(Path.Combine(folder.Path, "..", "outside")));
    }

    [Fact]
    public void Cifar_unpacks_what_is_missing_and_leaves_all_else_alone()
    {
        using var folder = new TemporaryFolder();
        string archive = folder.File("archive.tar.gz"), own = folder.File("cifar-10-batches-bin"), missing = "test_batch.bin";
        Directory.CreateDirectory(own);
        File.WriteAllText(Path.Combine(own, "notes.txt"), "mine");
        File.WriteAllBytes(Path.Combine(own, "data_batch_1.bin"), [1, 2, 3]);
        byte[] batch = [.. Enumerable.Range(0, 3073).Select(i => (byte)(i * 7))];
        using (var zipped = new GZipStream(File.Create(archive), CompressionLevel.Fastest))
        using (var tar = new TarWriter(zipped))
        {
            void Add(string name) => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(batch) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "cifar-10-batches-bin/" + missing) { LinkName = "notes.txt" });
            Add("../cifar-10-batches-bin/test_batch.bin");
            Add("/tmp/test_batch.bin");
            Add("cifar-10-batches-bin/other.bin");
            Add("cifar-10-batches-bin/notes.txt");
            Add("cifar-10-batches-bin/data_batch_1.bin");
            Add("cifar-10-batches-bin/" + missing);
        }
        Cifar10.Unpack(archive, own, [missing, "data_batch_1.bin"], TestContext.Current.CancellationToken);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(own, "notes.txt")));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(Path.Combine(own, "data_batch_1.bin")));
        Assert.Equal(batch, File.ReadAllBytes(Path.Combine(own, missing)));
        Assert.Equal(3, Directory.GetFileSystemEntries(own).Length);
    }

    [Fact]
    public void Cifar_reads_published_files_only()
    {
        string shared = Repository.SharedOrSkip("cifar10", "cifar-10-batches-bin", "test_batch.bin");
        using var folder = new TemporaryFolder();
        Copy(shared, folder, "test_batch.bin");
        Assert.Equal(3, new Cifar10(folder.Path, train: false)[0].Label);
        using (FileStream file = File.OpenWrite(folder.File("test_batch.bin"))) file.WriteByte(4);
        Assert.Contains("MD5", Assert.Throws<InvalidDataException>(() => new Cifar10(folder.Path, train: false)).Message);
        // A file of another name is missing, not this one.
        Assert.Contains("data_batch_1.bin", Assert.Throws<FileNotFoundException>(() => new Cifar10(folder.Path)).Message);
    }
}
