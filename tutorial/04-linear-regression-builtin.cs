#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 4: the same with what is built in.
//
// Every training goes through the steps of chapter 3, so there are ready parts for them: TensorDataset and DataLoader for the data, Linear for the model,
// F.MseLoss for the loss, Sgd for the adjusting.
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

// Define dataset: rows of inputs and the rows of targets that belong to them, taken together.
var trainDs = new TensorDataset(inputs, targets);
Console.WriteLine(trainDs[0..3]);

// Define data loader. It shuffles, because data often lie sorted, and a batch should tell about all of them.
const int batchSize = 11;
var trainDl = new DataLoader(trainDs, batchSize, shuffle: true);

// Define model: 3 inputs, 2 outputs, so 2 rows of 3 weights, and 2 biases. They begin at random.
var model = new Linear(3, 2);
Console.WriteLine(model.Weight);
Console.WriteLine(model.Bias);

// Generate predictions. A model is an object, and Call is how it is called; Parameters() lists its weights and biases.
var preds = model.Call(inputs);

// Define loss function.
Func<Tensor, Tensor, Tensor> lossFn = F.MseLoss;
Console.WriteLine($"loss before: {lossFn(preds, targets).Item():F4}");

// Define optimizer: it is told which parameters it shall change, and how far to go at each step.
//
// SGD is stochastic gradient descent: each step looks at a batch drawn at random, not at all data. A batch fits into memory where all data do not; and an
// epoch of many small steps, each in a slightly different direction, gets further than a single exact one for the same amount of computing. What batches
// cost is speed: with fewer rows at once there is less to compute in parallel.
var opt = new Sgd(model.Parameters(), learningRate: 1e-5);

// Utility function to train the model.
void Fit(int numEpochs, Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> lossFn, Optimizer opt, DataLoader trainDl)
{
    // Repeat for given number of epochs.
    for (int epoch = 0; epoch < numEpochs; epoch++)
    {
        Tensor loss = null!;

        // Train with batches of data: each a tensor of inputs and one of targets, up to 11 rows of both.
        foreach (var (xb, yb) in trainDl)
        {
            var pred = model.Call(xb);   // 1. Generate predictions
            loss = lossFn(pred, yb);     // 2. Calculate loss
            loss.Backward();             // 3. Compute gradients
            opt.Step();                  // 4. Update parameters using gradients
            opt.ZeroGrad();              // 5. Reset the gradients to zero
        }

        // Print the progress: the loss is a tensor of one value, and Item() gets it out.
        if ((epoch + 1) % 10 == 0) Console.WriteLine($"Epoch [{epoch + 1}/{numEpochs}], Loss: {loss.Item():F4}");
    }
}

Fit(chapter.Epochs, model, lossFn, opt, trainDl);
Console.WriteLine($"loss: {lossFn(model.Call(inputs), targets).Item():F4}");

/* Output:
(tensor([[ 73.,  67.,  43.],
        [ 91.,  88.,  64.],
        [ 87., 134.,  58.]]), tensor([[ 56.,  70.],
        [ 81., 101.],
        [119., 133.]]))
Parameter containing:
tensor([[ 0.1304,  0.5632,  0.3763],
        [ 0.2651, -0.2004, -0.2138]], requires_grad=True)
Parameter containing:
tensor([ 0.4855, -0.4657], requires_grad=True)
loss before: 5994.4355
Epoch [10/100], Loss: 205.0618
Epoch [20/100], Loss: 48.4706
Epoch [30/100], Loss: 180.0132
Epoch [40/100], Loss: 466.9796
Epoch [50/100], Loss: 240.2164
Epoch [60/100], Loss: 309.9031
Epoch [70/100], Loss: 145.9598
Epoch [80/100], Loss: 50.1157
Epoch [90/100], Loss: 38.5155
Epoch [100/100], Loss: 43.8198
loss: 66.6252
*/
