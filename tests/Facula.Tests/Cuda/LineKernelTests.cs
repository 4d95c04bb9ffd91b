using Facula.Backends;
using Facula.Backends.Cuda;
using Facula.CudaEmulator;
using Facula.Tests.Ops;
using Operand = Facula.Backends.Operand;

namespace Facula.Tests.Gpu;

/// <summary>Kernels of lines on an emulated device, which has memory that nobody has written report who reads it.</summary>
public sealed class LineKernelTests
{
    private static readonly EmulatedDriver s_driver = new(new() { Throws = true, Immediate = true });
    private static readonly Device s_device = Cuda.DeviceOf(s_driver);

    private static readonly DType[] Types = [DType.Float32, DType.Float64, DType.Float16, DType.BFloat16];

    /// <summary>Shapes and dimensions: lines short and long, few and many, along memory and across it, held in registers or not.</summary>
    private static readonly (int[] Shape, int Dim)[] Shapes =
    [
        ([1, 1], 1), ([3, 10], 1), ([33, 31], 1), ([5, 33], 0), ([2, 257], 1), ([257, 3], 0), ([2, 3, 4, 5], 1), ([3, 64], 1), ([1, 4096], 1), ([2, 2049], 1),
        ([600, 2], 0), ([0, 3], 1), ([7], 0),
    ];

    public static TheoryData<string, int> Cases => [.. Types.SelectMany(type => Enumerable.Range(0, Shapes.Length).Select(i => (type.PyTorchName, i)))];

    [Theory, MemberData(nameof(Cases))]
    public void Softmax_and_its_gradient_are_the_references(string dtype, int shape)
    {
        DType type = DType.Parse(dtype);
        (int[] sizes, int dim) = Shapes[shape];
        Tensor x = (3 * Tensor.Randn(sizes, DType.Float64, generator: new(3))).To(type), weights = Tensor.Randn(sizes, DType.Float64, generator: new(4)).To(type);
        foreach (bool log in (bool[])[false, true])
        {
            (Tensor y, Tensor g) = Run(x.To(s_device), weights.To(s_device));
            (Tensor truth, Tensor gradient) = Run(x.To(DType.Float64, Device.Reference), weights.To(DType.Float64, Device.Reference));
            Close.AssertUlps(y, truth, 16, true, $"{type} log {log}");
            Close.AssertUlps(g, gradient, 16, true, $"gradient, {type} log {log}");

            (Tensor, Tensor) Run(Tensor at, Tensor w)
            {
                Tensor leaf = at.Detach();
                leaf.RequiresGrad = true;
                Tensor result = log ? leaf.LogSoftmax(dim) : leaf.Softmax(dim);
                result.Backward(w);
                return (result.Detach(), leaf.Grad!);
            }
        }
    }

    [Fact]
    public void Softmax_takes_any_strides_and_one_launch()
    {
        Tensor all = Tensor.Randn([6, 5, 40], generator: new(3));
        foreach (Func<Tensor, Tensor> view in (Func<Tensor, Tensor>[])[x => x.Transpose(0, 2), x => x[.., 1..4, 3..], x => x[.., .., 4..36], x => x.Permute(1, 2, 0), x => x.Flip(2)])
        {
            Tensor x = view(all.To(s_device));
            long before = s_driver.Counters.Launches;
            Tensor y = x.Softmax(2);
            Assert.Equal(1, s_driver.Counters.Launches - before);
            Close.AssertUlps(y, view(all).To(DType.Float64).Softmax(2), 4, true, "softmax");
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Softmax_of_what_is_no_number_is_the_processors(bool log)
    {
        float[][] rows = [[1, float.NaN, 2], [float.PositiveInfinity, 1, 2], [float.NegativeInfinity, 1, 2], [float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity]];
        foreach (float[] row in rows)
        {
            Tensor x = Tensor.From(row);
            Assert.Equal(Of(x).ToArray<float>(), Of(x.To(s_device)).ToArray<float>(), (a, b) => a.Equals(b) || Math.Abs(a - b) < 1e-6);
        }

        Tensor Of(Tensor x) => log ? x.LogSoftmax(0) : x.Softmax(0);
    }

    [Fact]
    public void Lines_that_share_less_than_they_should_are_found()
    {
        // Without the barrier, partial results are read that may not be there.
        Operand y = new(null!, Layout.Contiguous([1, 4096]), DType.Float32);
        var plan = new LinePlan(1, [y, y], 1, DType.Float32);
        Assert.True(plan.Shape.Lanes > 32);
        CudaKernel kernel = SoftmaxKernel.Build(new(false, false, DType.Float32, DType.Float32, default!, plan.Shape), 80);
        Assert.Equal(CudaResult.Success, Run(kernel.Ptx));
        Assert.NotEqual(CudaResult.Success, Run(kernel.Ptx.Replace("bar.sync 0;", "", StringComparison.Ordinal)));

        CudaResult Run(string ptx)
        {
            using var program = new EmulatedProgram();
            ulong x = program.Upload<float>(new float[4096]), result = program.Allocate(4 * 4096);
            return program.Run(ptx, kernel.Threads, result, x, 1u, 1024u, 4096, 4096);
        }
    }
}
