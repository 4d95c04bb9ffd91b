using Facula.Backends;
using Facula.Backends.Cuda;
using Facula.CudaEmulator;
using Facula.Tests.Ops;
using F = Facula.NN.Functional;

namespace Facula.Tests.Gpu;

/// <summary>Normalisation of rows and cross-entropy on an emulated device.</summary>
public sealed class RowKernelTests
{
    private static readonly EmulatedDriver s_driver = new(new() { Throws = true, Immediate = true });
    private static readonly Device s_device = Cuda.DeviceOf(s_driver);

    private static readonly DType[] Types = [DType.Float32, DType.Float64, DType.Float16, DType.BFloat16];
    private static readonly (int Rows, int Size)[] Norms = [(1, 1), (3, 10), (33, 31), (5, 257), (300, 33), (2, 2048), (1, 9000), (0, 3)];
    private static readonly (int Rows, int Classes)[] Losses = [(1, 1), (33, 10), (5, 31), (300, 3), (2, 2050), (0, 3)];

    public static TheoryData<string, int> NormCases => [.. Types.SelectMany(type => Enumerable.Range(0, Norms.Length).Select(i => (type.PyTorchName, i)))];

    [Theory, MemberData(nameof(NormCases))]
    public void Row_norms_and_their_gradients_are_the_references(string dtype, int which)
    {
        DType type = DType.Parse(dtype);
        (int rows, int size) = Norms[which];
        // Far from 0, where a mean of the computing type is not exact enough.
        Tensor x = (Tensor.Randn([rows, size], DType.Float64, generator: new(1)) + 7).To(type), g = Tensor.Randn([rows, size], DType.Float64, generator: new(2)).To(type);
        Tensor weight = Tensor.Randn([size], DType.Float64, generator: new(3)).To(type), bias = Tensor.Randn([size], DType.Float64, generator: new(4)).To(type);
        foreach ((bool centred, bool affine) in ((bool, bool)[])[(true, true), (true, false), (false, true), (false, false)])
        {
            Tensor?[] actual = Run(s_device, type), truth = Run(Device.Reference, DType.Float64);
            for (int i = 0; i < truth.Length; i++)
            {
                // By the size of what has gone in, of which a mean is taken away, and which the reference adds up one after another.
                if (truth[i] is { } t) Close.AssertUlps(actual[i]!, t, 64, true, $"{type} {rows} x {size}, result {i}", i < 2 ? [x, g] : []);
            }

            Tensor?[] Run(Device device, DType of)
            {
                Tensor[] leaves = [.. new[] { x, weight, bias }.Select(leaf => leaf.To(of, device).Detach())];
                foreach (Tensor leaf in leaves) leaf.RequiresGrad = true;
                Tensor y = centred ? F.LayerNorm(leaves[0], [size], affine ? leaves[1] : null, affine ? leaves[2] : null)
                    : F.RmsNorm(leaves[0], [size], affine ? leaves[1] : null, 1e-5);
                y.Backward(g.To(of, device));
                return [y.Detach(), .. leaves.Select(leaf => leaf.Grad)];
            }
        }
    }

    [Fact]
    public void Row_norms_take_one_launch_and_two_for_their_gradients()
    {
        Tensor x = Tensor.Randn([40, 64], device: s_device), weight = Tensor.Ones([64], device: s_device), bias = Tensor.Zeros([64], device: s_device);
        foreach (Tensor leaf in (Tensor[])[x, weight, bias]) leaf.RequiresGrad = true;
        Tensor g = Tensor.Ones([40, 64], device: s_device);
        long before = s_driver.Counters.Launches;
        Tensor y = F.LayerNorm(x, [64], weight, bias);
        Assert.Equal(1, s_driver.Counters.Launches - before);
        before = s_driver.Counters.Launches;
        y.Backward(g);
        Assert.InRange(s_driver.Counters.Launches - before, 2, 2);
    }

    public static TheoryData<string, int> LossCases => [.. Types.SelectMany(type => Enumerable.Range(0, Losses.Length).Select(i => (type.PyTorchName, i)))];

    [Theory, MemberData(nameof(LossCases))]
    public void Cross_entropy_and_its_gradient_are_the_references(string dtype, int which)
    {
        DType type = DType.Parse(dtype);
        (int rows, int classes) = Losses[which];
        Tensor x = (4 * Tensor.Randn([rows, classes], DType.Float64, generator: new(1))).To(type), g = Tensor.Randn([rows], DType.Float64, generator: new(2)).To(type);
        Tensor weight = Tensor.Rand([classes], DType.Float64, generator: new(3)).To(type);
        Tensor labels = Tensor.RandInt(0, classes, [rows], generator: new(5));
        if (rows > 1) labels[1] = -100;
        foreach ((bool weighted, double smoothing) in ((bool, double)[])[(false, 0), (true, 0), (false, 0.2), (true, 0.2)])
        {
            Tensor[] actual = Run(s_device, type), truth = Run(Device.Reference, DType.Float64);
            for (int i = 0; i < truth.Length; i++) Close.AssertUlps(actual[i], truth[i], 32, true, $"{type} {rows} x {classes} weighted {weighted} smoothed {smoothing}, {i}");

            Tensor[] Run(Device device, DType of)
            {
                Tensor leaf = x.To(of, device).Detach();
                leaf.RequiresGrad = true;
                (Tensor losses, Tensor total) = Tensor.CrossEntropyLosses(leaf, labels.To(device), weighted ? weight.To(of, device) : null, new(-100, smoothing));
                losses.Backward(g.To(of, device));
                return [losses.Detach(), leaf.Grad!, total];
            }
        }
    }

    [Fact]
    public void Cross_entropy_takes_one_launch_each_way_and_any_strides()
    {
        Tensor x = Tensor.Randn([10, 40], device: s_device).T, labels = Tensor.RandInt(0, 10, [40, 2]).Select(1, 0);
        Tensor truth = F.CrossEntropy(x.To(Device.Cpu), labels), there = labels.To(DType.Int32).To(s_device);
        long before = s_driver.Counters.Launches;
        (Tensor losses, Tensor total) = Tensor.CrossEntropyLosses(x, there, null, new(-100, 0));
        Assert.Equal(1, s_driver.Counters.Launches - before);
        Assert.Equal(40, total.Item());
        Assert.Equal(truth.Item(), losses.To(Device.Cpu).Mean().Item(), 1e-5);
    }

    [Fact]
    public void Totals_of_very_many_rows_are_right()
    {
        int rows = (1 << 16) + 3;
        Tensor x = Tensor.Zeros([rows, 2], device: s_device), labels = Tensor.Zeros([rows], DType.Int64, device: s_device);
        (Tensor losses, Tensor total) = Tensor.CrossEntropyLosses(x, labels, null, new(-100, 0));
        Assert.Equal(rows, total.Item());
        Assert.Equal(MathF.Log(2), losses[rows - 1].Item(), 1e-6);
    }

    [Theory, InlineData(3), InlineData(-1)]
    public void Labels_that_are_no_classes_are_raised_once_by_the_next_read(long label)
    {
        Tensor x = Tensor.Zeros([2, 3], device: s_device), labels = Tensor.From([0, label]).To(s_device);
        Tensor loss = Tensor.CrossEntropyLosses(x, labels, null, new(-100, 0)).Losses;
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => loss.ToArray<float>());
        Assert.StartsWith($"crossEntropy: the label of row 1 is {label}, but there are 3 classes", error.Message, StringComparison.Ordinal);
        Assert.Equal(MathF.Log(3), loss.ToArray<float>()[0], 1e-6);
    }
}
