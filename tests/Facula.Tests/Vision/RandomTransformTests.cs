using Facula.Data;
using Facula.NN;
using Facula.Vision;
using F = Facula.NN.Functional;

namespace Facula.Tests.Vision;

public class RandomTransformTests
{
    private static Tensor Images(int count, DType? type = null) => Tensor.RandInt(0, 256, [count, 3, 5, 6], type ?? DType.UInt8, generator: new Generator(1));

    [Theory]
    [InlineData(PaddingMode.Constant, nameof(DType.UInt8))]
    [InlineData(PaddingMode.Reflect, nameof(DType.UInt8))]
    [InlineData(PaddingMode.Replicate, nameof(DType.Float32))]
    [InlineData(PaddingMode.Circular, nameof(DType.Float32))]
    public void RandomCrop_cuts_windows_of_the_padded_image(PaddingMode mode, string dtype)
    {
        DType type = DType.Parse(dtype);
        const int count = 200, padding = 2, height = 4, width = 3;
        Tensor images = Images(count, type), padded = F.Pad(images.To(DType.Float32), [padding, padding, padding, padding], mode, value: 7);
        Tensor crops = new RandomCrop((height, width), padding, mode, fill: 7).Apply(images, new Generator(3)).To(DType.Float32);
        Assert.Equal([count, 3, height, width], crops.Shape);
        var places = new HashSet<(int, int)>();
        for (int i = 0; i < count; i++)
        {
            float[] crop = crops[i].ToArray<float>();
            bool found = false;
            for (int top = 0; top <= 9 - height; top++)
            {
                for (int left = 0; left <= 10 - width; left++)
                {
                    if (!padded[i].Narrow(1, top, height).Narrow(2, left, width).ToArray<float>().SequenceEqual(crop)) continue;
                    places.Add((top, left));
                    found = true;
                }
            }
            Assert.True(found, $"image {i}");
        }
        Assert.True(places.Count > 40, $"{places.Count} of 48 places");
    }

    [Fact]
    public void RandomHorizontalFlip_turns_about_half_of_the_images()
    {
        Tensor images = Images(1000), flipped = new RandomHorizontalFlip().Apply(images, new Generator(5));
        byte[] mirrored = images.Flip(3).ToArray<byte>(), before = images.ToArray<byte>(), after = flipped.ToArray<byte>();
        int turned = 0;
        foreach (byte[][] parts in Enumerable.Range(0, 1000)
            .Select(i => new[] { before, mirrored, after }.Select(all => all[(i * 90)..((i + 1) * 90)]).ToArray()))
        {
            bool isTurned = parts[2].SequenceEqual(parts[1]);
            Assert.True(isTurned || parts[2].SequenceEqual(parts[0]));
            if (isTurned) turned++;
        }
        Assert.InRange(turned, 430, 570); // beyond four standard deviations
        Assert.Equal(mirrored, new RandomHorizontalFlip(1).Apply(images).ToArray<byte>());
        Assert.Equal(before, new RandomHorizontalFlip(0).Apply(images).ToArray<byte>());
    }

    [Fact]
    public void Random_transforms_take_single_images()
    {
        Tensor image = Images(1)[0];
        Assert.Equal([3, 4, 4], new Compose(new RandomCrop(4), new RandomHorizontalFlip(), new ToTensor()).Apply(image).Shape);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Loader_gives_the_same_random_images_for_any_number_of_workers(bool subset, bool batches)
    {
        ITransform last = batches ? new ToTensor() : new Lambda(image => image / 255f);
        Tensor images = Images(50);
        var all = new ImageDataset(images, Tensor.Zeros([50], DType.Int64), ["one"],
            new Compose(new RandomCrop(5, 2, PaddingMode.Reflect), new RandomHorizontalFlip(), last));
        Dataset<(Tensor, int)> dataset = subset ? new Subset<(Tensor Image, int Label)>(all, [.. Enumerable.Range(0, 40)]) : all;
        List<float[]> Epochs(int workers)
        {
            var loader = new DataLoader(dataset, 8, options: new() { Workers = workers, Generator = new Generator(11) });
            return [.. Enumerable.Range(0, 2).SelectMany(_ => loader.Select(batch => batch.Inputs.ToArray<float>()).ToList())];
        }
        List<float[]> expected = Epochs(0);
        Assert.Equal(expected, Epochs(1));
        Assert.Equal(expected, Epochs(3));
        Assert.NotEqual(expected[0], expected[expected.Count / 2]); // the second epoch differs from the first
    }

    [Fact]
    public void Loader_draws_nothing_where_nothing_is_random()
    {
        var generator = new Generator(1);
        foreach (var _ in new DataLoader(new ImageDataset(Images(4), Tensor.Zeros([4], DType.Int64), ["one"], new ToTensor()), 2,
            options: new() { Generator = generator })) { }
        Assert.Equal(0, generator.Offset);
    }

    [Fact]
    public void Random_transforms_say_what_is_wrong()
    {
        Assert.Contains("[channels, height, width]", Assert.Throws<ArgumentException>(() => new RandomCrop(2).Apply(Tensor.Zeros([4, 4]))).Message);
        Assert.Contains("wider border", Assert.Throws<ArgumentException>(() => new RandomCrop(9).Apply(Images(1))).Message);
        Assert.Contains("at most 4", Assert.Throws<ArgumentException>(() => new RandomCrop(4, 5, PaddingMode.Reflect).Apply(Images(1))).Message);
        Assert.Contains("float64", Assert.Throws<ArgumentException>(() => new RandomHorizontalFlip().Apply(Images(1, DType.Float64))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomHorizontalFlip(2));
    }
}
