#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 9: devices.
//
// Larger models and more data want a faster device, such as a GPU, to be trained in bearable time. A tensor lives on one device, and is computed with there; so the
// model is moved once, and the batches one by one as they are needed, because the memory of a device is dear. What has been trained on is given back by itself.
using System.Collections;
using System.CommandLine;
using System.Runtime.CompilerServices;
using Facula;
using Facula.Data;
using Facula.NN;
using Facula.Optim;
using Facula.Tutorial;
using Facula.Vision;
using F = Facula.NN.Functional;

Device[] devices = [Device.Cpu, Device.Reference];
var deviceOption = new Option<string?>("--device") { Description = $"The device to train on: {string.Join(" or ", devices.Select(d => d.Name))}; the fastest there is if left out." };
deviceOption.AcceptOnlyFromAmong([.. devices.Select(d => d.Name)]);
var batchesOption = new Option<int?>("--batches") { Description = "Train on so many batches an epoch; all of them if left out." };
var chapter = Chapter.Start(args, "Training on a device.", epochs: 2, data: true, deviceOption, batchesOption);

var device = devices.FirstOrDefault(d => d.Name == chapter.Arguments.GetValue(deviceOption)) ?? GetDefaultDevice();
Console.WriteLine($"device: {device}");

// Nested tuples and lists of tensors move as a whole.
var moved = Devices.ToDevice(((Tensor.Ones([2]), 7), new List<Tensor> { Tensor.Zeros([3]), Tensor.Arange(4) }), device);
Console.WriteLine($"moved: {Describe(moved)}");

var data = MnistData.Load(chapter.Data, new ToTensor());
Console.WriteLine($"data: {data.Source}");
var trainLoader = new DeviceDataLoader(new DataLoader(data.Train, batchSize: 128, shuffle: true), device);
var testLoader = new DeviceDataLoader(new DataLoader(data.Test, batchSize: 256), device);
int batches = chapter.Arguments.GetValue(batchesOption) ?? trainLoader.Count;

// Model (on the device), before the optimizer, which keeps what it remembers where the parameters are.
var model = new MnistModel(28 * 28, hiddenSize: 32, 10).To(device);
var optimizer = new Sgd(model.Parameters(), learningRate: 0.5);
for (int epoch = 0; epoch < chapter.Epochs; epoch++)
{
    var losses = new List<Tensor>();
    foreach (var (images, labels) in trainLoader.Take(batches))
    {
        var loss = F.CrossEntropy(model.Call(images), labels);
        losses.Add(loss.Detach()); // stays on the device until the number is asked for, so that no step waits for the one before
        loss.Backward();
        optimizer.Step();
        optimizer.ZeroGrad();
    }
    var epochLoss = Tensor.Stack(losses).Mean();
    Console.WriteLine($"Epoch [{epoch}], loss: {epochLoss.Item():F4} on {epochLoss.Device}");
}
double accuracy = Accuracy();
Console.WriteLine($"test accuracy: {accuracy:F4}");
Chapter.SayIfUnlearned(accuracy, 10, chapter.Epochs * Math.Min(batches, trainLoader.Count));

double Accuracy()
{
    using var _ = Autograd.NoGrad();
    long right = 0, count = 0;
    foreach (var (images, labels) in testLoader.Take(batches))
    {
        right += (model.Call(images).ArgMax(1) == labels).Sum().Item<long>();
        count += labels.Length;
    }
    return (double)right / count;
}

static string Describe(object data) => data switch
{
    Tensor tensor => $"{tensor.Shape} on {tensor.Device}",
    IList list => $"[{string.Join(", ", list.Cast<object>().Select(Describe))}]",
    _ => $"{data}",
};

// Facula computes on the processor; a device that is faster would be picked here.
static Device GetDefaultDevice()
{
    Console.WriteLine("no GPU to compute on: using the processor");
    return Device.Cpu;
}

static class Devices
{
    /// <summary>Moves a tensor, or the tensors of tuples and lists within each other, to a device; tuples become lists, other things stay as they are.</summary>
    public static object ToDevice(object data, Device device) => data switch
    {
        Tensor tensor => tensor.To(device),
        ITuple tuple => Enumerable.Range(0, tuple.Length).Select(i => ToDevice(tuple[i]!, device)).ToList(),
        IList list => list.Cast<object>().Select(x => ToDevice(x, device)).ToList(),
        _ => data,
    };

    /// <summary>Moves a batch to a device, and keeps its type.</summary>
    public static (Tensor, Tensor) ToDevice((Tensor Images, Tensor Labels) batch, Device device) => (batch.Images.To(device), batch.Labels.To(device));
}

// Wraps a loader to move its batches to a device: the next one is under way while the one before is worked on, and no more than these are there.
sealed class DeviceDataLoader(DataLoader loader, Device device) : IEnumerable<(Tensor Images, Tensor Labels)>
{
    /// <summary>Number of batches.</summary>
    public int Count => loader.Count;

    public IEnumerator<(Tensor Images, Tensor Labels)> GetEnumerator()
    {
        (Tensor, Tensor)? ahead = null;
        foreach (var batch in loader)
        {
            var moved = Devices.ToDevice(batch, device);
            // The method goes on from behind yield when the next batch is asked for.
            if (ahead is { } ready) yield return ready;
            ahead = moved;
        }
        if (ahead is { } last) yield return last;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

// Feedforward neural network with 1 hidden layer, as in chapter 6.
sealed partial class MnistModel(int inSize, int hiddenSize, int outSize) : Module<Tensor, Tensor>
{
    private readonly Linear linear1 = new(inSize, hiddenSize);
    private readonly Linear linear2 = new(hiddenSize, outSize);

    public override Tensor Forward(Tensor xb) => linear2.Call(F.Relu(linear1.Call(xb.Flatten(1))));
}

/* Output, on the whole of MNIST:
no GPU to compute on: using the processor
device: cpu
moved: [[[2] on cpu, 7], [[3] on cpu, [4] on cpu]]
data: MNIST from data/mnist
Epoch [0], loss: 0.3580 on cpu
Epoch [1], loss: 0.1699 on cpu
test accuracy: 0.9530
*/
