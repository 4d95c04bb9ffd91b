using Facula.NN;

namespace Facula.Tests.NN;

public sealed partial class LayerTests
{
    [Fact]
    public void Linear_multiplies_by_the_transposed_weight_and_adds_the_bias()
    {
        var layer = new Linear(3, 2);
        layer.Weight.Data.CopyInPlace(Tensor.From(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }));
        layer.Bias!.Data.CopyInPlace(Tensor.From<float>([0.5f, -0.5f]));
        Tensor x = Tensor.From(new float[,] { { 1, 0, -1 }, { 2, 1, 0 } }, requiresGrad: true);
        Tensor y = layer.Call(x);
        Assert.Equal([-1.5f, -2.5f, 4.5f, 12.5f], y.ToArray<float>());
        (y * Tensor.From(new float[,] { { 1, 2 }, { 3, 4 } })).Sum().Backward();
        Assert.Equal([9, 12, 15, 19, 26, 33], x.Grad!.ToArray<float>());
        Assert.Equal([7, 3, -1, 10, 4, -2], layer.Weight.Grad!.ToArray<float>());
        Assert.Equal([4, 6], layer.Bias.Grad!.ToArray<float>());
    }

    [Theory, InlineData(nameof(DType.Float32)), InlineData(nameof(DType.Float64)), InlineData(nameof(DType.BFloat16))]
    public void Linear_with_a_Relu_behind_it_is_the_Relu_of_its_result(string dtype)
    {
        DType type = DType.Parse(dtype);
        var generator = new Generator(11);
        foreach ((int rows, int inputs, int outputs) in new[] { (1, 40, 33), (3, 2, 5), (130, 70, 32), (64, 10, 200) })
        {
            var layer = new Linear(inputs, outputs, dtype: type, generator: generator);
            Tensor a = Tensor.Randn([rows, inputs], type, requiresGrad: true, generator: generator), b = a.Detach().Clone(),
                g = Tensor.Randn([rows, outputs], type, generator: generator);
            b.RequiresGrad = true;
            Tensor plain = layer.Call(b).Relu();
            plain.Backward(g);
            double[] weight = layer.Weight.Grad!.ToArray<double>(), bias = layer.Bias!.Grad!.ToArray<double>();
            layer.ZeroGrad();
            Tensor fused = new Sequential(layer, new Relu()).Call(a);
            Assert.Equal("linear", fused.GradFn);
            fused.Backward(g);
            Assert.Equal(plain.ToArray<double>(), fused.ToArray<double>());
            Assert.Equal(b.Grad!.ToArray<double>(), a.Grad!.ToArray<double>());
            Assert.Equal(weight, layer.Weight.Grad!.ToArray<double>());
            Assert.Equal(bias, layer.Bias.Grad!.ToArray<double>());
        }
    }

    public static TheoryData<int[]> Shapes =>
        new(new int[] { 4 }, new int[] { 1, 4 }, new int[] { 5, 4 }, new int[] { 2, 3, 4 }, new int[] { 2, 1, 3, 4 }, new int[] { 0, 4 });

    [Theory, MemberData(nameof(Shapes))]
    public void Linear_takes_any_leading_dimensions(int[] shape)
    {
        var generator = new Generator(1);
        Tensor x = Tensor.Randn(shape, DType.Float64, requiresGrad: true, generator: generator);
        Tensor w = Tensor.Randn([3, 4], DType.Float64, requiresGrad: true, generator: generator),
            b = Tensor.Randn([3], DType.Float64, requiresGrad: true, generator: generator);
        Tensor y = Functional.Linear(x, w, b);
        Assert.Equal([.. shape[..^1], 3], y.Shape);
        if (x.Count == 0) return;
        Values.AssertClose((x.MatMul(w.T) + b).ToArray<double>(), y, 1e-14);
        Assert.True(Autograd.GradCheck(t => Functional.Linear(t[0], t[1], t[2]), [x, w, b]));
        Assert.True(Autograd.GradGradCheck(t => Functional.Linear(t[0], t[1], t[2]), [x, w, b]));
        Assert.True(Autograd.GradCheck(t => Functional.Linear(t[0], t[1]), [x, w]));
        Assert.True(Autograd.GradCheck(t => Functional.Linear(x.Detach(), t[0], t[1]), [w, b]));
        Assert.True(Autograd.GradCheck(t => Functional.Linear(t[0], w.Detach(), b.Detach()), [x]));
    }

    [Fact]
    public void Linear_reads_transposed_and_strided_inputs()
    {
        Tensor w = Tensor.Randn(3, 4), b = Tensor.Randn(3), x = Tensor.Randn(4, 6), cube = Tensor.Randn(4, 2, 5);
        Values.AssertClose((x.T.MatMul(w.T) + b).ToArray<double>(), Functional.Linear(x.T, w, b), 1e-6);
        Tensor permuted = cube.Permute(2, 1, 0);
        Values.AssertClose((permuted.Clone().MatMul(w.T) + b).ToArray<double>(), Functional.Linear(permuted, w, b), 1e-6);
    }

    [Fact]
    public void Linear_says_what_does_not_fit()
    {
        Tensor w = Tensor.Zeros(3, 4);
        var error = Assert.Throws<ArgumentException>(() => Functional.Linear(Tensor.Zeros(2, 5), w));
        Assert.Contains("[2, 5]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[3, 4]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Functional.Linear(Tensor.Zeros([2, 4], DType.Float64), w));
        Assert.Throws<ArgumentException>(() => Functional.Linear(Tensor.Zeros(2, 4), w, Tensor.Zeros(4)));
        Assert.Throws<ArgumentException>(() => Functional.Linear(Tensor.Zeros([2, 4], device: Device.Reference), w));
        Assert.Throws<ArgumentException>(() => Functional.Linear(Tensor.Zeros(), w));
    }

    [Fact]
    public void Linear_keeps_only_what_its_gradients_need()
    {
        Tensor x = Tensor.Ones(2, 4);
        Parameter weight = new(Tensor.Ones(3, 4));
        Tensor y = Functional.Linear(x, weight);
        // The weight may change before backward, as its own gradient does not depend on it.
        using (Autograd.NoGrad()) weight.AddInPlace(Tensor.Ones(3, 4));
        y.Sum().Backward();
        Assert.All(weight.Grad!.ToArray<float>(), v => Assert.Equal(2, v));
    }

    [Fact]
    public void Linear_starts_uniform_within_the_root_of_its_inputs()
    {
        var layer = new Linear(100, 400, generator: new Generator(3));
        double bound = 0.1;
        foreach (Parameter parameter in layer.Parameters())
        {
            double[] values = parameter.ToArray<double>();
            Assert.All(values, v => Assert.InRange(v, -bound, bound));
            Assert.Equal(0, values.Average(), 0.01);
            // The deviation of a uniform distribution.
            Assert.Equal(bound / Math.Sqrt(3), Math.Sqrt(values.Average(v => v * v)), 0.004);
        }
        Assert.Equal(layer.Weight.ToArray<float>(), new Linear(100, 400, generator: new Generator(3)).Weight.ToArray<float>());
        Assert.Equal([2, 0], new Linear(0, 2).Weight.Shape);
    }

    [Fact]
    public void Flatten_and_unflatten_are_inverse()
    {
        Tensor x = Tensor.Randn(2, 3, 4, 5);
        Assert.Equal([2, 60], new Flatten().Call(x).Shape);
        Assert.Equal([2, 12, 5], new Flatten(1, 2).Call(x).Shape);
        Assert.Equal([2, 3, 4, 5], new Unflatten(1, [3, 4]).Call(new Flatten(1, 2).Call(x)).Shape);
        Assert.Equal([2, 3, 2, 2, 5], new Unflatten(-2, [2, -1]).Call(x).Shape);
        Assert.Throws<ArgumentException>(() => new Unflatten(1, [2, 2]).Call(x));
        Assert.Throws<ArgumentException>(() => new Unflatten(1, [2, -1]).Call(x));
    }

    [Fact]
    public void Dropout_drops_and_scales_while_training()
    {
        var layer = new Dropout(0.3, new Generator(5));
        Tensor x = Tensor.Full([10_000], 2.0, requiresGrad: true);
        Tensor y = layer.Call(x);
        float[] values = y.ToArray<float>();
        Assert.Equal(0.3, values.Count(v => v == 0) / 10_000.0, 0.02);
        Assert.All(values, v => Assert.True(v == 0 || v == (float)(2 / 0.7)));
        y.Sum().Backward();
        float[] gradient = x.Grad!.ToArray<float>();
        for (int i = 0; i < values.Length; i++) Assert.Equal(values[i] == 0 ? 0 : (float)(1 / 0.7), gradient[i]);

        Assert.Equal(values, new Dropout(0.3, new Generator(5)).Call(x).ToArray<float>());
        Assert.NotEqual(values, layer.Call(x).ToArray<float>());
        Assert.Same(x, layer.Eval().Call(x));
        Assert.Same(x, Functional.Dropout(x, 0));
        Assert.All(Functional.Dropout(Tensor.Full([3], 2.0), 1).ToArray<float>(), v => Assert.Equal(0, v));
        // As in PyTorch, which multiplies by the mask.
        Assert.All(Functional.Dropout(Tensor.Full([3], double.NaN), 1).ToArray<float>(), v => Assert.True(float.IsNaN(v)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(1.5));
        Tensor small = Tensor.Randn([20], DType.Float64, requiresGrad: true);
        Assert.True(Autograd.GradGradCheck(t => Functional.Dropout(t[0], 0.5, generator: new Generator(1)), [small]));
    }

    [Fact]
    public void Embedding_picks_rows_and_adds_up_their_gradients()
    {
        var layer = new Embedding(4, 2, paddingIdx: 0);
        Assert.Equal([0, 0], layer.Weight.Data.Select(0, 0).ToArray<float>());
        layer.Weight.Data.CopyInPlace(Tensor.From(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 } }));
        Tensor y = layer.Call(Tensor.From<long>([1, 0, 3, 1, 3, 3], [3, 2]));
        Assert.Equal([3, 2, 2], y.Shape);
        Assert.Equal([3, 4, 1, 2, 7, 8, 3, 4, 7, 8, 7, 8], y.ToArray<float>());
        y.Sum().Backward();
        // Row 0 is padding and has no gradient (torch.nn.Embedding, padding_idx).
        Assert.Equal([0, 0, 2, 2, 0, 0, 3, 3], layer.Weight.Grad!.ToArray<float>());
        Assert.Throws<ArgumentOutOfRangeException>(() => layer.Call(Tensor.From<long>([4], [1])));
        Assert.Throws<ArgumentException>(() => layer.Call(Tensor.Zeros(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Embedding(3, 2, paddingIdx: 3));
        Assert.False(new Embedding(Tensor.Ones(3, 2)).Weight.RequiresGrad);
        Tensor table = Tensor.Randn([4, 2], DType.Float64, requiresGrad: true), picks = Tensor.From<long>([1, 3, 1], [3]);
        Assert.True(Autograd.GradGradCheck(t => Functional.Embedding(picks, t[0]), [table]));
    }

    [Fact]
    public void Embedding_shortens_the_rows_it_uses()
    {
        var layer = new Embedding(3, 2, maxNorm: 1);
        layer.Weight.Data.CopyInPlace(Tensor.From(new float[,] { { 3, 4 }, { 0.3f, 0.4f }, { 6, 8 } }));
        Tensor y = layer.Call(Tensor.From<long>([0, 1, 0], [3]));
        Values.AssertClose([0.6, 0.8, 0.3, 0.4, 0.6, 0.8], y, 1e-6);
        Values.AssertClose([0.6, 0.8, 0.3, 0.4, 6, 8], layer.Weight, 1e-6);
    }

    /// <summary>Values of PyTorch 1.13.</summary>
    [Fact]
    public void Normalize_divides_by_the_norm_and_leaves_zeros()
    {
        Tensor x = Tensor.From(new double[,] { { 3, 4 }, { 0, 0 } });
        Values.AssertClose([0.6, 0.8, 0, 0], Functional.Normalize(x), 1e-15);
        Values.AssertClose([1, 1, 0, 0], Functional.Normalize(x, 1, 0), 1e-15);
        Values.AssertClose([0.75, 1, 0, 0], Functional.Normalize(x, double.PositiveInfinity), 1e-15);
        Tensor zero = Tensor.Zeros([2], requiresGrad: true);
        Functional.Normalize(zero, dim: 0).Sum().Backward();
        Values.AssertClose([1e12, 1e12], zero.Grad!, 1e-6);
    }

    [Fact]
    public void OneHot_is_that_of_the_tensor() =>
        Assert.Equal([0, 0, 1, 0, 1, 0, 0, 0], Functional.OneHot(Tensor.From([2, 0]), 4).ToArray<long>());

    [Fact]
    public void Sequential_runs_in_order_and_is_indexed_by_number_and_name()
    {
        var model = new Sequential { { "double", new Doubling() }, { "relu", new Relu() }, new Flatten(0) };
        Assert.Equal([2, 0], model.Call(Tensor.From(new float[,] { { 1 }, { -1 } })).ToArray<float>());
        Assert.IsType<Relu>(model[1]);
        Assert.IsType<Relu>(model["relu"]);
        Assert.Equal(["double", "relu", "2"], model.NamedChildren().Select(c => c.Name));
        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], new Sequential(new Linear(1, 1), new Relu(), new Linear(1, 1)).StateDict().Keys);
        Assert.Throws<ArgumentException>(() => model.Add("a.b", new Relu()));
        Assert.Throws<ArgumentException>(() => model.Add("relu", new Relu()));

        int calls = 0;
        model[1].RegisterForwardHook((_, _, ref _) => calls++);
        model.Call(Tensor.Ones(1));
        Assert.Equal(1, calls);
    }

    [Fact]
    public void Lists_and_dictionaries_of_modules_register_their_entries()
    {
        ModuleList<Linear> list = [new(1, 2), new(2, 3)];
        list.Insert(0, new(4, 4));
        list.RemoveAt(2);
        list[1] = new(5, 5);
        Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias"], list.StateDict().Keys);
        Assert.Equal([4, 5], list.Select(l => l.InFeatures));
        var dictionary = new ModuleDict<Linear> { ["b"] = new(1, 1), ["a"] = new(1, 1, bias: false) };
        Assert.Equal(["b.weight", "b.bias", "a.weight"], dictionary.StateDict().Keys);
        Assert.True(dictionary.Remove("b"));
        Assert.False(dictionary.ContainsKey("b"));
        Assert.Single(dictionary.Parameters());
        Assert.Equal(["0", "1"], new ParameterList(new Parameter(Tensor.Zeros(1)), new Parameter(Tensor.Zeros(2))).StateDict().Keys);
        Assert.Throws<ArgumentNullException>(() => list.Add(null!));
    }

    public static TheoryData<Module<Tensor, Tensor>, double[]> Activations => new()
    {
        // torch.nn.<activation>()(torch.tensor([-4., -0.5, 0., 0.7, 8.])), PyTorch 1.13, float64.
        { new Relu(), [0, 0, 0, 0.7, 8] },
        { new Relu6(), [0, 0, 0, 0.7, 6] },
        { new LeakyRelu(0.1), [-0.4, -0.05, 0, 0.7, 8] },
        { new Elu(), [-0.9816843611112658, -0.3934693402873666, 0, 0.7, 8] },
        { new Selu(), [-1.7258986281898945, -0.6917581878028713, 0, 0.7354906911488363, 8.405607898843844] },
        { new Gelu(), [-0.00012668496733247991, -0.15426876936299344, 0, 0.5306254434438489, 7.999999999999995] },
        { new Gelu(GeluApproximation.Tanh), [-7.024594819227126e-05, -0.15428599017485606, 0, 0.5305701347051167, 8] },
        { new Silu(), [-0.07194483984836623, -0.1887703343990727, 0, 0.46773144051771626, 7.997317198956269] },
        { new Mish(), [-0.07259174079202535, -0.22074377465173, 0, 0.5611483776438518, 7.999998200644843] },
        { new Softplus(), [0.018149927917809738, 0.4740769841801067, 0.6931471805599453, 1.103186048885458, 8.000335406372896] },
        { new HardTanh(), [-1, -0.5, 0, 0.7, 1] },
        { new HardSigmoid(), [0, 0.4166666666666667, 0.5, 0.6166666666666667, 1] },
        { new HardSwish(), [0, -0.20833333333333334, 0, 0.43166666666666664, 8] },
        { new Sigmoid(), [0.01798620996209156, 0.3775406687981454, 0.5, 0.6681877721681662, 0.9996646498695336] },
        { new Tanh(), [-0.999329299739067, -0.46211715726000974, 0, 0.6043677771171635, 0.9999997749296758] },
        { new LogSigmoid(), [-4.0181499279178094, -0.9740769841801067, -0.6931471805599453, -0.4031860488854579, -0.00033540637289576885] },
        { new Softsign(), [-0.8, -0.3333333333333333, 0, 0.4117647058823529, 0.8888888888888888] },
        { new Softmax(0), [6.136721784898821e-06, 0.00020322031545167744, 0.0003350536567235705, 0.000674715208374974, 0.998780874097665] },
        { new LogSoftmax(0), [-12.001219869640853, -8.501219869640853, -8.001219869640853, -7.301219869640853, -0.0012198696408532049] },
    };

    [Theory, MemberData(nameof(Activations))]
    public void Activation_is_PyTorchs(Module<Tensor, Tensor> layer, double[] expected) =>
        Values.AssertClose(expected, layer.Call(Tensor.From<double>([-4, -0.5, 0, 0.7, 8])), 1e-14, layer.ToString());

    private sealed partial class Doubling : Module<Tensor, Tensor>
    {
        public override Tensor Forward(Tensor input) => input * 2;
    }
}
