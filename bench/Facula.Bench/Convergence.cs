using System.Globalization;
using Facula;
using Facula.Data;
using Facula.NN;
using Facula.Optim;
using Facula.Vision;
using F = Facula.NN.Functional;

namespace Bench;

/// <summary>
/// Whether a fast convolution trains as well as a plain one: the tutorial's network on the whole of CIFAR-10 by a pinned algorithm and seed.
/// The learning rate ends at nothing, so that the accuracy is that of where training has arrived and not of its last few steps.
/// <code>
/// --converge ALGORITHM --data DIR [--seed N] [--epochs N] [--threads N]     ALGORITHM: Automatic, Direct, Winograd2, Winograd4
/// </code>
/// </summary>
static class Convergence
{
    const int BatchSize = 128;

    public static int Run(string[] args)
    {
        string Option(string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;
        int Number(string name, int otherwise) => int.Parse(Option(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
        CpuSettings.ConvolutionAlgorithm = Enum.Parse<ConvolutionAlgorithm>(Option("--converge", ""), ignoreCase: true);
        CpuSettings.ThreadCount = Number("--threads", 1);
        int seed = Number("--seed", 1), epochs = Number("--epochs", 5);
        Generator.Seed(seed);

        string data = Option("--data", ".");
        var train = new DataLoader(new Cifar10(data, train: true, transform: new ToTensor()), BatchSize, shuffle: true, dropLast: true);
        var test = new DataLoader(new Cifar10(data, train: false, transform: new ToTensor()), 2 * BatchSize);
        var model = ConvolutionalCases.TutorialNetwork();
        var optimizer = new Adam(model.Parameters(), 1e-3);
        var schedule = new OneCycleLr(optimizer, maxLearningRate: 1.5e-3, totalSteps: epochs * train.Count);

        float loss = 0;
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            var losses = new List<float>();
            foreach (var (images, labels) in train)
            {
                Tensor batchLoss = F.CrossEntropy(model.Call(images), labels);
                losses.Add(batchLoss.Item());
                batchLoss.Backward();
                optimizer.Step();
                optimizer.ZeroGrad();
                schedule.Step();
            }
            loss = losses.Average();
        }

        using GradModeScope scope = Autograd.NoGrad();
        model.Eval();
        float correct = 0, count = 0;
        foreach (var (images, labels) in test)
        {
            correct += (model.Call(images).ArgMax(1) == labels).Sum().Item();
            count += labels.Length;
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{CpuSettings.ConvolutionAlgorithm}\tseed {seed}\t{epochs} epochs\tloss of the last {loss:F4}\ttest accuracy {correct / count:F4}"));
        return 0;
    }
}
