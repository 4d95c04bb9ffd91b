using Facula.Backends;
using Facula.Backends.Cuda;
using Facula.CudaEmulator;
using Facula.Tests.Ops;

namespace Facula.Tests.Gpu;

/// <summary>Gathering, scattering, sorting, running sums, extremes and random numbers on an emulated device.</summary>
public sealed class IndexKernelTests
{
    private static readonly EmulatedDriver s_driver = new(new() { Throws = true, Immediate = true });
    private static readonly Device s_device = Cuda.DeviceOf(s_driver);

    private static readonly (int[] Shape, int Dim)[] Shapes =
        [([1], 0), ([5, 31], 1), ([33, 4], 0), ([3, 257], 1), ([257, 3], 0), ([2, 3, 4, 5], 2), ([700, 2], 0), ([0, 3], 1), ([4, 0], 0), ([40, 16], 0)];

    public static TheoryData<int> ShapeCases => [.. Enumerable.Range(0, Shapes.Length)];

    public static TheoryData<string> Types => [.. DType.All.Select(type => type.PyTorchName)];

    private static Tensor Make(int[] shape, DType type, int seed) => type == DType.Bool ? Tensor.Rand(shape, generator: new(seed)) > 0.5f
        : (20 * Tensor.Randn(shape, DType.Float64, generator: new(seed))).Round().Abs().To(type);

