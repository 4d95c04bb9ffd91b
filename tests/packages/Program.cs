// What a program outside the repository does first: a model of one's own is trained, saved, loaded, and tells how many parameters it has.
using Facula;
using Facula.IO;
using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

var model = new Net();
var optimizer = new Adam(model.Parameters(), learningRate: 0.01);
Tensor x = Tensor.Rand(64, 4), y = x.Sum(1, keepDim: true);
float before = F.MseLoss(model.Call(x), y).Item();
for (int step = 0; step < 200; step++)
{
    var loss = F.MseLoss(model.Call(x), y);
    optimizer.ZeroGrad();
    loss.Backward();
    optimizer.Step();
}
float after = F.MseLoss(model.Call(x), y).Item();

model.Save("net.safetensors");
var loaded = new Net();
loaded.Load("net.safetensors");
bool same = loaded.Call(x).ToArray<float>().SequenceEqual(model.Call(x).ToArray<float>());
Console.WriteLine($"{model.Parameters().Sum(p => p.Count)} parameters, learned: {after < before / 2}, loaded: {same}");

sealed partial class Net : Module<Tensor, Tensor>
{
    readonly Linear hidden = new(4, 8);
    readonly Linear output = new(8, 1);

    public override Tensor Forward(Tensor x) => output.Call(F.Relu(hidden.Call(x)));
}
