using Facula.Data;
using Facula.NN;
using Facula.Optim;
using Facula.Tests.Optim;
using F = Facula.NN.Functional;

namespace Facula.Tests.Devices;

/// <summary>Training on every device gives what it gives on the processor; on one that works by itself, a step waits for nothing and brings nothing over
/// but the batch.</summary>
public sealed partial class DeviceTrainingTests
{
    /// <summary>The networks of the tutorial's chapters 6, 7 and 8, narrower, with what they are trained by.</summary>
    private static readonly Dictionary<string, (Func<Module<Tensor, Tensor>> New, int[] Input, Func<IEnumerable<Tensor>, Optimizer> Optimizer)> Networks = new()
    {
        ["mlp"] = (() => new Sequential(new Flatten(), new Linear(28 * 28, 32), new Relu(), new Linear(32, 10)), [1, 28, 28], p => new Sgd(p, 0.5)),
        ["cnn"] = (() => new Sequential(
            new Conv2d(3, 8, 3, padding: 1), new Relu(), new Conv2d(8, 8, 3, stride: 1, padding: 1), new Relu(), new MaxPool2d(2, 2),
            new Conv2d(8, 16, 3, stride: 1, padding: 1), new Relu(), new MaxPool2d(2, 2),
            new Flatten(), new Linear(16 * 4 * 4, 32), new Relu(), new Linear(32, 10)), [3, 16, 16], p => new Adam(p, 0.001)),
        ["resnet9"] = (() => new Sequential(
            ConvBlock(3, 8), ConvBlock(8, 16, pool: true), new Residual(ConvBlock(16, 16), ConvBlock(16, 16)),
            ConvBlock(16, 16, pool: true), ConvBlock(16, 16, pool: true), new Residual(ConvBlock(16, 16), ConvBlock(16, 16)),
            new MaxPool2d(4), new Flatten(), new Dropout(0), new Linear(16, 10)), [3, 32, 32], p => new Adam(p, 0.01, weightDecay: 1e-4)),
    };

    private static Sequential ConvBlock(int inputs, int outputs, bool pool = false)
    {
        var layers = new Sequential(new Conv2d(inputs, outputs, 3, padding: 1), new BatchNorm2d(outputs), new Relu());
        if (pool) layers.Add(new MaxPool2d(2));
        return layers;
    }

    private sealed partial class Residual(Sequential first, Sequential second) : Module<Tensor, Tensor>
    {
        private readonly Sequential first = first, second = second;

        public override Tensor Forward(Tensor input) => second.Call(first.Call(input)) + input;
    }

    public static TheoryData<string, string> Pairs { get; } = [.. TestDevices.Names.SelectMany(device => Networks.Keys.Select(name => (device, name)))];

    [Theory, MemberData(nameof(Pairs))]
    public void A_network_is_trained_as_on_the_processor(string device, string name)
    {
        (Func<Module<Tensor, Tensor>> make, int[] shape, Func<IEnumerable<Tensor>, Optimizer> optimizer) = Networks[name];
        Module<Tensor, Tensor> here = make(), there = make();
        there.LoadStateDict(here.StateDict());
        there.To(TestDevices.Find(device));
        List<double> expected = Fit(here, optimizer(here.Parameters()), shape, Device.Cpu),
            actual = Fit(there, optimizer(there.Parameters()), shape, TestDevices.Find(device));
        for (int i = 0; i < expected.Count; i++) Assert.Equal(expected[i], actual[i], 1e-3 * Math.Abs(expected[i]));
        Assert.All(there.Parameters(), parameter => Assert.Equal(TestDevices.Find(device), parameter.Device));
    }

    /// <summary>Chapter 9: the model is moved once, the batches one by one; losses stay on the device until they are asked for.</summary>
    private static List<double> Fit(Module<Tensor, Tensor> model, Optimizer optimizer, int[] shape, Device device)
    {
        var generator = new Generator(3);
        var data = new TensorDataset(Tensor.Rand([8, .. shape], generator: generator), Tensor.RandInt(0, 10, [8], generator: generator));
        var losses = new List<Tensor>();
        for (int epoch = 0; epoch < 2; epoch++)
        {
            foreach ((Tensor images, Tensor labels) in new DataLoader(data, 4, shuffle: true, options: new() { Generator = new Generator(epoch) }))
            {
                Tensor loss = F.CrossEntropy(model.Call(images.To(device)), labels.To(device));
                losses.Add(loss.Detach());
                loss.Backward();
                model.Parameters().ClipGradValue(0.1);
                optimizer.Step();
                optimizer.ZeroGrad();
            }
        }
        return [.. Tensor.Stack(losses).ToArray<double>()];
    }

    public static TheoryData<string> Names { get; } = [.. Networks.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_training_step_neither_reads_nor_waits(string name)
    {
        (Func<Module<Tensor, Tensor>> make, int[] shape, Func<IEnumerable<Tensor>, Optimizer> optimizer) = Networks[name];
        Device device = Remote.Create(out RemoteBackend backend);
        Module<Tensor, Tensor> model = make();
        model.To(device);
        Optimizer steps = optimizer(model.Parameters());
        Tensor images = Tensor.Rand([4, .. shape]).To(device), labels = Tensor.RandInt(0, 10, [4]).To(device);
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
        [.. TestDevices.Names.SelectMany(device => OptimizerTests.Names.Select(row => (device, row.Data)))];

    [Theory, MemberData(nameof(Optimizers))]
    public void An_optimizer_steps_as_on_the_processor_and_waits_for_nothing(string device, string name)
    {
        RemoteBackend? backend = null;
        Device there = device == "remote" ? Remote.Create(out backend) : TestDevices.Find(device);
        Tensor[] expected = OptimizerTests.Parameters(DType.Float32, Device.Cpu), actual = OptimizerTests.Parameters(DType.Float32, there);
        OptimizerTests.Run(OptimizerTests.Optimizers[name](expected), expected, 0, 2);
        OptimizerTests.Run(OptimizerTests.Optimizers[name](actual), actual, 0, 2);
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
        Tensor[] here = OptimizerTests.Parameters(DType.Float32, Device.Cpu), there = OptimizerTests.Parameters(DType.Float32, Remote.Device);
        Optimizer first = new Adam(here, 0.1), second = new Adam(there, 0.1);
        OptimizerTests.Run(first, here, 0, 2);
        OptimizerTests.Run(second, there, 0, 2);
        second.LoadStateDict(first.StateDict());
        OptimizerTests.Run(first, here, 2, 1);
        OptimizerTests.Run(second, there, 2, 1);
        for (int i = 0; i < here.Length; i++) NN.Values.AssertClose(here[i].ToArray<double>(), there[i].To(Device.Cpu), 1e-5, "resumed");
    }
}
