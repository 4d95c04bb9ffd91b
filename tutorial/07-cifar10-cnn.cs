#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 7: a convolutional network on CIFAR-10, small photographs of ten kinds of things.
//
// A kernel is a small matrix of weights. Convolution slides it over the picture and, at each place, multiplies it element by element with what lies
// under it and adds that up to one pixel of the output: a pattern finder. A coloured picture has three channels; each has a kernel of its own, and the
// three results are added. A layer has many such kernels, and makes a channel of output with each. A Linear layer has a weight for every pair of input and
// output; a convolution has a few for each kernel, used everywhere: fewer to learn, less to compute, as an output depends on its neighbourhood only, and
// what was learned in one corner is known in all others. Pooling shrinks the picture: of every square of 2 by 2 pixels the largest is kept (or, with
// another kind, the mean). So the layers that follow see more of it at once.
using System.CommandLine;
using System.Diagnostics;
using Facula;
using Facula.Data;
using Facula.NN;
using Facula.Optim;
using Facula.Tutorial;
using Facula.Vision;
using F = Facula.NN.Functional;

var limitOption =
    new Option<int?>("--limit") { Description = "Use so many training images and a fifth as many test images, for a quick try; all of them if left out." };
var plotOption = new Option<string>("--plot") { Description = "The SVG file the curves are drawn to.", DefaultValueFactory = _ => "cifar10-cnn.svg" };
var chapter = Chapter.Start(args, "A convolutional network on CIFAR-10.", epochs: 10, data: true, limitOption, plotOption);
const int batchSize = 128;

// A tenth of the training images tell how well the model does on images it has not seen.
var data = Cifar10Data.Load(chapter.Data, new ToTensor(), new ToTensor(), chapter.Arguments.GetValue(limitOption), validation: 10);
Console.WriteLine($"data: {data.Source}");
var (imgTensor, label) = data.Train[0];
Console.WriteLine($"{data.Train.Count} {data.Validation.Count} {data.Test.Count} {imgTensor.Shape} {data.Train.Classes[label]}");

var options = new DataLoaderOptions { Device = chapter.Device };
var trainLoader = new DataLoader(data.Train, batchSize, shuffle: true, options: options with { Workers = 1 });
var valLoader = new DataLoader(data.Validation, 2 * batchSize, options: options);
var testLoader = new DataLoader(data.Test, 2 * batchSize, options: options);

var model = new Cifar10CnnModel();
Console.WriteLine(model);

var history = Fit(chapter.Epochs, 0.001, model, trainLoader, valLoader, Adam.Create);

string plot = chapter.Arguments.GetValue(plotOption)!;
Chart.Save(plot, "A convolutional network on CIFAR-10",
    [("training loss", history.Select(x => (double)x.TrainLoss)), ("validation loss", history.Select(x => (double)x.ValLoss))], "loss",
    [("validation accuracy", history.Select(x => (double)x.ValAcc))], "accuracy");
Console.WriteLine($"curves: {plot}");
float accuracy = Evaluate(model, testLoader).ValAcc;
Console.WriteLine($"test accuracy: {accuracy:F4}");
Chapter.SayIfUnlearned(accuracy, data.Train.Classes.Count, chapter.Epochs * trainLoader.Count);

static EpochResult Evaluate(ImageClassificationBase model, DataLoader loader)
{
    using var _ = Autograd.NoGrad();
    model.Eval();
    var outputs = loader.Select(model.ValidationStep).ToList();
    return model.ValidationEpochEnd(outputs);
}

static List<EpochResult> Fit(int epochs, double lr, ImageClassificationBase model, DataLoader trainLoader, DataLoader valLoader,
    Func<IEnumerable<Parameter>, double, Optimizer> optFunc)
{
    var optimizer = optFunc(model.Parameters(), lr);
    var history = new List<EpochResult>(); // for recording epoch-wise results
    Console.WriteLine("epoch  train_loss  val_loss  val_acc    time");

    for (int epoch = 0; epoch < epochs; epoch++)
    {
        // Training phase.
        var clock = Stopwatch.StartNew();
        model.Train();
        var trainLosses = new List<Tensor>();
        foreach (var batch in trainLoader)
        {
            var loss = model.TrainingStep(batch);
            trainLosses.Add(loss.Detach()); // as a tensor: the number is asked for once an epoch, so that no step waits for the one before
            loss.Backward();
            optimizer.Step();
            optimizer.ZeroGrad();
        }

        // Validation phase.
        var result = Evaluate(model, valLoader) with { TrainLoss = Tensor.Stack(trainLosses).Mean().Item() };
        model.EpochEnd(epoch, result, clock.Elapsed);
        history.Add(result);
    }
    return history;
}

