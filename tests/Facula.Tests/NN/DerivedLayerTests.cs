using Facula.IO;
using Facula.NN;
using Facula.Optim;
using Xunit;
using F = Facula.NN.Functional;

namespace Facula.Tests.NN;

/// <summary>Layers that are derived from, whose weights are tied or handed in, and losses called with some of their arguments.</summary>
public partial class DerivedLayerTests
{
    private sealed partial class Doubled(int inFeatures, int outFeatures) : Linear(inFeatures, outFeatures)
    {
        public override Tensor Forward(Tensor input) => base.Forward(input) * 2;
    }

    private sealed partial class Scaled(int channels) : Conv2d(channels, channels, 1)
    {
        private readonly Parameter _scale = new(Tensor.Full([1], 3.0));
        public override Tensor Forward(Tensor input) => base.Forward(input) * _scale;
    }

    private sealed partial class Shifted : Relu
    {
        public override Tensor Forward(Tensor input) => base.Forward(input - 1);
    }

    private sealed partial class Reversed(int channels) : BatchNorm2d(channels)
    {
        public override Tensor Forward(Tensor input) => -base.Forward(input);
    }

    private sealed partial class Cropped() : MaxPool2d([2, 2])
    {
        public override Tensor Forward(Tensor input) => base.Forward(input).Narrow(3, 0, 1);
    }

    private sealed partial class Block(int from, int to) : Sequential(new Linear(from, to), new Relu());

    private sealed partial class Focal(double gamma) : CrossEntropyLoss(reduction: Reduction.None)
    {
        public override Tensor Forward(Tensor input, Tensor target)
        {
            Tensor losses = base.Forward(input, target);
            return ((1 - (-losses).Exp()).Pow(gamma) * losses).Mean();
        }
    }

    private sealed partial class Autoencoder : Module<Tensor, Tensor>
    {
        public readonly Linear Encoder = new(4, 4), Decoder = new(4, 4);

        public Autoencoder() => Decoder.Weight = Encoder.Weight;

        public override Tensor Forward(Tensor input) => Decoder.Call(Encoder.Call(input));
    }

    [Fact]
    public void Sequential_runs_what_a_derived_layer_computes_also_where_it_would_run_neighbours_as_one()
    {
        Tensor x = Tensor.Randn([2, 3, 4, 4], generator: new(1));
        Module<Tensor, Tensor>[] layers = [new Scaled(3), new Reversed(3), new Shifted(), new Cropped(), new Flatten(), new Doubled(6, 4), new Relu()];
        foreach (bool training in (bool[])[true, false])
        {
            Tensor expected = x;
            using GradModeScope scope = Autograd.NoGrad();
            foreach (Module<Tensor, Tensor> layer in layers) expected = layer.Train(training).Call(expected);
            var network = new Sequential(layers);
            Assert.Equal(expected.ToArray<float>(), network.Train(training).Call(x).ToArray<float>());
        }
        // Of the library's own kinds neighbours are run as one, around derived ones too.
        var mixed = new Sequential(new Conv2d(3, 3, 1), new Reversed(3), new Relu(), new Cropped()).Eval();
        using GradModeScope nothing = Autograd.NoGrad();
        Tensor apart = x;
        foreach (Module<Tensor, Tensor> layer in mixed) apart = layer.Call(apart);
        Assert.Equal(apart.ToArray<float>(), mixed.Call(x).ToArray<float>());
    }

    [Fact]
    public void A_derived_layer_shows_its_own_name_and_what_it_adds_and_inherits()
    {
        Assert.Equal("Doubled(in_features=2, out_features=3, bias=True)", new Doubled(2, 3).ToString());
        Assert.Equal("Shifted()", new Shifted().ToString());
        Assert.Equal("Focal()", new Focal(2).ToString());
        Assert.Equal(["weight", "bias", "_scale".TrimStart('_')], new Scaled(2).StateDict().Keys);
        var block = new Block(2, 3);
        Assert.Equal("Block(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1): ReLU()\n)", block.ToString());
        Assert.Equal(["0.weight", "0.bias"], block.StateDict().Keys);
        Assert.Equal([1, 3], block.Call(Tensor.Zeros([1, 2])).Shape);
    }

    [Fact]
    public void A_derived_loss_is_a_loss()
    {
        Tensor x = Tensor.Randn([4, 3], DType.Float64, generator: new(1)), y = Tensor.From([0L, 2, 1, 1]);
        Tensor p = x.Softmax(1).Gather(1, y.Unsqueeze(1)).Squeeze(1);
        Assert.Equal((-(1 - p).Square() * p.Log()).Mean().Item<double>(), new Focal(2).Call(x, y).Item<double>(), 1e-12);
    }

