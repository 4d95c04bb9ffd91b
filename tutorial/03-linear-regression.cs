#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 3: linear regression by hand, y = x W^T + b.
//
// The yields of apples and oranges (the targets) are to be predicted from temperature, rainfall and humidity (the inputs): each yield as a sum of the three,
// weighted, plus a constant, the bias. Two targets of three inputs make two rows of three weights, and two biases. To learn is to find their values from
// regions whose yields are known. Gradient descent begins anywhere and changes all of them a little, again and again,
// in the direction that makes the error smaller.
using Facula;
using Facula.Tutorial;

var chapter = Chapter.Start(args, "Linear regression by hand: weights, a loss, gradient descent.", epochs: 100);

// Temperature, rainfall, humidity; and apples, oranges of five regions.
var inputs = Tensor.From(new float[,] { { 73, 67, 43 }, { 91, 88, 64 }, { 87, 134, 58 }, { 102, 43, 37 }, { 69, 96, 70 } });
var targets = Tensor.From(new float[,] { { 56, 70 }, { 81, 101 }, { 119, 133 }, { 22, 37 }, { 103, 119 } });

// Weights and biases: one row of weights, and one bias, for each target.
var w = Tensor.Randn([2, 3], requiresGrad: true);
var b = Tensor.Randn([2], requiresGrad: true);

// Setup model.
Tensor Model(Tensor x) => x.MatMul(w.T) + b;

// The loss says how wrong the predictions are: the mean squared error. Squared, because what is too much and what is too little must not cancel each other.
static Tensor Mse(Tensor t1, Tensor t2)
{
    var diff = t1 - t2;
    return (diff * diff).Sum() / diff.Count;
}

Console.WriteLine($"loss before: {Mse(Model(inputs), targets).Item():F4}");

// Train for 100 epochs. The step, 1e-5 of the gradient, is small because a long one would jump over the valley it goes down into.
for (int i = 0; i < chapter.Epochs; i++)
{
    var preds = Model(inputs);          // 1. Generate predictions
    var loss = Mse(preds, targets);     // 2. Calculate the loss
    loss.Backward();                    // 3. Compute its gradients with respect to weights and biases
    using (Autograd.NoGrad())           // Adjusting is no part of the computation: it is not recorded, which saves time and memory
    {
        w -= w.Grad! * 1e-5;            // 4. Adjust weights and biases; Grad is null before the first Backward, so ! says that there is one
        b -= b.Grad! * 1e-5;
        w.Grad!.ZeroInPlace();          // 5. Reset the gradients: the next Backward adds to what is there
        b.Grad!.ZeroInPlace();
    }
}

Console.WriteLine(Model(inputs));
Console.WriteLine(targets);
Console.WriteLine($"loss: {Mse(Model(inputs), targets).Item():F4}");

/* Output:
loss before: 11058.2861
tensor([[ 64.9888,  72.0855],
        [ 81.5946, 109.4373],
        [107.5067, 110.1629],
        [ 66.3470,  48.2601],
        [ 74.3613, 127.7957]], grad_fn=<Add>)
tensor([[ 56.,  70.],
        [ 81., 101.],
        [119., 133.],
        [ 22.,  37.],
        [103., 119.]])
loss: 380.1302
*/
