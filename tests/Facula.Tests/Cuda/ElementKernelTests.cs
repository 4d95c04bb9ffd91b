using Facula.Backends;
using Facula.Backends.Cuda;
using Facula.CudaEmulator;

namespace Facula.Tests.Gpu;

/// <summary>
/// Copies, maps and reductions on the emulated GPU, which finds what reads too far or too early: types, layouts and sizes against the processor.
/// </summary>
public sealed class ElementKernelTests
{
    private static readonly Device s_device = Emulated.Create(new EmulatorOptions { Throws = true, Immediate = true });

    private static readonly double[] Values = [0, -0.0, 1, -1, 0.5, 2.5, -3.75, 100.25, 127, 128, 255, 256, -129, 32768, 65504, 65520, 1e5, -1e5, 3e9, -3e9,
        1e19, -1e19, 1e30, 1e-7, 1e-41, 6e-8, 1.0009765, double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    public static TheoryData<string> Types { get; } = [.. DType.All.Select(type => type.PyTorchName)];

    [Theory, MemberData(nameof(Types))]
    public void Every_type_becomes_every_other_as_on_the_processor(string from)
    {
        // Short, and of all widths of an access with something left over.
        foreach (int count in (int[])[1, 3, 64, Values.Length * 5 - 1])
        {
            double[] values = [.. Enumerable.Range(0, count).Select(i => Values[i % Values.Length])];
            Tensor x = Tensor.From(values).To(DType.Parse(from)), there = x.To(s_device);
            foreach (DType to in DType.All) AssertEqual(x.To(to), there.To(to));
        }
    }

    [Theory, InlineData("float32"), InlineData("uint8"), InlineData("float16"), InlineData("int64")]
    public void Elements_may_lie_anyhow(string type)
    {
        Tensor x = Ramp([6, 5, 8], DType.Parse(type)), there = x.To(s_device);
        foreach (Func<Tensor, Tensor> view in (Func<Tensor, Tensor>[])[
            a => a, a => a.Transpose(0, 2), a => a.Permute(1, 2, 0), a => a[1], a => a.Narrow(2, 1, 7), a => a.Narrow(2, 4, 4), a => a.Narrow(0, 1, 3),
            a => a.Flip(2), a => a.Select(2, 3), a => a.Narrow(1, 0, 1).Expand([6, 5, 8]), a => a.Reshape([240]).Narrow(0, 1, 239)])
        {
            AssertEqual(view(x).Contiguous(), view(there).Contiguous());
            AssertEqual(view(x) + view(x), view(there) + view(there));
            // Against what is repeated, and into what does not lie together.
            AssertEqual(view(x) * view(x).Narrow(0, 0, 1), view(there) * view(there).Narrow(0, 0, 1));
            Tensor to = Tensor.Zeros([.. view(x).Shape, 2], view(x).DType), thereTo = to.To(s_device);
            to.Select(-1, 1).CopyInPlace(view(x));
            thereTo.Select(-1, 1).CopyInPlace(view(there));
            AssertEqual(to, thereTo);
        }
    }

    [Fact]
    public void Results_do_not_go_beyond_their_end()
    {
        // Every length about the edges of vectors and blocks: the emulator finds a byte too far.
        foreach (int count in (int[])[1, 2, 3, 4, 5, 255, 256, 257, 1023, 1024, 1025, 1027])
        {
            Tensor x = Ramp([count], DType.Float32), there = x.To(s_device);
            AssertEqual(x * x + 1, there * there + 1);
            AssertEqual(x.To(DType.Float16) > 3, there.To(DType.Float16) > 3);
            AssertEqual(Tensor.Arange(count), Tensor.Arange(count, device: s_device));
            AssertEqual(Tensor.Full([count], 2.5, DType.BFloat16), Tensor.Full([count], 2.5, DType.BFloat16, device: s_device));
        }
    }

    public static TheoryData<int[], int[]> Reductions { get; } = new()
    {
        { [7], [0] }, { [1000], [0] }, { [40000], [0] }, { [40003], [0] }, { [30, 3], [0] }, { [3, 30], [1] }, { [3, 3000], [1] }, { [5000, 3], [0] },
        { [64, 65], [0] }, { [65, 64], [1] }, { [4, 5, 6, 7], [1, 3] }, { [4, 5, 6, 7], [0, 2] }, { [2, 300, 70], [1] }, { [3, 0], [1] }, { [1, 1], [0] },
    };

    [Theory, MemberData(nameof(Reductions))]
    public void Reductions_are_those_of_the_processor(int[] shape, int[] dims)
    {
        foreach (DType type in (DType[])[DType.Float32, DType.Float64, DType.Float16, DType.Int32])
        {
            Tensor x = Ramp(shape, type), there = x.To(s_device);
            AssertNear(x.Sum(dims), there.Sum(dims));
            if (type.IsFloatingPoint && x.Count > 0) AssertNear(x.Norm(2, dims), there.Norm(2, dims));
            if (x.Count == 0) continue;
            AssertEqual(x.AMax(dims), there.AMax(dims));
            if (shape.Length < 2) continue;
            AssertNear(x.Transpose(0, 1).Sum(dims.Length == 1 ? [1 - dims[0]] : dims), there.Transpose(0, 1).Sum(dims.Length == 1 ? [1 - dims[0]] : dims));
        }
    }

    [Fact]
    public void A_sum_is_right_however_far_it_gets_on_the_way()
    {
        float[] values = [.. Enumerable.Range(0, 3000).Select(i => i % 2 == 0 ? 3e38f : -3e38f), 1];
        Tensor x = Tensor.From(values).To(s_device);
        Assert.Equal(1, x.Sum().Item());
        Assert.True(double.IsNaN(Tensor.From([1f, float.NaN, 3f]).To(s_device).AMax([0]).Item()));
    }

    /// <summary>Blocks and warps of the emulator run in another order for each seed.</summary>
    [Fact]
    public void Sums_have_the_same_bits_whatever_runs_when()
    {
        Tensor x = (Ramp([40003], DType.Float32) * 0.37).Exp();
        float[] sums = [.. Enumerable.Range(1, 4).Select(seed =>
        {
            Device device = Emulated.Create(new EmulatorOptions { Throws = true, Immediate = true, Seed = (ulong)seed });
            return x.To(device).Sum().To(Device.Cpu).AsSpan<float>()[0];
        })];
        Assert.Single(sums.Distinct());
    }

    [Fact]
    public void Division_by_multiplication_is_exact()
    {
        var random = new Random(5);
        uint[] divisors = [1, 2, 3, 5, 7, 10, 64, 641, 65535, 65537, 1 << 30, int.MaxValue,
            .. Enumerable.Range(0, 200).Select(_ => (uint)random.Next(1, int.MaxValue))];
        foreach (uint divisor in divisors)
        {
            (uint multiplier, int shift) = CoordinateWalk.Division(divisor);
            foreach (uint n in (uint[])[0, 1, divisor - 1, divisor, Math.Min(int.MaxValue, divisor + 1), int.MaxValue, int.MaxValue / divisor * divisor,
                int.MaxValue / divisor * divisor - 1, .. Enumerable.Range(0, 20).Select(_ => (uint)random.Next())])
                Assert.Equal(n / divisor, divisor == 1 ? n : (uint)((ulong)n * multiplier >> 32) >> shift);
        }
    }

    private static Tensor Ramp(int[] shape, DType type)
    {
        int count = shape.Aggregate(1, (all, size) => all * size);
        return Tensor.From([.. Enumerable.Range(0, count).Select(i => (double)((i * 37 + 11) % 23 - 9))]).Reshape(shape).To(type);
    }

    private static void AssertEqual(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.DType, actual.DType);
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(Bits(expected), Bits(actual.To(Device.Cpu)));
    }

    private static void AssertNear(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        double[] e = expected.To(DType.Float64).ToArray<double>(), a = actual.To(Device.Cpu).To(DType.Float64).ToArray<double>();
        double unit = expected.DType == DType.Float16 ? 1e-3 : 1e-6;
        for (int i = 0; i < e.Length; i++) Assert.True(e[i].Equals(a[i]) || Math.Abs(e[i] - a[i]) <= unit * Math.Abs(e[i]), $"{e[i]}, not {a[i]}");
    }

    // Of NaN only that it is one.
    private static string[] Bits(Tensor x) => x.DType.IsFloatingPoint
        ? [.. x.To(DType.Float64).ToArray<double>().Select(value => double.IsNaN(value) ? "nan" : BitConverter.DoubleToInt64Bits(value).ToString("X"))]
        : [.. x.To(DType.Int64).ToArray<long>().Select(value => value.ToString())];
}
