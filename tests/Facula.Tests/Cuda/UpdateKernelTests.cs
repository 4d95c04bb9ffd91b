using Facula.Backends;
using Facula.Backends.Cuda;
using Facula.CudaEmulator;
using Facula.Optim;
using Facula.Tests.Ops;

namespace Facula.Tests.Gpu;

/// <summary>Optimizers' steps on an emulated device.</summary>
public sealed class UpdateKernelTests
{
    private static readonly int[] Sizes = [1, 31, 0, 33, 257, 4099];

    private static readonly Dictionary<string, Func<Tensor[], Optimizer>> Optimizers = new()
    {
        ["sgd"] = p => new Sgd(p, 0.1),
        ["momentum"] = p => new Sgd(p, 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01),
        ["adam"] = p => new Adam(p, 0.1),
        ["amsGrad"] = p => new Adam(p, 0.1, amsGrad: true),
        ["adamW"] = p => new AdamW(p, 0.1, weightDecay: 0.1),
        ["adagrad"] = p => new Adagrad(p, 0.1),
        ["rmsProp"] = p => new RmsProp(p, 0.1, momentum: 0.5, centered: true),
    };

    public static TheoryData<string, string> Cases =>
        [.. Optimizers.Keys.SelectMany(name => new[] { DType.Float32, DType.Float64, DType.BFloat16, DType.Float16 }.Select(type => (name, type.PyTorchName)))];

    [Theory, MemberData(nameof(Cases))]
    public void Steps_are_those_of_the_processor(string name, string dtype)
    {
        DType type = DType.Parse(dtype);
        var driver = new EmulatedDriver(new() { Throws = true, Immediate = true });
        Device device = Cuda.DeviceOf(driver);
        Tensor[] expected = Steps(Device.Cpu, null), actual = Steps(device, driver);
        for (int i = 0; i < expected.Length; i++) Close.AssertUlps(actual[i], expected[i].To(DType.Float64), 4, true, $"{name}, tensor {i}");

        Tensor[] Steps(Device on, EmulatedDriver? counted)
        {
            Tensor[] parameters = [.. Sizes.Select((n, i) => Start(n, i, type).To(on))];
            // One that begins within another's memory, so that not all can be read in large pieces.
            if (name == "momentum") parameters[1] = Start(32, 1, type).To(on)[1..];
            foreach (Tensor parameter in parameters) parameter.RequiresGrad = true;
            Optimizer optimizer = Optimizers[name](parameters);
            for (int step = 0; step < 3; step++)
            {
                foreach (Tensor parameter in parameters) parameter.Grad = parameter.Detach() * parameter.Detach();
                long before = counted?.Counters.Launches ?? 0;
                optimizer.Step();
                if (counted is not null && step > 0) Assert.Equal(1, counted.Counters.Launches - before);
            }
            return [.. parameters.Select(parameter => parameter.Detach())];
        }
    }

    private static Tensor Start(int count, int seed, DType type) => Tensor.Randn([count], DType.Float64, generator: new(seed + 4)).To(type);

    [Fact]
    public void More_tensors_than_a_launch_takes_are_done_in_several()
    {
        var driver = new EmulatedDriver(new() { Throws = true, Immediate = true });
        Device device = Cuda.DeviceOf(driver);
        Tensor[] parameters = [.. Enumerable.Range(0, 130).Select(i => Start(1 + i % 3, i, DType.Float32).To(device))];
        Tensor[] before = [.. parameters.Select(x => x.To(Device.Cpu))];
        foreach (Tensor x in parameters) (x.RequiresGrad, x.Grad) = (true, Tensor.Ones(x.Shape, device: device));
        var optimizer = new Sgd(parameters, 0.5);
        long launches = driver.Counters.Launches;
        optimizer.Step();
        Assert.InRange(driver.Counters.Launches - launches, 2, 3);
        for (int i = 0; i < parameters.Length; i++) Assert.Equal((before[i] - 0.5f).ToArray<float>(), parameters[i].Detach().ToArray<float>());
    }

    [Fact]
    public void A_chunk_that_reaches_one_unit_too_far_is_found()
    {
        CudaKernel kernel = UpdateKernel.Build(new(FormulaKey.OfUpdate(new Descend()), DType.Float32, DType.Float32, DType.Float32, 0, 1), 80);
        using var program = new EmulatedProgram();
        ulong x = program.Upload<float>([1, 2, 3]), g = program.Upload<float>([1, 1, 1]);
        object[] table = [x, g, 3UL, 0UL, .. Enumerable.Repeat((object)0UL, UpdateKernel.TableBytes / 32 * 4 - 4), 1u];
        program.Succeed(program.Run(kernel.Ptx, kernel.Threads, table));
        Assert.Equal([0f, 1, 2], program.Download<float>(x, 3));
        table[2] = 4UL;
        Assert.NotEqual(CudaResult.Success, program.Run(kernel.Ptx, kernel.Threads, table));
    }

    private readonly struct Descend : IUpdate
    {
        public int States => 0;

        public void Invoke<T>(ref T parameter, T gradient, ref T state1, ref T state2, ref T state3) where T : Facula.Numerics.IArithmetic<T> => parameter -= gradient;
    }
}
