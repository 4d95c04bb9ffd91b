using System.IO.Compression;
using Facula.Vision;

namespace Facula.Tests.Vision;

public class ReaderTests
{
    private static byte[] Idx(int rank, params uint[] sizes)
    {
        var bytes = new List<byte> { 0, 0, 8, (byte)rank };
        foreach (uint size in sizes) bytes.AddRange([(byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size]);
        return [.. bytes];
    }

    private static byte[] Zip(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var zip = new GZipStream(target, CompressionLevel.Fastest)) zip.Write(bytes);
        return target.ToArray();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Idx_reads_plain_and_compressed(bool compressed)
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = [.. Idx(3, 2, 1, 3), 1, 2, 3, 4, 5, 6];
        Tensor images = IdxFile.Read(folder.Write("images", compressed ? Zip(bytes) : bytes), 3);
        Assert.Equal([2, 1, 3], images.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], images.ToArray<byte>());
    }

    [Fact]
    public void Idx_says_what_is_wrong()
    {
        using var folder = new TemporaryFolder();
        string Message(byte[] bytes)
        {
            string path = folder.Write("file", bytes);
            string plain = Assert.Throws<InvalidDataException>(() => IdxFile.Read(path, 1)).Message;
            Assert.Contains(path, plain);
            Assert.Contains("download", plain);
            return plain;
        }
        Assert.Contains("header", Message([0, 0, 8]));
        Assert.Contains("00000801", Message([.. Idx(3, 1, 1, 1), 5]));
        Assert.Contains("cannot hold", Message([.. Idx(1, 5), 1, 2]));
        Assert.Contains("goes on", Message([.. Idx(1, 2), 1, 2, 3]));
        Assert.Contains("dimension 0", Message([.. Idx(1, uint.MaxValue), 1]));
        Assert.Contains("ends after 2 of the 5", Message(Zip([.. Idx(1, 5), 1, 2])));
        Assert.Contains("ends after", Message(Zip([.. Idx(1, 5), 1, 2, 3, 4, 5])[..^12]));
    }

    [Fact]
    public void Idx_with_a_lying_header_allocates_nothing_like_it()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("lie", Zip([.. Idx(3, 60000, 28, 1000), 1, 2, 3]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => IdxFile.Read(path, 3));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Idx_takes_ranks_of_tensors_only()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("ones", [.. Idx(64, [.. Enumerable.Repeat(1u, 64)]), 7]);
        Assert.Equal(64, IdxFile.Read(path, 64).Rank);
        foreach (int rank in new[] { int.MinValue, -1, 0, 65, 255, 10_000_000, int.MaxValue })
            Assert.Contains("64", Assert.Throws<ArgumentOutOfRangeException>(() => IdxFile.Read(path, rank)).Message);
        Assert.Throws<ArgumentNullException>(() => IdxFile.Read(null!, 1));
        Assert.Throws<UnauthorizedAccessException>(() => IdxFile.Read(folder.Path, 1));
    }

    [Fact]
    public void Idx_refuses_what_comes_after_the_compressed_data_or_is_missing_there()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = Zip([.. Idx(1, 5), 1, 2, 3, 4, 5]);
        foreach (byte[] bad in new byte[][] { [.. whole, 1, 2, 3], [.. whole, 0, 0, 0, 0], [.. whole, .. whole], whole[..^1], whole[..^3], whole[..^8] })
            Assert.Contains("download", Assert.Throws<InvalidDataException>(() => IdxFile.Read(folder.Write("bad", bad), 1)).Message);
    }

    [Fact]
    public void Cifar_reads_records_and_refuses_others()
    {
        using var folder = new TemporaryFolder();
        byte[] record(byte label, byte first) => [label, first, .. new byte[3071]];
        (Tensor images, Tensor labels) = Cifar10.ReadBatch(folder.Write("two", [.. record(3, 7), .. record(9, 8)]));
        Assert.Equal([2, 3, 32, 32], images.Shape);
        Assert.Equal([3, 9], labels.ToArray<int>());
        Assert.Equal(8, images[1, 0, 0, 0].Item<int>());
        Assert.Contains("3073", Assert.Throws<InvalidDataException>(() => Cifar10.ReadBatch(folder.Write("short", record(1, 1)[..3000]))).Message);
        Assert.Contains("label 10", Assert.Throws<InvalidDataException>(() => Cifar10.ReadBatch(folder.Write("label", record(10, 1)))).Message);
        Assert.Throws<InvalidDataException>(() => Cifar10.ReadBatch(folder.Write("empty", [])));
    }

    [Fact]
    public void Mnist_sample_is_what_was_published()
    {
        var test = new Mnist(Repository.MnistSample, train: false, new ToTensor());
        Assert.Equal(10_000, test.Count);
        var (image, label) = test[0];
        Assert.Equal([1, 28, 28], image.Shape);
        Assert.Equal(7, label);
        Assert.Equal(DType.Float32, image.DType);
        Assert.InRange(image.Max().Item(), 0.9f, 1f);
        var (images, labels) = test.GetBatch([5, 0]);
        Assert.Equal(image.ToArray<float>(), images[1].ToArray<float>());
        Assert.Equal([1, 7], labels.ToArray<int>());
    }

    [Fact]
    public void Missing_files_say_which_and_what_to_do()
    {
        using var folder = new TemporaryFolder();
        var e = Assert.Throws<FileNotFoundException>(() => new Mnist(folder.Path));
        Assert.Contains("train-images-idx3-ubyte.gz", e.Message);
        Assert.Contains("download: true", e.Message);
        Assert.Contains("data_batch_1.bin", Assert.Throws<FileNotFoundException>(() => new Cifar10(folder.Path)).Message);
    }

    [Fact]
    public void Whole_data_sets_are_read()
    {
        string mnist = Repository.SharedOrSkip("mnist");
        var train = new Mnist(mnist);
        Assert.Equal(60_000, train.Count);
        Assert.Equal(5, train[0].Label);
        var fashion = new FashionMnist(Repository.SharedOrSkip("fashion-mnist"), train: false);
        Assert.Equal(10_000, fashion.Count);
        Assert.Equal("Ankle boot", fashion.Classes[fashion[0].Label]);
        var cifar = new Cifar10(Repository.SharedOrSkip("cifar10"), train: false);
        Assert.Equal([10_000, 3, 32, 32], cifar.Images.Shape);
        Assert.Equal("cat", cifar.Classes[cifar[0].Label]);
    }

    [Fact]
    public void Transforms_compose_and_agree_on_batches()
    {
        var transform = new Compose(new ToTensor(), new Normalize([0.5f, 0.25f], [2f, 4f]));
        Assert.True(transform.AppliesToBatches);
        Tensor batch = (Tensor.Arange(2 * 2 * 3 * 3).Reshape(2, 2, 3, 3) * 7).To(DType.UInt8);
        Tensor all = transform.Apply(batch);
        Assert.Equal(transform.Apply(batch[1]).ToArray<float>(), all[1].ToArray<float>());
        Assert.Equal((7 / 255f - 0.5f) / 2f, all[0, 0, 0, 1].Item());
        Assert.False(new Compose(new ToTensor(), new Lambda(x => x + 1)).AppliesToBatches);
        Assert.Throws<ArgumentException>(() => new Normalize([0.5f], [0f]));
        Assert.Throws<ArgumentException>(() => new Normalize([0.5f], [1f]).Apply(batch));
    }

    [Fact]
    public void Normalize_takes_as_many_channels_as_it_has_means()
    {
        var three = new Normalize([0.5f, 0.5f, 0.5f], [1f, 1f, 1f]);
        foreach (int[] shape in new int[][] { [1, 4, 4], [2, 4, 4], [8, 1, 4, 4], [3], [3, 3], [] })
        {
            string message = Assert.Throws<ArgumentException>(() => three.Apply(Tensor.Zeros(shape))).Message;
            Assert.Contains("3 channels", message);
            Assert.Contains(Tensor.Zeros(shape).Shape.ToString(), message);
        }
        Assert.Equal([2, 3, 4, 4], three.Apply(Tensor.Zeros(2, 3, 4, 4)).Shape);
        // One for all channels.
        Assert.Equal([5, 4, 4], new Normalize([0.5f], [1f]).Apply(Tensor.Zeros(5, 4, 4)).Shape);
    }
}
