using System.Diagnostics;
using System.Globalization;
using Facula.Data;
using Facula.NN;
using Facula.Optim;
using Facula.Tests.Devices;
using Facula.Vision;
using F = Facula.NN.Functional;

namespace Facula.GpuCheck;

/// <summary>Chapters 6, 7 and 8 of the tutorial on their data sets.</summary>
internal static class RealData
{
    /// <summary>Those whose data are in the folder: what each reaches on the processor after as many epochs (see the chapters), less a margin.</summary>
    public static IEnumerable<(string, Func<IEnumerable<string>>)> All(string folder, Device device, Report report)
    {
        Network[] networks = Network.UpTo(1024);
        string mnist = Within(folder, "mnist"), cifar = Within(folder, "cifar10");
        yield return ("mlp on MNIST", () => Train(networks[0], new Mnist(mnist, train: true, new ToTensor()), new Mnist(mnist, train: false, new ToTensor()),
            epochs: 2, least: 0.91, oneCycle: false, device, report));
        yield return ("cnn on CIFAR-10", () => Train(networks[1], new Cifar10(cifar, train: true, new ToTensor()),
            new Cifar10(cifar, train: false, new ToTensor()),
            epochs: 3, least: 0.6, oneCycle: false, device, report));
        // The mean and the standard deviation of each channel over the training images, as in chapter 8.
        var normalize = new Normalize([0.4914f, 0.4822f, 0.4465f], [0.2023f, 0.1994f, 0.2010f]);
        var seen = new Compose(new RandomCrop(32, padding: 4, PaddingMode.Reflect), new RandomHorizontalFlip(), new ToTensor(), normalize);
        yield return ("resnet9 on CIFAR-10", () => Train(networks[2], new Cifar10(cifar, train: true, seen),
            new Cifar10(cifar, train: false, new Compose(new ToTensor(), normalize)), epochs: 4, least: 0.7, oneCycle: true, device, report));
    }

    private static string Within(string folder, string name) => Directory.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name) : folder;

    private static IEnumerable<string> Train(Network network, ImageDataset train, ImageDataset test, int epochs, double least, bool oneCycle, Device device,
        Report report)
    {
        Generator.Seed(42);
        var clock = Stopwatch.StartNew();
        var options = new DataLoaderOptions { Device = device };
        var loader = new DataLoader(train, 128, shuffle: true, options: options with { Workers = Math.Clamp(Environment.ProcessorCount / 2, 1, 8) });
        Module<Tensor, Tensor> model = network.New();
        model.To(device);
        Optimizer optimizer = network.Optimizer(model.Parameters());
        OneCycleLr? scheduler = oneCycle ? new(optimizer, 0.01, epochs: epochs, stepsPerEpoch: loader.Count) : null;
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            var losses = new List<Tensor>();
            model.Train();
            foreach ((Tensor images, Tensor labels) in loader)
            {
                Tensor loss = F.CrossEntropy(model.Call(images), labels);
                losses.Add(loss.Detach());
                loss.Backward();
                if (oneCycle) model.Parameters().ClipGradValue(0.1);
                optimizer.Step();
                optimizer.ZeroGrad();
                scheduler?.Step();
            }
            Report.Say(string.Create(CultureInfo.InvariantCulture,
                $"  {network.Name}, epoch {epoch + 1} of {epochs}: loss {Tensor.Stack(losses).Mean().Item():F4}, {clock.Elapsed.TotalSeconds:F1} s"));
        }
        double accuracy = Accuracy(model, new DataLoader(test, 500, options: options));
        report.Accuracies.Add(new(network.Name, accuracy, least, clock.Elapsed.TotalSeconds));
        Report.Say(string.Create(CultureInfo.InvariantCulture, $"  {network.Name}: test accuracy {accuracy:F4}, at least {least} expected"));
        if (!(accuracy >= least))
            yield return string.Create(CultureInfo.InvariantCulture, $"{network.Name}: accuracy {accuracy:F4}, expected {least} or more.");
    }

    private static double Accuracy(Module<Tensor, Tensor> model, DataLoader loader)
    {
        using GradModeScope scope = Autograd.NoGrad();
        model.Eval();
        long right = 0, count = 0;
        foreach ((Tensor images, Tensor labels) in loader)
        {
            right += (model.Call(images).ArgMax(1) == labels).Sum().Item<long>();
            count += labels.Length;
        }
        return (double)right / count;
    }
}
