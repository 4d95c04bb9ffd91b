#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 5: logistic regression on MNIST.
//
// Now the input is a picture of a handwritten digit, 28 by 28 pixels, and the answer is which of ten digits it shows. The model is nearly that of linear
// regression: every pixel is weighted for every digit, and the sums say how much the picture speaks for each. New are how sums become probabilities and
// how wrong an answer is that can only be right or wrong.
using Facula;
using Facula.Data;
using Facula.NN;
using Facula.Optim;
using Facula.Tutorial;
using Facula.Vision;
using F = Facula.NN.Functional;

var chapter = Chapter.Start(args, "Logistic regression on MNIST.", epochs: 10, data: true);

// MNIST: an image is a tensor with the transform ToTensor, its label a number.
var data = MnistData.Load(chapter.Data, new ToTensor());
Console.WriteLine($"data: {data.Source}");
var dataset = data.Train;
var (imgTensor, label) = dataset[0];
Console.WriteLine($"{dataset.Count} {imgTensor.Shape} {label}");

// A sixth of the images is kept out of training, for validation: it tells, while one still chooses the learning rate and the like, how well the model does on
// images that it has not seen. What was chosen so fits these images a little too well; the test images, used once, give the accuracy to compare with others.
var (trainDs, valDs) = dataset.RandomSplit([dataset.Count - dataset.Count / 6, dataset.Count / 6]);
Console.WriteLine($"{trainDs.Count} {valDs.Count}");

// Batches. Training images come in another order every epoch, which learns faster; for validation the order makes no difference.
const int batchSize = 128;
var options = new DataLoaderOptions { Device = chapter.Device };
var trainLoader = new DataLoader(trainDs, batchSize, shuffle: true, options: options);
var valLoader = new DataLoader(valDs, batchSize, options: options);
var testLoader = new DataLoader(data.Test, batchSize, options: options);

// Logistic regression model: ten rows of 784 weights, ten biases.
const int inputSize = 28 * 28, numClasses = 10;
var linear = new Linear(inputSize, numClasses);
Console.WriteLine(linear.Weight.Shape);
Console.WriteLine(linear.Bias!.Shape);

// It wants rows of 784 numbers, and an image is [1, 28, 28]; so a module of our own, see below, reshapes what it is given first.
var model = new MnistModel();

// The first batch goes through the untrained model. Call runs Forward.
var (images, labels) = trainLoader.First();
Console.WriteLine(images.Shape);
var outputs = model.Call(images);
Console.WriteLine($"outputs.Shape: {outputs.Shape}");
Console.WriteLine($"Sample outputs:\n{outputs[..2].Data}");

// Softmax makes probabilities of each row: the exponential of every output, so that none is negative, divided by their sum, so that they add up to 1.
var probs = F.Softmax(outputs, dim: 1);
Console.WriteLine($"Sample probabilities:\n{probs[..2].Data}");
Console.WriteLine($"Sum: {probs[0].Sum().Item()}");

// Accuracy, the share of right answers, is what people want to know, but no loss: it changes in jumps, so its gradient is zero nearly everywhere,
// and it asks only which output is the largest, not by how much. Cross-entropy is minus the logarithm of the probability that the right class was given, on
// average over the batch: it is smooth, and says of every output whether it should grow. It includes the softmax, so it takes the outputs as they are.
Console.WriteLine($"accuracy before training: {MnistModel.Accuracy(outputs, labels).Item():F4}");
Func<Tensor, Tensor, Tensor> lossFn = F.CrossEntropy;
var loss = lossFn(outputs, labels);
Console.WriteLine($"loss: {loss.Item():F4}, so the right class was given a probability of e^-loss = {Math.Exp(-loss.Item()):F4}, about one of ten");

model = new MnistModel();
var history = Fit(chapter.Epochs, 0.1, model, trainLoader, valLoader, (parameters, lr) => new Sgd(parameters, lr));
Console.WriteLine($"best validation accuracy: {history.Max(epoch => epoch.ValAcc):F4}");
float accuracy = Evaluate(model, testLoader).ValAcc;
Console.WriteLine($"test accuracy: {accuracy:F4}");
Chapter.SayIfUnlearned(accuracy, numClasses, chapter.Epochs * trainLoader.Count);

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

// A module is a class with its layers in fields and what it computes in Forward.
sealed partial class MnistModel : Module<Tensor, Tensor>
{
    private readonly Linear linear = new(28 * 28, 10);

    public override Tensor Forward(Tensor xb)
    {
        xb = xb.Reshape(-1, 784); // -1: as many rows as the batch has images
        return linear.Call(xb);
    }
}

// What training asks of it.
partial class MnistModel
{
    public static Tensor Accuracy(Tensor outputs, Tensor labels)
    {
        var (_, preds) = outputs.Max(dim: 1); // each row's largest element, and where it is
        return Tensor.From((preds == labels).Sum().Item() / preds.Length);
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
}

/* Output, on the whole of MNIST:
data: MNIST from data/mnist
60000 [1, 28, 28] 5
50000 10000
[10, 784]
[10]
[128, 1, 28, 28]
outputs.Shape: [128, 10]
Sample outputs:
tensor([[-0.3897,  0.2221, -0.1962,  0.0676,  0.3006, -0.1283,  0.2001,  0.0086,
          0.3494, -0.0273],
        [-0.0029,  0.1955,  0.0773, -0.3082, -0.0693,  0.2629, -0.1733, -0.0045,
          0.2995, -0.0149]])
Sample probabilities:
tensor([[0.0635, 0.1170, 0.0770, 0.1003, 0.1266, 0.0824, 0.1145, 0.0945, 0.1329,
         0.0912],
        [0.0956, 0.1165, 0.1036, 0.0704, 0.0894, 0.1247, 0.0806, 0.0954, 0.1293,
         0.0944]])
Sum: 1
accuracy before training: 0.0703
loss: 2.3263, so the right class was given a probability of e^-loss = 0.0977, about one of ten
Epoch [0], val_loss: 0.4225, val_acc: 0.8868
Epoch [1], val_loss: 0.3700, val_acc: 0.8974
Epoch [2], val_loss: 0.3470, val_acc: 0.9039
Epoch [3], val_loss: 0.3339, val_acc: 0.9071
Epoch [4], val_loss: 0.3246, val_acc: 0.9094
Epoch [5], val_loss: 0.3187, val_acc: 0.9102
Epoch [6], val_loss: 0.3134, val_acc: 0.9128
Epoch [7], val_loss: 0.3099, val_acc: 0.9135
Epoch [8], val_loss: 0.3068, val_acc: 0.9151
Epoch [9], val_loss: 0.3041, val_acc: 0.9149
best validation accuracy: 0.9151
test accuracy: 0.9203
*/
