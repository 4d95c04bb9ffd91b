#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 8: a residual network on CIFAR-10, with what makes it learn fast.
//
// A deep network is hard to train: a gradient on its way back is changed by every layer, and fades or grows.
// A residual block adds what went in to what comes out, so the gradient has a way past it. Batch normalisation gives every channel mean 0 and variance 1
// over the batch, so that no layer has to follow the moods of those before it. Images are normalised the same way, and changed at random so that the
// network cannot learn them by heart. The learning rate goes through one cycle, up and down.
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
var plotOption = new Option<string>("--plot") { Description = "The SVG file the curves are drawn to.", DefaultValueFactory = _ => "cifar10-resnet.svg" };
var chapter = Chapter.Start(args, "A residual network on CIFAR-10.", epochs: 10, data: true, limitOption, plotOption);
const int batchSize = 128;
const double maxLearningRate = 0.01, weightDecay = 1e-4, gradClip = 0.1;

// The mean and the standard deviation of each channel over the training images.
var normalize = new Normalize([0.4914f, 0.4822f, 0.4465f], [0.2023f, 0.1994f, 0.2010f]);
// An image shifted by a few pixels, or seen in a mirror, shows the same thing: each epoch the network sees other versions of it.
var trainTransform = new Compose(new RandomCrop(32, padding: 4, PaddingMode.Reflect), new RandomHorizontalFlip(), new ToTensor(), normalize);
var testTransform = new Compose(new ToTensor(), normalize);

var data = Cifar10Data.Load(chapter.Data, trainTransform, testTransform, chapter.Arguments.GetValue(limitOption), validation: 0);
Console.WriteLine($"data: {data.Source}");
Console.WriteLine($"{data.Train.Count} {data.Test.Count}");
var options = new DataLoaderOptions { Device = chapter.Device };
var trainLoader = new DataLoader(data.Train, batchSize, shuffle: true, options: options with { Workers = 1 });
var testLoader = new DataLoader(data.Test, 2 * batchSize, options: options);

var model = new ResNet9(3, data.Train.Classes.Count);
Console.WriteLine(model.Summary([1, 3, 32, 32]));

var history = FitOneCycle(chapter.Epochs, model, trainLoader, testLoader);

string plot = chapter.Arguments.GetValue(plotOption)!;
Chart.Save(plot, "A residual network on CIFAR-10", [("training loss", history.Select(x => x.TrainLoss))], "loss",
    [("test accuracy", history.Select(x => x.Accuracy))], "accuracy");
Console.WriteLine($"curves: {plot}");
Console.WriteLine($"test accuracy: {history[^1].Accuracy:F4}");
Chapter.SayIfUnlearned(history[^1].Accuracy, data.Train.Classes.Count, chapter.Epochs * trainLoader.Count);

static double Accuracy(ResNet9 model, DataLoader loader)
{
    using var _ = Autograd.NoGrad();
    model.Eval();
    long right = 0, count = 0;
    foreach (var (images, labels) in loader)
    {
        right += (model.Call(images).ArgMax(1) == labels).Sum().Item<long>();
        count += labels.Length;
    }
    return (double)right / count;
}

static List<EpochResult> FitOneCycle(int epochs, ResNet9 model, DataLoader trainLoader, DataLoader testLoader)
{
    var optimizer = new Adam(model.Parameters(), weightDecay: weightDecay);
    // The learning rate rises to its maximum in the first third and then falls to almost nothing; it changes with every batch.
    var scheduler = new OneCycleLr(optimizer, maxLearningRate, epochs: epochs, stepsPerEpoch: trainLoader.Count);
    var history = new List<EpochResult>();
    Console.WriteLine("epoch  last_lr  train_loss  accuracy    time");

    for (int epoch = 0; epoch < epochs; epoch++)
    {
        var clock = Stopwatch.StartNew();
        model.Train();
        var losses = new List<Tensor>();
        foreach (var (images, labels) in trainLoader)
        {
            var loss = F.CrossEntropy(model.Call(images), labels);
            losses.Add(loss.Detach());
            loss.Backward();
            model.Parameters().ClipGradValue(gradClip); // no single batch may throw the weights far off
            optimizer.Step();
            optimizer.ZeroGrad();
            scheduler.Step();
        }
        var result = new EpochResult(Tensor.Stack(losses).Mean().Item(), Accuracy(model, testLoader));
        Console.WriteLine($"{epoch,5}  {scheduler.LearningRates[0],7:F5}  {result.TrainLoss,10:F4}  {result.Accuracy,8:F4} " +
            $" {clock.Elapsed.TotalSeconds,4:F0} s");
        history.Add(result);
    }
    return history;
}

record EpochResult(double TrainLoss, double Accuracy);

// Nine layers with weights. What goes into a residual block is added to what comes out, so the block only learns what to change.
sealed partial class ResNet9(int inChannels, int classes) : Module<Tensor, Tensor>
{
    private readonly Sequential conv1 = ConvBlock(inChannels, 64);
    private readonly Sequential conv2 = ConvBlock(64, 128, pool: true);                         // output: 128 x 16 x 16
    private readonly Sequential res1 = new(ConvBlock(128, 128), ConvBlock(128, 128));
    private readonly Sequential conv3 = ConvBlock(128, 256, pool: true);                        // output: 256 x 8 x 8
    private readonly Sequential conv4 = ConvBlock(256, 512, pool: true);                        // output: 512 x 4 x 4
    private readonly Sequential res2 = new(ConvBlock(512, 512), ConvBlock(512, 512));
    private readonly Sequential classifier = new(new MaxPool2d(4), new Flatten(), new Dropout(0.2), new Linear(512, classes));

    public override Tensor Forward(Tensor xb)
    {
        var output = conv2.Call(conv1.Call(xb));
        output = res1.Call(output) + output;
        output = conv4.Call(conv3.Call(output));
        output = res2.Call(output) + output;
        return classifier.Call(output);
    }

    private static Sequential ConvBlock(int inChannels, int outChannels, bool pool = false)
    {
        var layers = new Sequential(new Conv2d(inChannels, outChannels, kernelSize: 3, padding: 1), new BatchNorm2d(outChannels), new Relu());
        if (pool) layers.Add(new MaxPool2d(2));
        return layers;
    }
}

/* Output without the summary, on two cores of an AMD EPYC (Zen 5):
data: CIFAR-10 from data/cifar10
50000 10000
epoch  last_lr  train_loss  accuracy    time
    0  0.00280      1.4364    0.5500   187 s
    1  0.00761      1.0645    0.5915   204 s
    2  0.01000      0.8153    0.7058   189 s
    3  0.00950      0.6813    0.7138   188 s
    4  0.00811      0.6135    0.7759   191 s
    5  0.00611      0.5592    0.7920   182 s
    6  0.00388      0.4844    0.8377   198 s
    7  0.00188      0.3920    0.8671   195 s
    8  0.00049      0.2790    0.9043   185 s
    9  0.00000      0.2005    0.9114   190 s
curves: cifar10-resnet.svg
test accuracy: 0.9114
*/
