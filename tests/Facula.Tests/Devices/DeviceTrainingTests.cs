using Facula.NN;
using Facula.Optim;
using Facula.Tests.Optim;
using F = Facula.NN.Functional;

namespace Facula.Tests.Devices;

/// <summary>Training on every device gives what it gives on the processor; on one that works by itself, a step waits for nothing and brings nothing over
/// but the batch.</summary>
public sealed partial class DeviceTrainingTests
{
    /// <summary>The networks of the tutorial's chapters 6, 7 and 8, narrower.</summary>
    private static readonly Dictionary<string, Network> Networks = Network.UpTo(16, 16).ToDictionary(network => network.Name);

    public static TheoryData<string, string> Pairs { get; } = [.. TestDevices.Names.SelectMany(device => Networks.Keys.Select(name => (device, name)))];

    [Theory, MemberData(nameof(Pairs))]
    public void A_network_is_trained_as_on_the_processor(string device, string name)
    {
        (List<double> expected, List<double> actual, List<Tensor> parameters) = Networks[name].Train(TestDevices.Find(device));
        for (int i = 0; i < expected.Count; i++) Assert.Equal(expected[i], actual[i], 1e-3 * Math.Abs(expected[i]));
        Assert.All(parameters, parameter => Assert.Equal(TestDevices.Find(device), parameter.Device));
    }

    public static TheoryData<string> Names { get; } = [.. Networks.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_training_step_neither_reads_nor_waits(string name)
    {
        Network network = Networks[name];
        Device device = Remote.Create(out RemoteBackend backend);
        Module<Tensor, Tensor> model = network.New();
        model.To(device);
        Optimizer steps = network.Optimizer(model.Parameters());
        Tensor images = Tensor.Rand([4, .. network.Input]).To(device), labels = Tensor.RandInt(0, 10, [4]).To(device);
        int downloads = backend.Downloads, uploads = 0;
        for (int step = 0; step < 3; step++)
        {
            uploads = backend.Uploads;
            Tensor loss = F.CrossEntropy(model.Call(images), labels);
            loss.Backward();
            model.Parameters().ClipGradValue(0.1);
            model.Parameters().ClipGradNorm(1);
            steps.Step();
            steps.ZeroGrad();
        }
        Assert.Equal((0, 0, 0), (backend.Downloads - downloads, backend.Synchronizations, backend.Uploads - uploads));
    }

    public static TheoryData<string, string> Optimizers { get; } =
        [.. TestDevices.Names.SelectMany(device => OptimizerCases.All.Keys.Select(name => (device, name)))];

    [Theory, MemberData(nameof(Optimizers))]
    public void An_optimizer_steps_as_on_the_processor_and_waits_for_nothing(string device, string name)
    {
        RemoteBackend? backend = null;
        Device there = device == "remote" ? Remote.Create(out backend) : TestDevices.Find(device);
        Tensor[] expected = OptimizerCases.Parameters(DType.Float32, Device.Cpu), actual = OptimizerCases.Parameters(DType.Float32, there);
        OptimizerCases.Run(OptimizerCases.All[name](expected), expected, 0, 2);
        OptimizerCases.Run(OptimizerCases.All[name](actual), actual, 0, 2);
        Assert.Equal((0, 0), (backend?.Downloads ?? 0, backend?.Synchronizations ?? 0));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(there, actual[i].Device);
            NN.Values.AssertClose(expected[i].ToArray<double>(), actual[i].To(Device.Cpu), 1e-5, name);
        }
    }

    [Fact]
    public void A_state_moves_between_devices()
    {
        Tensor[] here = OptimizerCases.Parameters(DType.Float32, Device.Cpu), there = OptimizerCases.Parameters(DType.Float32, Remote.Device);
        Optimizer first = new Adam(here, 0.1), second = new Adam(there, 0.1);
        OptimizerCases.Run(first, here, 0, 2);
        OptimizerCases.Run(second, there, 0, 2);
        second.LoadStateDict(first.StateDict());
        OptimizerCases.Run(first, here, 2, 1);
        OptimizerCases.Run(second, there, 2, 1);
        for (int i = 0; i < here.Length; i++) NN.Values.AssertClose(here[i].ToArray<double>(), there[i].To(Device.Cpu), 1e-5, "resumed");
    }
}
