#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// The front door: trains a network on handwritten digits, shows how well it reads them, and saves it. Run it again with --predict to use what was saved.
using System.CommandLine;
using System.Diagnostics;
using Facula;
using Facula.Data;
using Facula.IO;
using Facula.NN;
using Facula.Optim;
using Facula.Tutorial;
using Facula.Vision;
using F = Facula.NN.Functional;

var predictOption = new Option<bool>("--predict") { Description = "Load the saved network and let it read test digits; train nothing." };
var modelOption = new Option<string>("--model")
{
    Description = "The file the network is saved to and loaded from.",
    DefaultValueFactory = _ => "mnist.safetensors"
};
var chapter = Chapter.Start(args, "Train a network on handwritten digits.", epochs: 8, data: true, predictOption, modelOption);
string modelPath = chapter.Arguments.GetValue(modelOption)!;

var data = MnistData.Load(chapter.Data, new Compose(new ToTensor(), new Normalize([0.1307f], [0.3081f])));
Console.WriteLine($"data: {data.Source}");
var options = new DataLoaderOptions { Device = chapter.Device };
var testLoader = new DataLoader(data.Test, batchSize: 500, options: options);
var model = new DigitReader();
int? steps = null;

if (chapter.Arguments.GetValue(predictOption))
{
    if (!File.Exists(modelPath))
    {
        Console.Error.WriteLine($"There is no saved network at {modelPath}; run once without --predict.");
        return 1;
    }
    Chapter.OrExit(() => model.Load(modelPath));
}
else steps = Train();

ShowDigits();
double accuracy = Accuracy();
Console.WriteLine($"test accuracy: {accuracy:F4}");
if (steps is { } taken) Chapter.SayIfUnlearned(accuracy, 10, taken);
return 0;

int Train()
{
    // Ctrl+C stops after the batch; what has been learned is kept.
    using var stop = new CancellationTokenSource();
    Console.CancelKeyPress += (_, e) =>
    {
        e.Cancel = true;
        stop.Cancel();
    };
    Console.WriteLine(model.Summary([1, 28, 28]));

    const double learningRate = 2e-3;
    var loader = new DataLoader(data.Train, batchSize: 128, shuffle: true, dropLast: true, options: options with { Workers = 1 });
    var optimizer = new Adam(model.Parameters(), learningRate);
    int steps = chapter.Epochs * loader.Count, step = 0;
    var rows = new List<string[]>();
    Terminal.Progress("training", report =>
    {
        for (int epoch = 1; epoch <= chapter.Epochs && !stop.IsCancellationRequested; epoch++)
        {
            var clock = Stopwatch.StartNew();
            var losses = new List<Tensor>();
            double Loss() => Tensor.Stack(losses).Mean().Item();
            model.Train();
            foreach (var (images, labels) in loader)
            {
                // The learning rate falls to zero along a cosine.
                optimizer.ParameterGroups[0].LearningRate = learningRate * 0.5 * (1 + Math.Cos(Math.PI * step++ / steps));
                var loss = F.CrossEntropy(model.Call(images), labels);
                loss.Backward();
                optimizer.Step();
                optimizer.ZeroGrad();
                losses.Add(loss.Detach());
                // Now and then: who asks for a number waits for it.
                if (step % 20 == 0) report((double)step / steps, $"epoch {epoch}/{chapter.Epochs}, loss {Loss():F4}");
                if (stop.IsCancellationRequested) break;
            }
            rows.Add([$"{epoch}", $"{Loss():F4}", $"{Accuracy():F4}", $"{clock.Elapsed.TotalSeconds:F1} s"]);
        }
    });
    Terminal.Table(["epoch", "loss", "test accuracy", "time"], rows);
    Chapter.OrExit(() => model.Save(modelPath));
    Console.WriteLine($"saved: {modelPath}{(stop.IsCancellationRequested ? " (stopped early)" : "")}");
    return step;
}

double Accuracy()
{
    using var _ = Autograd.NoGrad();
    model.Eval();
    long right = 0;
    foreach (var (images, labels) in testLoader) right += (model.Call(images).ArgMax(1) == labels).Sum().Item<long>();
    return (double)right / data.Test.Count;
}

void ShowDigits()
{
    using var _ = Autograd.NoGrad();
    model.Eval();
    // As many as fit on a line.
    int count = Math.Clamp(Terminal.Width / 28, 1, 5);
    var (images, labels) = data.Test.GetBatch([.. Enumerable.Range(0, count)]);
    var predictions = model.Call(images).ArgMax(1);
    Console.WriteLine(DigitArt.Draw(images * 0.3081 + 0.1307,
        [.. Enumerable.Range(0, count).Select(i => $"{predictions[i].Item<int>()} (is {labels[i].Item<int>()})")]));
}

// Two hidden layers; a tenth of their outputs is dropped while training, so that no neuron relies on a single other.
sealed partial class DigitReader : Module<Tensor, Tensor>
{
    private readonly Sequential network = new(
        new Flatten(),
        new Linear(28 * 28, 256), new Relu(), new Dropout(0.1),
        new Linear(256, 128), new Relu(), new Dropout(0.1),
        new Linear(128, 10));

    public override Tensor Forward(Tensor images) => network.Call(images);
}

/* Output, on the whole of MNIST, without the summary and the digits drawn (docs/mnist.svg has them):
+-------+--------+---------------+-------+
| epoch |   loss | test accuracy |  time |
|-------+--------+---------------+-------|
|     1 | 0.2485 |        0.9652 | 1.9 s |
|     2 | 0.1084 |        0.9737 | 1.6 s |
|     3 | 0.0746 |        0.9761 | 1.2 s |
|     4 | 0.0508 |        0.9797 | 1.2 s |
|     5 | 0.0343 |        0.9824 | 1.1 s |
|     6 | 0.0235 |        0.9837 | 1.2 s |
|     7 | 0.0149 |        0.9840 | 1.0 s |
|     8 | 0.0130 |        0.9844 | 1.0 s |
+-------+--------+---------------+-------+
test accuracy: 0.9844
*/
