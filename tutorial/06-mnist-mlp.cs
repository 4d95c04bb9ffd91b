#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 6: a hidden layer.
//
// The model of chapter 5 stops improving early. That may be the learning rate, too large to settle in the best place; it is rather the model, which can do
// nothing but weigh each pixel by itself. Here 32 hidden outputs are made of the pixels, and the answer of those.
// Between the two stands ReLU, which turns what is negative into 0: without something that is not linear, two linear layers would be no more than one.
// Nothing else changes.
using Facula;
using Facula.Data;
using Facula.NN;
using Facula.Optim;
using Facula.Tutorial;
using Facula.Vision;
using F = Facula.NN.Functional;

var chapter = Chapter.Start(args, "A network with one hidden layer on MNIST.", epochs: 10, data: true);
const int batchSize = 128;

var data = MnistData.Load(chapter.Data, new ToTensor());
Console.WriteLine($"data: {data.Source}");
var dataset = data.Train;

// A sixth of the images tell how well the model does on images it has not seen.
var (trainDs, valDs) = dataset.RandomSplit([dataset.Count - dataset.Count / 6, dataset.Count / 6]);
Console.WriteLine($"{trainDs.Count} {valDs.Count}");
var options = new DataLoaderOptions { Device = chapter.Device };
var trainLoader = new DataLoader(trainDs, batchSize, shuffle: true, options: options);
var valLoader = new DataLoader(valDs, batchSize, options: options);
var testLoader = new DataLoader(data.Test, batchSize, options: options);

var model = new MnistModel(28 * 28, hiddenSize: 32, 10);
Console.WriteLine(model);

var history = Fit(chapter.Epochs, 0.5, model, trainLoader, valLoader, Sgd.Create);
Console.WriteLine($"best validation accuracy: {history.Max(epoch => epoch.ValAcc):F4}");
float accuracy = Evaluate(model, testLoader).ValAcc;
Console.WriteLine($"test accuracy: {accuracy:F4}");
Chapter.SayIfUnlearned(accuracy, 10, chapter.Epochs * trainLoader.Count);

static EpochResult Evaluate(MnistModel model, DataLoader valLoader)
{
    using var _ = Autograd.NoGrad();
    var outputs = valLoader.Select(model.ValidationStep).ToList();
    return model.ValidationEpochEnd(outputs);
}

static List<EpochResult> Fit(int epochs, double lr, MnistModel model, DataLoader trainLoader, DataLoader valLoader,
    Func<IEnumerable<Parameter>, double, Optimizer> optFunc)
{
    var optimizer = optFunc(model.Parameters(), lr);
    var history = new List<EpochResult>(); // for recording epoch-wise results

    for (int epoch = 0; epoch < epochs; epoch++)
    {
        // Training phase.
        foreach (var batch in trainLoader)
        {
            var loss = model.TrainingStep(batch);
            loss.Backward();
            optimizer.Step();
            optimizer.ZeroGrad();
        }

        // Validation phase.
        var result = Evaluate(model, valLoader);
        model.EpochEnd(epoch, result);
        history.Add(result);
    }
    return history;
}

record StepResult(Tensor ValLoss, Tensor ValAcc);

record EpochResult(float ValLoss, float ValAcc);

// Feedforward neural network with 1 hidden layer.
sealed partial class MnistModel(int inSize, int hiddenSize, int outSize) : Module<Tensor, Tensor>
{
    private readonly Linear linear1 = new(inSize, hiddenSize);   // hidden layer
    private readonly Linear linear2 = new(hiddenSize, outSize);  // output layer

    public override Tensor Forward(Tensor xb)
    {
        xb = xb.View(xb.Size(0), -1);      // Flatten the image tensors
        var output = linear1.Call(xb);     // Get intermediate outputs using hidden layer
        output = F.Relu(output);           // Apply activation function
        return linear2.Call(output);       // Get predictions using output layer
    }

    public Tensor TrainingStep((Tensor Images, Tensor Labels) batch)
    {
        var output = Call(batch.Images);                 // Generate predictions
        return F.CrossEntropy(output, batch.Labels);     // Calculate loss
    }

    public StepResult ValidationStep((Tensor Images, Tensor Labels) batch)
    {
        var output = Call(batch.Images);                      // Generate predictions
        var loss = F.CrossEntropy(output, batch.Labels);      // Calculate loss
        return new(loss, Accuracy(output, batch.Labels));     // Calculate accuracy
    }

    public EpochResult ValidationEpochEnd(IReadOnlyList<StepResult> outputs)
    {
        var epochLoss = Tensor.Stack([.. outputs.Select(x => x.ValLoss)]).Mean();   // Combine losses
        var epochAcc = Tensor.Stack([.. outputs.Select(x => x.ValAcc)]).Mean();     // Combine accuracies
        return new(epochLoss.Item(), epochAcc.Item());
    }

    public void EpochEnd(int epoch, EpochResult result) =>
        Console.WriteLine($"Epoch [{epoch}], val_loss: {result.ValLoss:F4}, val_acc: {result.ValAcc:F4}");

    private static Tensor Accuracy(Tensor outputs, Tensor labels)
    {
        var (_, preds) = outputs.Max(dim: 1);
        return Tensor.From((preds == labels).Sum().Item() / preds.Length);
    }
}

/* Output, on the whole of MNIST:
data: MNIST from data/mnist
50000 10000
MnistModel(
  (linear1): Linear(in_features=784, out_features=32, bias=True)
  (linear2): Linear(in_features=32, out_features=10, bias=True)
)
Epoch [0], val_loss: 0.2458, val_acc: 0.9240
Epoch [1], val_loss: 0.2178, val_acc: 0.9358
Epoch [2], val_loss: 0.1605, val_acc: 0.9521
Epoch [3], val_loss: 0.1435, val_acc: 0.9596
Epoch [4], val_loss: 0.1428, val_acc: 0.9571
Epoch [5], val_loss: 0.1416, val_acc: 0.9569
Epoch [6], val_loss: 0.1306, val_acc: 0.9609
Epoch [7], val_loss: 0.1436, val_acc: 0.9610
Epoch [8], val_loss: 0.1309, val_acc: 0.9632
Epoch [9], val_loss: 0.1247, val_acc: 0.9645
best validation accuracy: 0.9645
test accuracy: 0.9691
*/