    private static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.DType, actual.DType);
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.To(DType.Float64).ToArray<double>(), actual.To(Device.Cpu).To(DType.Float64).ToArray<double>());
    }

    /// <summary>A function gives the same on both devices, whatever the strides of its arguments.</summary>
    private static void AssertSame(Func<Tensor[], Tensor> function, params Tensor[] inputs)
    {
        Tensor expected = function(inputs);
        AssertSame(expected, function([.. inputs.Select(x => x.To(s_device))]));
        AssertSame(expected, function([.. inputs.Select(x => x.Rank < 2 ? x.To(s_device) : x.Transpose(0, -1).Contiguous().To(s_device).Transpose(0, -1))]));
    }

    [Theory, MemberData(nameof(ShapeCases))]
    public void Gathers_and_scatters_are_the_processors(int which)
    {
        (int[] shape, int dim) = Shapes[which];
        int[] more = [.. shape];
        more[dim] = 7;
        Tensor x = Make(more, DType.Float32, 1), values = Make(shape, DType.Float32, 2), index = Tensor.RandInt(0, 7, shape, generator: new(3));
        AssertSame(a => a[0].Gather(dim, a[1]), x, index);
        AssertSame(a => a[0].Scatter(dim, a[1], a[2]), x, index, values);
        AssertSame(a => a[0].ScatterAdd(dim, a[1], a[2]), x, index, values);
        Tensor line = Tensor.RandInt(0, 7, [shape[dim]], generator: new(4));
        AssertSame(a => a[0].IndexSelect(dim, a[1]), x, line);
        AssertSame(a => a[0].IndexAdd(dim, a[1], a[2]), x, line, values);
    }

    [Theory, MemberData(nameof(Types))]
    public void Every_type_is_gathered_scattered_and_sorted(string dtype)
    {
        DType type = DType.Parse(dtype);
        Tensor x = Make([9, 16], type, 1), index = Tensor.RandInt(0, 9, [5, 16], generator: new(3)), line = Tensor.From([8L, 0, 8, 3]);
        AssertSame(a => a[0].Gather(0, a[1]), x, index);
        AssertSame(a => a[0].IndexSelect(0, a[1]), x, line);
        AssertSame(a => a[0][..4].IndexSelect(1, a[1]), x, line);
        AssertSame(a => a[0].Scatter(0, a[1], a[0][..5]), x, index);
        if (type != DType.Bool)
        {
            AssertSame(a => a[0].ScatterAdd(0, a[1], a[0][..5]), x, index);
            AssertSame(a => a[0].CumSum(0), x);
            AssertSame(a => a[0].Max(1).Indices, x);
        }
        AssertSame(a => a[0].Sort(0).Values, x);
        AssertSame(a => a[0].Sort(1, descending: true).Indices, x);
    }

    [Fact]
    public void Sums_at_many_indices_are_added_in_order()
    {
        Tensor x = Tensor.Randn([600, 3], generator: new(1)), index = Tensor.RandInt(0, 5, [600], generator: new(2));
        Tensor expected = Tensor.Zeros([5, 3]).IndexAdd(0, index, x);
        for (int i = 0; i < 2; i++)
        {
            using var driver = new EmulatedDriver(new() { Throws = true, Immediate = true, Seed = (ulong)i + 3 });
            Device device = Cuda.DeviceOf(driver);
            Tensor sums = Tensor.Zeros([5, 3], device: device).IndexAdd(0, index.To(device), x.To(device));
            Close.AssertUlps(sums, expected.To(DType.Float64), 2, true, "sums");
            Assert.Equal(sums.ToArray<float>(), Tensor.Zeros([5, 3], device: s_device).IndexAdd(0, index.To(s_device), x.To(s_device)).ToArray<float>());
        }
    }

    [Theory, InlineData(1), InlineData(31), InlineData(64), InlineData(65), InlineData(2049), InlineData(5000)]
    public void Lines_are_sorted_stably(int length)
    {
        Tensor x = Make([2, length], DType.Float32, 7) / 4;
        if (length > 30) (x[0, 3], x[0, 30], x[0, 5], x[0, 6]) = (float.NaN, float.NaN, -0f, float.NegativeInfinity);
        foreach (bool descending in (bool[])[false, true])
        {
            AssertSame(a => a[0].Sort(1, descending).Values, x);
            AssertSame(a => a[0].Sort(1, descending).Indices, x);
            AssertSame(a => a[0].TopK((length + 1) / 2, 1, descending).Indices, x);
        }
        if (length > 2048) return;
        long before = s_driver.Counters.Launches;
        x.To(s_device).Sort(1);
        Assert.Equal(1, s_driver.Counters.Launches - before);
    }

    [Theory, MemberData(nameof(ShapeCases))]
    public void Running_sums_and_extremes_are_the_processors(int which)
    {
        (int[] shape, int dim) = Shapes[which];
        if (shape[dim] == 0) return;
        Tensor x = Make(shape, DType.Float32, 9), reals = Tensor.Randn(shape, generator: new(3));
        AssertSame(a => a[0].CumSum(dim), x);
        foreach (Tensor of in (Tensor[])[x, reals])
        {
            AssertSame(a => a[0].Max(dim).Values, of);
            AssertSame(a => a[0].Max(dim).Indices, of);
            AssertSame(a => a[0].ArgMin(dim, keepDim: true), of);
        }
    }

    [Fact]
    public void Extremes_with_NaN_are_where_the_first_is()
    {
        Tensor x = Tensor.From([[1f, float.NaN, 3, float.NaN], [float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity]]);
        AssertSame(a => a[0].Max(1).Indices, x);
        AssertSame(a => a[0].ArgMin(1), x);
    }

    [Theory, InlineData("Gather"), InlineData("ScatterAdd"), InlineData("IndexSelect"), InlineData("IndexAdd")]
    public void Indices_out_of_range_are_raised_once_by_the_next_read(string operation)
    {
        Tensor x = Tensor.Arange(6, DType.Float32).Reshape(2, 3).To(s_device), line = Tensor.From([1L, 0, 4]).To(s_device), index = Tensor.From([[0L, 1, 4], [0, 1, 2]]).To(s_device);
        Tensor y = operation switch
        {
            "Gather" => x.Gather(1, index),
            "ScatterAdd" => x.ScatterAdd(1, index, x),
            "IndexSelect" => x.IndexSelect(1, line),
            _ => x.IndexAdd(1, line, x),
        };
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => y.ToArray<float>());
        Assert.StartsWith($"{operation}: index 4 (element 2 of the index) is out of range for dimension 1, which has size 3", error.Message, StringComparison.Ordinal);
        y.ToArray<float>();
    }

    [Theory, InlineData("float32"), InlineData("float64"), InlineData("float16"), InlineData("bfloat16")]
    public void Random_numbers_follow_the_rule_in_one_launch(string dtype)
    {
        DType type = DType.Parse(dtype);
        foreach (Func<Device, Tensor> make in (Func<Device, Tensor>[])
        [
            device => Tensor.Empty([131], type, device).UniformInPlace(-3.7, 11.1, new(5)),
            device => Tensor.Empty([131], type, device).NormalInPlace(1, 2, new(5)),
            device => Tensor.Empty([131], type, device).BernoulliInPlace(0.3, new(5)),
            device => Tensor.RandInt(-3, 90, [131], type, device, new(5)),
            device => Tensor.RandInt(long.MinValue, long.MaxValue, [33], DType.Int64, device, new(5)),
        ])
        {
            long before = s_driver.Counters.Launches;
            Tensor actual = make(s_device);
            Assert.Equal(1, s_driver.Counters.Launches - before);
            Close.AssertUlps(actual, make(Device.Reference).To(DType.Float64), 4, true, type.PyTorchName);
        }
        Tensor strided = Tensor.Empty([7, 11], type, s_device).T.UniformInPlace(0, 1, new(5));
        Close.AssertUlps(strided, Tensor.Empty([7, 11], type).T.UniformInPlace(0, 1, new(5)).To(DType.Float64), 2, true, "strided");
    }

    [Fact]
    public void A_network_without_its_barriers_is_found()
    {
        CudaKernel kernel = SortKernel.Build(new(DType.Float32, 1, false, 128, IsWhole: true), 80);
        Assert.Equal(CudaResult.Success, Run(kernel.Ptx));
        Assert.NotEqual(CudaResult.Success, Run(kernel.Ptx.Replace("bar.sync 0;", "", StringComparison.Ordinal)));

        CudaResult Run(string ptx)
        {
            using var program = new EmulatedProgram();
            ulong x = program.Upload<float>([.. Enumerable.Range(0, 100).Select(i => (float)(i * 37 % 100))]), y = program.Allocate(400), order = program.Allocate(800);
            CudaResult result = program.Run(ptx, kernel.Threads, y, x, order, 0L, 1L, 0L, 1L, 0L, 1L, 100L, 100L, 1u);
            if (result == CudaResult.Success) Assert.Equal(Enumerable.Range(0, 100).Select(i => (float)i), program.Download<float>(y, 100));
            return result;
        }
    }
}
