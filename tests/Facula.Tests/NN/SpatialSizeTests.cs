using Facula.NN;
using Xunit;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>Kernels, steps, paddings and scales are one number, a tuple or a list, wherever PyTorch takes an int or a tuple.</summary>
public class SpatialSizeTests
{
    private static readonly Tensor X = Tensor.Randn([2, 2, 8, 8], generator: new(1));

    public static TheoryData<string> Names => [.. Spellings.Keys];

    private static readonly Dictionary<string, Func<Tensor>[]> Spellings = new()
    {
        ["MaxPool2d"] = [() => new MaxPool2d([2, 2]).Call(X), () => new MaxPool2d((2, 2)).Call(X), () => new MaxPool2d(2).Call(X), () => F.MaxPool2d(X, [2])],
        ["AvgPool2d"] = [() => new AvgPool2d([3, 2], [2, 1], [1, 0]).Call(X), () => new AvgPool2d((3, 2), (2, 1), (1, 0)).Call(X),
            () => F.AvgPool2d(X, [3, 2], [2, 1], [1, 0])],
        ["LPPool2d"] = [() => new LPPool2d(2, [2, 2]).Call(X), () => new LPPool2d(2, 2).Call(X)],
        ["AdaptiveAvgPool2d"] = [() => new AdaptiveAvgPool2d([4, 2]).Call(X), () => new AdaptiveAvgPool2d((4, 2)).Call(X)],
        ["Conv2d"] =
        [
            () => new Conv2d(2, 2, [3, 3], [1, 1], padding: [1, 1], dilation: [1, 1], generator: new(2)).Call(X),
            () => new Conv2d(2, 2, 3, padding: 1, generator: new(2)).Call(X),
            () => new Conv2d(2, 2, (3, 3), padding: (1, 1), generator: new(2)).Call(X),
        ],
        ["ConvTranspose2d"] =
        [
            () => new ConvTranspose2d(2, 2, [3, 3], [2, 2], [1, 1], [1, 1], generator: new(2)).Call(X),
            () => new ConvTranspose2d(2, 2, 3, 2, 1, 1, generator: new(2)).Call(X),
        ],
        ["Unfold"] = [() => new Unfold([2, 2], stride: [2, 2]).Call(X), () => F.Unfold(X, 2, stride: 2)],
        ["ZeroPad2d"] = [() => new ZeroPad2d([1, 2, 3, 4]).Call(X), () => new ZeroPad2d((1, 2, 3, 4)).Call(X), () => F.Pad(X, [1, 2, 3, 4])],
        ["Upsample of a scale"] = [() => new Upsample(scaleFactor: [2, 3]).Call(X), () => new Upsample(scaleFactor: (2, 3)).Call(X)],
        ["Interpolate to a size"] = [() => F.Interpolate(X, [4, 5]), () => F.Interpolate(X, (4, 5)), () => new Upsample([4, 5]).Call(X)],
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void All_spellings_mean_the_same(string name)
    {
        Tensor first = Spellings[name][0]();
        foreach (Func<Tensor> spelling in Spellings[name][1..])
        {
            Tensor other = spelling();
            Assert.Equal(first.Shape, other.Shape);
            Assert.Equal(first.ToArray<float>(), other.ToArray<float>());
        }
    }

    [Fact]
    public void Too_few_and_too_many_numbers_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new MaxPool2d([]));
        Assert.Throws<ArgumentException>(() => new MaxPool2d([1, 2, 3, 4]));
        Assert.Contains("2 dimension(s)", Assert.Throws<ArgumentException>(() => new MaxPool2d([1, 2, 3])).Message);
        Assert.Throws<ArgumentException>(() => new Conv1d(1, 1, 1, padding: []));
        Assert.Throws<ArgumentException>(() => new Upsample(scaleFactor: []));
        Assert.Throws<ArgumentException>(() => new ZeroPad2d([]));
        SpatialSize size = [2, 3];
        Assert.Equal([1, 2, 3], (IEnumerable<int>)[1, .. size]);
    }
}
