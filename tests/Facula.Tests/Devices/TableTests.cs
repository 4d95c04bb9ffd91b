using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.Devices;

/// <summary>What hangs on sizes alone is brought to a device once.</summary>
public sealed class TableTests
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Operations = new()
    {
        ["interpolate nearest"] = x => F.Interpolate(x, size: (9, 5)),
        ["interpolate bilinear"] = x => F.Interpolate(x, scaleFactor: 2, mode: InterpolationMode.Bilinear),
        ["interpolate bicubic"] = x => F.Interpolate(x, scaleFactor: 2, mode: InterpolationMode.Bicubic),
        ["pad"] = x => F.Pad(x, [1, 1, 2, 0]),
        ["pad reflected"] = x => F.Pad(x, [1, 1, 2, 0], PaddingMode.Reflect),
        ["pad circular"] = x => F.Pad(x, [1, 1, 2, 0], PaddingMode.Circular),
        ["unfold"] = x => F.Unfold(x, 2),
        ["fold"] = x => F.Fold(F.Unfold(x, 2), (6, 8), 2),
        ["maxPool2d"] = x => F.MaxPool2d(x, 3, 2, 1),
        ["maxPool2d with indices"] = x => F.MaxPool2dWithIndices(x, 2).Output,
        ["avgPool2d"] = x => F.AvgPool2d(x, 3, 2, 1),
        ["adaptiveAvgPool2d"] = x => F.AdaptiveAvgPool2d(x, (4, 3)),
        ["diagonal"] = x => x.Diagonal(0, 2, 3),
        ["tril"] = x => x.Tril(),
    };

    public static TheoryData<string> Names => [.. Operations.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_second_call_with_the_same_sizes_uploads_nothing(string name)
    {
        Func<Tensor, Tensor> operation = Operations[name];
        Device device = Remote.Create(out RemoteBackend backend);
        Tensor x = Tensor.Randn([2, 3, 6, 8], generator: new Generator(1)).To(device), other = (x + 1).Detach();
        (x.RequiresGrad, other.RequiresGrad) = (true, true);
        operation(x).Sum().Backward();
        (int uploads, int downloads) = (backend.Uploads, backend.Downloads);
        operation(other).Sum().Backward();
        Assert.Equal((uploads, downloads), (backend.Uploads, backend.Downloads));
    }
}
