#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 5: logistic regression on MNIST. Each pixel is weighted for each of ten classes.
using Facula;
using Facula.Data;
using Facula.NN;
using Facula.Optim;
using Facula.Tutorial;
using Facula.Vision;
using F = Facula.NN.Functional;

var chapter = Chapter.Start(args, "Logistic regression on MNIST.", epochs: 10, data: true);
const int batchSize = 128;

var data = MnistData.Load(chapter.Data, new ToTensor());
Console.WriteLine($"data: {data.Source}");
var dataset = data.Train;
var (imgTensor, label) = dataset[0];
Console.WriteLine($"{dataset.Count} {imgTensor.Shape} {label}");

// A sixth of the images tell how well the model does on images it has not seen.
var (trainDs, valDs) = dataset.RandomSplit([dataset.Count - dataset.Count / 6, dataset.Count / 6]);
Console.WriteLine($"{trainDs.Count} {valDs.Count}");
var trainLoader = new DataLoader(trainDs, batchSize, shuffle: true);
var valLoader = new DataLoader(valDs, batchSize);
var testLoader = new DataLoader(data.Test, batchSize);

var model = new MnistModel();
foreach (var (images, labels) in trainLoader)
{
    Console.WriteLine(images.Shape);
    var outputs = model.Call(images);
    Console.WriteLine($"outputs.Shape: {outputs.Shape}");

    // Apply softmax for each output row, so that they add up to 1.
    var probs = F.Softmax(outputs, dim: 1);
    Console.WriteLine($"Sample probabilities:\n{probs[..2].Data}");
    Console.WriteLine($"Sum: {probs[0].Sum().Item()}");
    break;
}

var history = Fit(chapter.Epochs, 0.1, model, trainLoader, valLoader, (parameters, lr) => new Sgd(parameters, lr));
Console.WriteLine($"best validation accuracy: {history.Max(epoch => epoch.ValAcc):F4}");
Console.WriteLine($"test accuracy: {Evaluate(model, testLoader).ValAcc:F4}");

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

sealed partial class MnistModel : Module<Tensor, Tensor>
{
    private readonly Linear linear = new(28 * 28, 10);

    public override Tensor Forward(Tensor xb)
    {
        xb = xb.Reshape(-1, 784);
        return linear.Call(xb);
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
60000 [1, 28, 28] 5
50000 10000
[128, 1, 28, 28]
outputs.Shape: [128, 10]
Sample probabilities:
tensor([[0.0900, 0.1359, 0.1019, 0.1109, 0.1024, 0.1238, 0.0879, 0.0741, 0.0818,
         0.0914],
        [0.0989, 0.1521, 0.1036, 0.1036, 0.0936, 0.0753, 0.0824, 0.0839, 0.0803,
         0.1264]])
Sum: 1
Epoch [0], val_loss: 0.4235, val_acc: 0.8862
Epoch [1], val_loss: 0.3709, val_acc: 0.8968
Epoch [2], val_loss: 0.3473, val_acc: 0.9050
Epoch [3], val_loss: 0.3335, val_acc: 0.9074
Epoch [4], val_loss: 0.3246, val_acc: 0.9096
Epoch [5], val_loss: 0.3197, val_acc: 0.9110
Epoch [6], val_loss: 0.3143, val_acc: 0.9127
Epoch [7], val_loss: 0.3100, val_acc: 0.9140
Epoch [8], val_loss: 0.3068, val_acc: 0.9152
Epoch [9], val_loss: 0.3039, val_acc: 0.9145
best validation accuracy: 0.9152
test accuracy: 0.9204
*/
