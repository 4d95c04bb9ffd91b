#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 4: the same with what is built in: TensorDataset, DataLoader, Linear, F.MseLoss, Sgd.
using Facula;
using Facula.Data;
using Facula.NN;
using Facula.Optim;
using Facula.Tutorial;
using F = Facula.NN.Functional;

var chapter = Chapter.Start(args, "Linear regression with datasets, loaders, layers, losses and optimizers.", epochs: 100);

// Temperature, rainfall, humidity; and apples, oranges of fifteen regions.
var inputs = Tensor.From(new float[,]
{
    { 73, 67, 43 }, { 91, 88, 64 }, { 87, 134, 58 }, { 102, 43, 37 }, { 69, 96, 70 }, { 74, 66, 43 }, { 91, 87, 65 }, { 88, 134, 59 },
    { 101, 44, 37 }, { 68, 96, 71 }, { 73, 66, 44 }, { 92, 87, 64 }, { 87, 135, 57 }, { 103, 43, 36 }, { 68, 97, 70 },
});
var targets = Tensor.From(new float[,]
{
    { 56, 70 }, { 81, 101 }, { 119, 133 }, { 22, 37 }, { 103, 119 }, { 57, 69 }, { 80, 102 }, { 118, 132 },
    { 21, 38 }, { 104, 118 }, { 57, 69 }, { 82, 100 }, { 118, 134 }, { 20, 38 }, { 102, 120 },
});

// Define dataset.
var trainDs = new TensorDataset(inputs, targets);
Console.WriteLine(trainDs[0..3].Inputs);

// Define data loader.
const int batchSize = 5;
var trainDl = new DataLoader(trainDs, batchSize, shuffle: true);

// Define model.
var model = new Linear(3, 2);
Console.WriteLine(model.Weight);
Console.WriteLine(model.Bias);

// Define loss function.
Func<Tensor, Tensor, Tensor> lossFn = (preds, ys) => F.MseLoss(preds, ys);
Console.WriteLine($"loss before: {lossFn(model.Call(inputs), targets).Item():F4}");

// Define optimizer.
var opt = new Sgd(model.Parameters(), learningRate: 1e-5);

// Utility function to train the model.
void Fit(int numEpochs, Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> lossFn, Optimizer opt, DataLoader trainDl)
{
    // Repeat for given number of epochs.
    for (int epoch = 0; epoch < numEpochs; epoch++)
    {
        Tensor loss = null!;

        // Train with batches of data.
        foreach (var (xb, yb) in trainDl)
        {
            var pred = model.Call(xb);   // 1. Generate predictions
            loss = lossFn(pred, yb);     // 2. Calculate loss
            loss.Backward();             // 3. Compute gradients
            opt.Step();                  // 4. Update parameters using gradients
            opt.ZeroGrad();              // 5. Reset the gradients to zero
        }

        // Print the progress.
        if ((epoch + 1) % 10 == 0) Console.WriteLine($"Epoch [{epoch + 1}/{numEpochs}], Loss: {loss.Item():F4}");
    }
}

Fit(chapter.Epochs, model, lossFn, opt, trainDl);
Console.WriteLine($"loss: {lossFn(model.Call(inputs), targets).Item():F4}");

/* Output:
tensor([[ 73.,  67.,  43.],
        [ 91.,  88.,  64.],
        [ 87., 134.,  58.]])
Parameter containing:
tensor([[ 0.1304,  0.5632,  0.3763],
        [ 0.2651, -0.2004, -0.2138]], requires_grad=True)
Parameter containing:
tensor([ 0.4855, -0.4657], requires_grad=True)
loss before: 5994.4355
Epoch [10/100], Loss: 179.3860
Epoch [20/100], Loss: 30.9144
Epoch [30/100], Loss: 136.4472
Epoch [40/100], Loss: 276.4877
Epoch [50/100], Loss: 105.6495
Epoch [60/100], Loss: 123.3896
Epoch [70/100], Loss: 58.3791
Epoch [80/100], Loss: 48.1900
Epoch [90/100], Loss: 19.5097
Epoch [100/100], Loss: 24.8720
loss: 30.4369
*/
