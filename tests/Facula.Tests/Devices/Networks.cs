using Facula.Data;
using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Facula.Tests.Devices;

/// <summary>
/// A network of the tutorial with what it is trained by. The factor is how wide it is: 1 as in its chapter. Knows no test framework, as tools/gpucheck is built
/// with it.
/// </summary>
internal sealed partial record Network(string Name, Func<Module<Tensor, Tensor>> New, int[] Input, Func<IEnumerable<Tensor>, Optimizer> Optimizer)
{
    /// <summary>Those of chapters 6, 7 and 8, with at most so many channels (or hidden outputs).</summary>
    public static Network[] UpTo(int channels, int side = 32)
    {
        int Of(int wanted) => Math.Min(wanted, channels);
        int last = side / 8;
        return
        [
            new("mlp", () => new Sequential(new Flatten(), new Linear(28 * 28, Of(32)), new Relu(), new Linear(Of(32), 10)), [1, 28, 28], p => new Sgd(p, 0.5)),
            new("cnn", () => new Sequential(
                new Conv2d(3, Of(32), 3, padding: 1), new Relu(), new Conv2d(Of(32), Of(64), 3, padding: 1), new Relu(), new MaxPool2d(2),
                new Conv2d(Of(64), Of(128), 3, padding: 1), new Relu(), new Conv2d(Of(128), Of(128), 3, padding: 1), new Relu(), new MaxPool2d(2),
                new Conv2d(Of(128), Of(256), 3, padding: 1), new Relu(), new Conv2d(Of(256), Of(256), 3, padding: 1), new Relu(), new MaxPool2d(2),
                new Flatten(), new Linear(Of(256) * last * last, Of(1024)), new Relu(), new Linear(Of(1024), Of(512)), new Relu(), new Linear(Of(512), 10)),
                [3, side, side], p => new Adam(p, 0.001)),
            new("resnet9", () => new Sequential(
                ConvBlock(3, Of(64)), ConvBlock(Of(64), Of(128), pool: true), new Residual(ConvBlock(Of(128), Of(128)), ConvBlock(Of(128), Of(128))),
                ConvBlock(Of(128), Of(256), pool: true), ConvBlock(Of(256), Of(512), pool: true),
                new Residual(ConvBlock(Of(512), Of(512)), ConvBlock(Of(512), Of(512))),
                new MaxPool2d(last), new Flatten(), new Dropout(0), new Linear(Of(512), 10)), [3, side, side], p => new Adam(p, 0.01, weightDecay: 1e-4)),
        ];
    }

    private static Sequential ConvBlock(int inputs, int outputs, bool pool = false)
    {
        var layers = new Sequential(new Conv2d(inputs, outputs, 3, padding: 1), new BatchNorm2d(outputs), new Relu());
        if (pool) layers.Add(new MaxPool2d(2));
        return layers;
    }

    /// <summary>The losses of its training on made-up images, on the processor and, from the same weights, on a device; and the parameters there.</summary>
    public (List<double> Expected, List<double> Actual, List<Tensor> Parameters) Train(Device device, int batch = 4, int steps = 4)
    {
        Module<Tensor, Tensor> here = New(), there = New();
        there.LoadStateDict(here.StateDict());
        there.To(device);
        return (Fit(here, Optimizer(here.Parameters()), Device.Cpu, batch, steps), Fit(there, Optimizer(there.Parameters()), device, batch, steps),
            [.. there.Parameters()]);
    }

    /// <summary>Chapter 9: the model is moved once, the batches one by one; losses stay on the device until they are asked for.</summary>
    private List<double> Fit(Module<Tensor, Tensor> model, Optimizer optimizer, Device device, int batch, int steps)
    {
        var generator = new Generator(3);
        int count = batch * ((steps + 1) / 2);
        var data = new TensorDataset(Tensor.Rand([count, .. Input], generator: generator), Tensor.RandInt(0, 10, [count], generator: generator));
        var losses = new List<Tensor>();
        for (int epoch = 0; epoch < 2; epoch++)
        {
            foreach ((Tensor images, Tensor labels) in new DataLoader(data, batch, shuffle: true, options: new() { Generator = new Generator(epoch) }))
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

    private sealed partial class Residual(Sequential first, Sequential second) : Module<Tensor, Tensor>
    {
        private readonly Sequential first = first, second = second;

        public override Tensor Forward(Tensor input) => second.Call(first.Call(input)) + input;
    }
}
