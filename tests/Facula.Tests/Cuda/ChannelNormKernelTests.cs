using Facula.Backends;
using Facula.CudaEmulator;
using Facula.Tests.Ops;
using Operand = Facula.Backends.Operand;

namespace Facula.Tests.Gpu;

/// <summary>Norms of channels on an emulated device, against the reference backend, where several blocks share a channel.</summary>
public sealed class ChannelNormKernelTests
{
    private static readonly EmulatorOptions s_strict = new() { Throws = true, Immediate = true };

    public static TheoryData<string, bool> Kinds { get; } =
        [.. from type in new[] { "float32", "float64", "float16", "bfloat16" } from isLast in new[] { false, true } select (type, isLast)];

    [Theory, MemberData(nameof(Kinds))]
    public void Blocks_share_channels(string name, bool isLast)
    {
        DType type = DType.Parse(name);
        int[] shape = isLast ? [2, 5, 23, 17] : [2, 2, 71, 59];
        var random = new Generator(3);
        // Far from 0, so that squares would hide what they differ by.
        Tensor x = (Tensor.Randn(shape, generator: random) + 20).To(type), g = Tensor.Randn(shape, generator: random).To(type);
        Tensor w = Tensor.Randn([shape[1]], generator: random).To(type), b = Tensor.Randn([shape[1]], generator: random).To(type);
        Device device = Emulated.Create(s_strict);
        // The reference adds up one by one, so that its means are off by a little.
        Tensor[] expected = Run(Device.Reference), got = Run(device);
        for (int i = 0; i < expected.Length; i++) Close.AssertUlps(got[i], expected[i].To(DType.Float64), i < 2 ? 256 : 4096, true, $"{name}, result {i}");

        Tensor[] Run(Device on)
        {
            Tensor mean = Tensor.Empty([shape[1]], type.Compute, on), variance = Tensor.Empty([shape[1]], type.Compute, on);
            Tensor y = Tensor.Empty(shape, type, on), dx = Tensor.Empty(shape, type, on), dw = Tensor.Empty([shape[1]], type, on);
            Tensor db = Tensor.Empty([shape[1]], type, on), there = Ordered(x), gradient = Ordered(g), scale = w.To(on), shift = b.To(on);
            var options = new ChannelNormOptions(mean.Operand, variance.Operand, scale.Operand, 1e-5, new(shift.Operand, ActivationKind.Relu));
            Operand input = In(there);
            on.Backend.ChannelNorm(input, options, true, y.Operand);
            on.Backend.ChannelNormGrad(In(gradient), input, options, true, dx.Operand, dw.Operand, db.Operand);
            return [mean, variance, y, dx, dw, db];

            // The same numbers, the channels of a place together where asked for.
            Tensor Ordered(Tensor t) => (isLast ? t.Permute(0, 2, 3, 1).Contiguous() : t).To(on);

            Operand In(Tensor t) => isLast ? t.Operand.With(Layout.ChannelsLast(shape)) : t.Operand;
        }
    }

    [Fact]
    public void A_norm_is_three_launches_and_so_is_its_gradient()
    {
        using var driver = new EmulatedDriver(s_strict);
        Device device = Cuda.DeviceOf(driver);
        Tensor x = Tensor.Randn([2, 3, 4, 4]).To(device), one = Tensor.Ones([3]).To(device), mean = Tensor.Empty([3], DType.Float32, device);
        Tensor variance = Tensor.Empty([3], DType.Float32, device), y = Tensor.Empty([2, 3, 4, 4], DType.Float32, device);
        var options = new ChannelNormOptions(mean.Operand, variance.Operand, one.Operand, 1e-5, new(one.Operand, ActivationKind.Relu));
        long before = driver.Counters.Submissions;
        device.Backend.ChannelNorm(x.Operand, options, true, y.Operand);
        Assert.Equal(3, driver.Counters.Submissions - before);
        device.Backend.ChannelNormGrad(y.Operand, x.Operand, options, true, y.Operand, one.Operand, one.Operand);
        Assert.Equal(6, driver.Counters.Submissions - before);
    }
}
