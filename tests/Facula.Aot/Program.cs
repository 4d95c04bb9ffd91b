// What a program compiled ahead of time must be able to do, from the first tensor to a model that comes back from its file. Ends with exit code 1 if
// anything is wrong. Argument: a folder with MNIST files (the sample of the repository), optional.
using System.Diagnostics;
using Facula;
using Facula.Data;
using Facula.IO;
using Facula.NN;
using Facula.Optim;
using Facula.Vision;
using F = Facula.NN.Functional;

var clock = Stopwatch.StartNew();
int wrong = 0;
void Check(string what, bool holds)
{
    Console.WriteLine($"{(holds ? "ok" : "WRONG")}: {what}");
    if (!holds) wrong++;
}

// Tensors: types, broadcasting, reductions, indices, text.
Tensor numbers = Tensor.Arange(12f).Reshape(3, 4);
Check("broadcasting", (numbers + Tensor.From([1, 2, 3, 4]))[2, 3].Item() == 15);
Check("reductions", numbers.Sum().Item() == 66 && numbers.Mean(0)[1].Item() == 5 && numbers.Max(1).Values[0].Item() == 3);
Check("functions", numbers.Exp().Log().AllClose(numbers) && numbers.Softmax(1).Sum(1).AllClose(Tensor.Ones(3)));
Check("products", numbers.MatMul(numbers.T).Shape == [3, 3]);
Check("masks", numbers[numbers > 5].Count == 6);
Check("types", DType.All.All(type => numbers.To(type).To(DType.Float64).Sum().Item() == (type == DType.Bool ? 11 : 66)));
Check("text", numbers.ToString().StartsWith("tensor([[ 0.,  1.", StringComparison.Ordinal));

// Gradients of gradients, through operations that exist only as generic code.
Tensor x = Tensor.From([0.5, 1.5, -0.5], requiresGrad: true);
Check("gradients", Autograd.GradCheck(t => (F.Gelu(t[0]) * t[0].Sigmoid() / (1 + t[0].Square())).Sum(), [x])
    && Autograd.GradGradCheck(t => (F.Silu(t[0]) * t[0].Tanh()).Sum(), [x]));

// A model of two layers, as the source generator registers it, learns to tell which of two halves is larger.
Generator.Seed(1);
Tensor inputs = Tensor.Rand([256, 8]), targets = (inputs[.., ..4].Sum(1) > inputs[.., 4..].Sum(1)).To(DType.Int64);
var model = new TwoLayers();
var optimizer = new Adam(model.Parameters(), learningRate: 0.01);
var loader = new DataLoader(new TensorDataset(inputs, targets), 32, shuffle: true);
float loss = 0;
for (int epoch = 0; epoch < 20; epoch++)
{
    foreach ((Tensor batch, Tensor labels) in loader)
    {
        Tensor error = F.CrossEntropy(model.Call(batch), labels);
        optimizer.ZeroGrad();
        error.Backward();
        optimizer.Step();
        loss = error.Item<float>();
    }
}
double accuracy = (model.Call(inputs).ArgMax(1) == targets).To(DType.Float32).Mean().Item();
Check($"training: loss {loss:F3}, accuracy {accuracy:F3}", accuracy > 0.9);

// Files.
string folder = Directory.CreateTempSubdirectory("facula-aot-").FullName;
try
{
    string path = Path.Combine(folder, "run.safetensors");
    Checkpoint.Save(path, model, optimizer, 20);
    var again = new TwoLayers();
    Check("checkpoint", Checkpoint.Load(path, again, new Adam(again.Parameters(), learningRate: 0.01)) == 20
        && again.Call(inputs).ToArray<float>().AsSpan().SequenceEqual(model.Call(inputs).ToArray<float>()));
    Check("state", string.Join(' ', model.StateDict().Keys) == "first.weight first.bias second.weight second.bias");
}
finally
{
    Directory.Delete(folder, recursive: true);
}

if (args.Length > 0)
{
    var digits = new Mnist(args[0], train: false, transform: new ToTensor());
    var pictures = new DataLoader(digits, 100);
    Check("MNIST", digits.Count > 0 && pictures.First().Inputs.Shape == [100, 1, 28, 28]);
}
Console.WriteLine($"{clock.Elapsed.TotalMilliseconds:F0} ms, {wrong} wrong");
return wrong == 0 ? 0 : 1;

internal sealed partial class TwoLayers : Module<Tensor, Tensor>
{
    private readonly Linear first = new(8, 32);
    private readonly Linear second = new(32, 2);

    public override Tensor Forward(Tensor input) => second.Call(first.Call(input).Relu());
}
