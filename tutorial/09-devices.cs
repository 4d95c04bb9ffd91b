#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 9: devices.
//
// Larger models and more data want a faster device, such as a GPU, to be trained in bearable time. A tensor lives on one device, and is computed with there;
// so the model is moved once, and the batches one by one as they are needed, because the memory of a device is dear. What has been trained on is given back
// by itself.
using System.Collections;
using System.CommandLine;
using Facula;
using Facula.Data;
using Facula.NN;
using Facula.Optim;
using Facula.Tutorial;
using Facula.Vision;
using F = Facula.NN.Functional;

var batchesOption = new Option<int?>("--batches") { Description = "Train on so many batches an epoch; all of them if left out." };
var chapter = Chapter.Start(args, "Training on a device.", epochs: 2, data: true, batchesOption);

// The other chapters make everything on their device from the start. Here it is made in the processor's memory, and moved.
using var onProcessor = Device.UseDefault(Device.Cpu);
var device = chapter.Arguments.GetValue<string>("--device") == "auto" ? GetDefaultDevice() : chapter.Device;
Console.WriteLine($"device: {device}");

// Nested tuples and lists of tensors move as a whole, and stay what they are.
var ((ones, seven), list) = Devices.ToDevice(((Tensor.Ones(2), 7), new List<Tensor> { Tensor.Zeros(3), Tensor.Arange(4) }), device);
Console.WriteLine($"moved: {ones.Shape} on {ones.Device}, {seven}, {string.Join(", ", list.Select(tensor => $"{tensor.Shape} on {tensor.Device}"))}");

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

// Picks a GPU if there is one, else the processor. Device.Best is the fastest there is.
static Device GetDefaultDevice()
{
    var gpu = Device.Parse("cuda");
    if (gpu.IsAvailable) return gpu;
    Console.WriteLine("no GPU to compute on: using the processor");
    return Device.Cpu;
}

static class Devices
{
    /// <summary>Moves a tensor, or the tensors of tuples, lists and arrays within each other, to a device; other things stay as they are,
    /// and all keep their types.</summary>
    public static T ToDevice<T>(T data, Device device) => (T)Moved(data!, device);

    // The type of a tuple or list has the types of its parts in it: so each shape that the program uses is a line, and the compiler sees them all.
    private static object Moved(object data, Device device) => data switch
    {
        Tensor tensor => tensor.To(device, nonBlocking: true),
        Tensor[] array => Array.ConvertAll(array, tensor => ToDevice(tensor, device)),
        List<Tensor> list => list.ConvertAll(tensor => ToDevice(tensor, device)),
        ValueTuple<Tensor, Tensor> pair => (ToDevice(pair.Item1, device), ToDevice(pair.Item2, device)),
        ValueTuple<Tensor, int> pair => (ToDevice(pair.Item1, device), pair.Item2),
        ValueTuple<(Tensor, int), List<Tensor>> pair => (ToDevice(pair.Item1, device), ToDevice(pair.Item2, device)),
        _ => data,
    };
}

// Wraps a loader to move its batches to a device, one by one as they are asked for: what has been trained on is given back meanwhile.
// A loader does that itself, and moves one batch ahead, if it is given a device: options: new() { Device = device }.
sealed class DeviceDataLoader(DataLoader loader, Device device) : IEnumerable<(Tensor Images, Tensor Labels)>
{
    /// <summary>Number of batches.</summary>
    public int Count => loader.Count;

    /// <summary>Gives a batch of data after moving it to the device.</summary>
    public IEnumerator<(Tensor Images, Tensor Labels)> GetEnumerator()
    {
        // The method stops at yield, and goes on from behind it when the next batch is asked for.
        foreach (var batch in loader) yield return Devices.ToDevice(batch, device);
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
moved: [2] on cpu, 7, [3] on cpu, [4] on cpu
data: MNIST from data/mnist
Epoch [0], loss: 0.3580 on cpu
Epoch [1], loss: 0.1699 on cpu
test accuracy: 0.9530
*/