    [Fact]
    public void Tied_weights_are_one_parameter_under_two_names_that_is_trained_saved_and_loaded()
    {
        Autoencoder model = new(), other = new();
        Assert.Equal(["encoder.weight", "encoder.bias", "decoder.bias"], model.NamedParameters().Select(p => p.Name));
        Assert.Equal(["encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"], model.StateDict().Keys);

        // The gradient is of both uses: of y = W W x the sum over both places.
        using (Autograd.NoGrad()) foreach (Parameter bias in (Parameter[])[model.Encoder.Bias!, model.Decoder.Bias!]) bias.ZeroInPlace();
        Tensor x = Tensor.Randn([1, 4], generator: new(2)), w = model.Encoder.Weight.Detach();
        model.Call(x).Sum().Backward();
        Tensor ones = Tensor.Ones([4, 1]), hidden = w.MatMul(x.T);
        Tensor expected = ones.MatMul(hidden.T) + w.T.MatMul(ones).MatMul(x);
        Assert.True(model.Encoder.Weight.Grad!.AllClose(expected));

        var optimizer = new Adam(model.Parameters());
        optimizer.Step();
        string path = Path.Combine(Directory.CreateTempSubdirectory("facula-").FullName, "tied.safetensors");
        Checkpoint.Save(path, model, optimizer, epoch: 1);
        Checkpoint.Load(path, other, new Adam(other.Parameters()));
        Assert.Same(other.Encoder.Weight, other.Decoder.Weight);
        Assert.Equal(model.Encoder.Weight.ToArray<float>(), other.Decoder.Weight.ToArray<float>());
        model.Save(path);
        Assert.Equal(4, SafeTensors.Load(path).Count);
        other.Load(path);
        Assert.Same(model.To(DType.Float64).Encoder.Weight, model.Decoder.Weight);
        Assert.Equal(DType.Float64, model.Decoder.Weight.DType);
    }

    [Fact]
    public void Weights_can_be_handed_in()
    {
        var weight = new Parameter(Tensor.Eye(2));
        var layer = new Linear(2, 2) { Weight = weight, Bias = null };
        Assert.Same(weight, Assert.Single(layer.Parameters()));
        Assert.Equal([3, 4], layer.Call(Tensor.From([3f, 4])).ToArray<float>());
        var convolution = new Conv2d(1, 1, 1) { Weight = new(Tensor.Full([1, 1, 1, 1], 2.0)), Bias = new(Tensor.Ones([1])) };
        Assert.Equal([7], convolution.Call(Tensor.Full([1, 1, 1, 1], 3.0)).ToArray<float>());
        var norm = new BatchNorm1d(2) { RunningMean = Tensor.From([1f, 2]), RunningVar = Tensor.Ones([2]) };
        norm.Eval();
        Assert.True(norm.Call(Tensor.From([1f, 3], [1, 2])).AllClose(Tensor.From([0f, 1], [1, 2]), rtol: 1e-4, atol: 1e-4));
        var table = new Embedding(3, 2);
        table.Weight = new(Tensor.Ones([5, 2]), requiresGrad: false);
        Assert.Equal([1, 1], table.Call(Tensor.From(4)).ToArray<float>());
        Assert.Equal([1, 1], new CrossEntropyLoss { Weight = Tensor.Ones([2]) }.Weight!.ToArray<float>());
        Assert.Throws<ArgumentNullException>(() => layer.Weight = null!);
        // A weight that does not fit is refused where it is used, with its shape.
        layer.Weight = new(Tensor.Ones([2, 3]));
        Assert.Contains("[2, 3]", Assert.ThrowsAny<ArgumentException>(() => layer.Call(Tensor.Ones([1, 2]))).Message);
    }

    [Fact]
    public void Losses_take_any_of_their_arguments_and_are_functions_of_two_tensors()
    {
        Tensor logits = Tensor.Randn([3, 4], generator: new(1)), labels = Tensor.From([0L, -1, 2]), other = Tensor.Rand([3, 4], generator: new(2));
        // Values are checked elsewhere; here, that each call is the one that names all arguments.
        Same(F.NllLoss(logits, labels, ignoreIndex: -1), F.NllLoss(logits, labels, null, -1, Reduction.Mean));
        Same(F.NllLoss(logits, labels.Abs(), reduction: Reduction.Sum), F.NllLoss(logits, labels.Abs(), null, -100, Reduction.Sum));
        Same(F.CrossEntropy(logits, labels, ignoreIndex: -1), F.CrossEntropy(logits, labels, null, -1, Reduction.Mean, 0));
        Same(F.CrossEntropy(logits, labels.Abs(), labelSmoothing: 0.1), F.CrossEntropy(logits, labels.Abs(), null, -100, Reduction.Mean, 0.1));
        Same(F.BinaryCrossEntropy(logits.Sigmoid(), other, reduction: Reduction.Sum), F.BinaryCrossEntropy(logits.Sigmoid(), other, null, Reduction.Sum));
        Same(F.BinaryCrossEntropyWithLogits(logits, other, posWeight: other), F.BinaryCrossEntropyWithLogits(logits, other, null, Reduction.Mean, other));
        (Func<Tensor, Tensor, Tensor> Loss, Loss Module)[] functions =
        [
            (F.MseLoss, new MseLoss()), (F.L1Loss, new L1Loss()), (F.SmoothL1Loss, new SmoothL1Loss()), (F.HuberLoss, new HuberLoss()),
            (F.KlDiv, new KlDivLoss()),
            (F.BinaryCrossEntropyWithLogits, new BinaryCrossEntropyWithLogitsLoss()), (F.CrossEntropy, new CrossEntropyLoss()),
        ];
        foreach ((Func<Tensor, Tensor, Tensor> loss, Loss module) in functions) Same(loss(logits, other), module.Call(logits, other));
        Func<Tensor, Tensor, Tensor> negative = F.NllLoss, binary = F.BinaryCrossEntropy;
        Same(negative(logits, labels.Abs()), new NllLoss().Call(logits, labels.Abs()));
        Same(binary(other, other), new BinaryCrossEntropyLoss().Call(other, other));
    }

    private static void Same(Tensor a, Tensor b) => Assert.Equal(b.ToArray<float>(), a.ToArray<float>());
}