record StepResult(Tensor ValLoss, Tensor ValAcc, int Count);

record EpochResult(float TrainLoss, float ValLoss, float ValAcc);

// What training asks of any network that tells images apart; a network adds its layers.
abstract partial class ImageClassificationBase : Module<Tensor, Tensor>
{
    public Tensor TrainingStep((Tensor Images, Tensor Labels) batch)
    {
        var output = Call(batch.Images);                 // Generate predictions
        return F.CrossEntropy(output, batch.Labels);     // Calculate loss
    }

    public StepResult ValidationStep((Tensor Images, Tensor Labels) batch)
    {
        var output = Call(batch.Images);                                          // Generate predictions
        var loss = F.CrossEntropy(output, batch.Labels);                          // Calculate loss
        return new(loss, Accuracy(output, batch.Labels), batch.Labels.Length);    // Calculate accuracy
    }

    public EpochResult ValidationEpochEnd(IReadOnlyList<StepResult> outputs)
    {
        // The last batch may be smaller, so each counts by its number of images.
        float count = outputs.Sum(x => x.Count);
        var epochLoss = outputs.Sum(x => x.ValLoss.Item() * x.Count) / count;   // Combine losses
        var epochAcc = outputs.Sum(x => x.ValAcc.Item() * x.Count) / count;     // Combine accuracies
        return new(float.NaN, epochLoss, epochAcc);
    }

    public void EpochEnd(int epoch, EpochResult result, TimeSpan time) =>
        Console.WriteLine($"{epoch,5}  {result.TrainLoss,10:F4}  {result.ValLoss,8:F4}  {result.ValAcc,7:F4}  {time.TotalSeconds,4:F0} s");

    private static Tensor Accuracy(Tensor outputs, Tensor labels)
    {
        var (_, preds) = outputs.Max(dim: 1);
        return Tensor.From((preds == labels).Sum().Item() / preds.Length);
    }
}

sealed partial class Cifar10CnnModel : ImageClassificationBase
{
    private readonly Sequential network = new(
        new Conv2d(3, 32, kernelSize: 3, padding: 1),
        new Relu(),
        new Conv2d(32, 64, kernelSize: 3, stride: 1, padding: 1),
        new Relu(),
        new MaxPool2d(2, 2), // output: 64 x 16 x 16

        new Conv2d(64, 128, kernelSize: 3, stride: 1, padding: 1),
        new Relu(),
        new Conv2d(128, 128, kernelSize: 3, stride: 1, padding: 1),
        new Relu(),
        new MaxPool2d(2, 2), // output: 128 x 8 x 8

        new Conv2d(128, 256, kernelSize: 3, stride: 1, padding: 1),
        new Relu(),
        new Conv2d(256, 256, kernelSize: 3, stride: 1, padding: 1),
        new Relu(),
        new MaxPool2d(2, 2), // output: 256 x 4 x 4

        new Flatten(),
        new Linear(256 * 4 * 4, 1024),
        new Relu(),
        new Linear(1024, 512),
        new Relu(),
        new Linear(512, 10));

    public override Tensor Forward(Tensor xb) => network.Call(xb);
}

/* Output without the layers of the network, on two cores of an AMD EPYC (Zen 5):
data: CIFAR-10 from data/cifar10
45000 5000 10000 [3, 32, 32] frog
epoch  train_loss  val_loss  val_acc    time
    0      1.7587    1.4927   0.4390    56 s
    1      1.2813    1.0926   0.6070    52 s
    2      1.0335    0.9341   0.6676    51 s
    3      0.8609    0.8540   0.6940    51 s
    4      0.7264    0.7745   0.7358    51 s
    5      0.6122    0.7341   0.7530    55 s
    6      0.5079    0.7103   0.7584    55 s
    7      0.4172    0.6958   0.7732    54 s
    8      0.3361    0.7502   0.7668    64 s
    9      0.2657    0.8290   0.7668    61 s
curves: cifar10-cnn.svg
test accuracy: 0.7518
*/
