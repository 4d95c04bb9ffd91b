#!/usr/bin/env -S dotnet run -c Release
#:project ../src/Facula/Facula.csproj
#:project shared/Tutorial.csproj

// Chapter 3: linear regression by hand. Predict the yields of apples and oranges from temperature, rainfall and humidity.
using Facula;
using Facula.Tutorial;

var chapter = Chapter.Start(args, "Linear regression by hand: weights, a loss, gradient descent.", epochs: 100);

// Temperature, rainfall, humidity; and apples, oranges of five regions.
var inputs = Tensor.From(new float[,] { { 73, 67, 43 }, { 91, 88, 64 }, { 87, 134, 58 }, { 102, 43, 37 }, { 69, 96, 70 } });
var targets = Tensor.From(new float[,] { { 56, 70 }, { 81, 101 }, { 119, 133 }, { 22, 37 }, { 103, 119 } });

// Weights and biases.
var w = Tensor.Randn([2, 3], requiresGrad: true);
var b = Tensor.Randn([2], requiresGrad: true);

// Setup model.
Tensor Model(Tensor x) => x.MatMul(w.T) + b;

// MSE loss.
static Tensor Mse(Tensor t1, Tensor t2)
{
    var diff = t1 - t2;
    return (diff * diff).Sum() / diff.Count;
}

Console.WriteLine($"loss before: {Mse(Model(inputs), targets).Item():F4}");

for (int i = 0; i < chapter.Epochs; i++)
{
    var preds = Model(inputs);
    var loss = Mse(preds, targets);
    loss.Backward();
    using (Autograd.NoGrad()) // stop recording while adjusting
    {
        w -= w.Grad * 1e-5;
        b -= b.Grad * 1e-5;
        w.Grad.ZeroInPlace();
        b.Grad.ZeroInPlace();
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
