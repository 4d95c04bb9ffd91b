using Facula.NN;
using Facula.Optim;

namespace Facula.Tests.Optim;

public sealed class OptimizerTests
{
    private static Dictionary<string, Func<IEnumerable<Tensor>, Optimizer>> Optimizers => OptimizerCases.All;

    public static TheoryData<string> Names => [.. Optimizers.Keys];

    private static Tensor Leaf(params float[] values) => Tensor.From(values, requiresGrad: true);

    /// <summary>Values after steps 1 and 3 from 1, -2, 0.5 with gradients (0.5, -1, 2), (0.1, 0.2, -0.3), (-1, 0, 1), by PyTorch 1.13 in float64.</summary>
    public static TheoryData<string, double[], double[]> Short => new()
    {
        { "sgd momentum", [0.949, -1.898, 0.2995], [0.93226328869, -1.75289417738, -0.08269834740500003] },
        { "sgd nesterov", [1.095, -2.19, 0.88], [1.00905, -2.2897000000000003, 1.2965] },
        { "adam amsgrad", [1.0999999975, -2.09999999875, 0.5999999994871795], [1.1219369207730454, -2.1302697619394433, 0.7162504591930083] },
        { "adamw", [0.890000002, -1.880000001, 0.3950000005], [0.8215333316266025, -1.7524939568343652, 0.2658789275766801] },
        { "rmsprop all", [-0.005037646909071525, -0.9949622689158655, -0.505037765985994], [-1.1590545109553563, 0.578332968681919, -2.294817561139372] },
        { "rmsprop momentum", [1.999999605373226e-07, -1.0000000999999903, -0.49999995000000214],
            [-1.1917542304316457, 0.33557464019079536, -2.373553928504689] },
        { "adagrad", [0.9353003360849137, -1.913845020972057, 0.4054656899426625], [0.9744027010469749, -1.9030603591794693, 0.380391917380631] },
    };

    [Theory, MemberData(nameof(Short))]
    public void Steps_are_PyTorchs(string name, double[] first, double[] third)
    {
        Tensor p = Tensor.From<double>([1, -2, 0.5]);
        p.RequiresGrad = true;
        Optimizer optimizer = Optimizers[name]([p]);
        double[][] gradients = [[0.5, -1, 2], [0.1, 0.2, -0.3], [-1, 0, 1]];
        for (int step = 0; step < 3; step++)
        {
            p.Grad = Tensor.From<double>(gradients[step]);
            optimizer.Step();
            if (step != 1) NN.Values.AssertClose(step == 0 ? first : third, p, 1e-14, name);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Backends_agree_in_every_type(string name)
    {
        foreach ((DType type, double tolerance) in new[] { (DType.Float64, 1e-14), (DType.Float32, 1e-5), (DType.BFloat16, 0.05), (DType.Float16, 0.006) })
        {
            Tensor[] fast = OptimizerCases.Parameters(type, Device.Cpu), slow = OptimizerCases.Parameters(type, Device.Reference);
            OptimizerCases.Run(Optimizers[name](fast), fast, 0, 4);
            OptimizerCases.Run(Optimizers[name](slow), slow, 0, 4);
            for (int i = 0; i < fast.Length; i++) NN.Values.AssertClose(slow[i].To(Device.Cpu).ToArray<double>(), fast[i], tolerance, $"{name}, {type}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Resuming_from_a_state_gives_the_same_bits(string name)
    {
        Tensor[] whole = OptimizerCases.Parameters(DType.Float32, Device.Cpu), first = OptimizerCases.Parameters(DType.Float32, Device.Cpu);
        OptimizerCases.Run(Optimizers[name](whole), whole, 0, 7);
        Optimizer before = Optimizers[name](first);
        OptimizerCases.Run(before, first, 0, 3);
        OptimizerState state = before.StateDict();
        Tensor[] second = [.. first.Select(p => Tensor.From<float>(p.ToArray<float>(), p.Shape, requiresGrad: true))];
        Optimizer after = Optimizers[name](second);
        after.LoadStateDict(state);
        OptimizerCases.Run(before, first, 3, 2);
        OptimizerCases.Run(after, second, 3, 4);
        for (int i = 0; i < whole.Length; i++) Assert.Equal(whole[i].ToArray<float>(), second[i].ToArray<float>());
    }

    [Fact]
    public void States_are_laid_out_as_PyTorchs()
    {
        Tensor[] p = [Leaf(1, 2), Leaf(3)];
        var adam = new Adam(p, 0.01, weightDecay: 0.5);
        Assert.Empty(adam.StateDict().State);
        p[1].Grad = Tensor.Ones(1);
        adam.Step();
        adam.Step();
        OptimizerState state = adam.StateDict();
        // A copy: what is remembered later does not change it.
        float average = state.State[1]["exp_avg"].Item();
        adam.Step();
        Assert.Equal(average, state.State[1]["exp_avg"].Item());
        Assert.NotEqual(average, adam.StateDict().State[1]["exp_avg"].Item());
        Assert.Equal([1], state.State.Keys);
        Assert.Equal(["step", "exp_avg", "exp_avg_sq"], state.State[1].Keys);
        Assert.Equal(2, state.State[1]["step"].Item());
        Assert.Equal([0, 1], state.ParamGroups[0].Params);
        IReadOnlyDictionary<string, object?> options = state.ParamGroups[0].Options;
        Assert.Equal(["lr", "weight_decay", "maximize", "betas", "eps", "amsgrad"], options.Keys);
        Assert.Equal(0.01, options["lr"]);
        Assert.Equal((0.9, 0.999), options["betas"]);

        var sgd = new Sgd(p, 0.1, momentum: 0.9);
        sgd.Step();
        Assert.Equal(["momentum_buffer"], sgd.StateDict().State[1].Keys);
        var rms = new RmsProp(p, centered: true, momentum: 0.5);
        rms.Step();
        Assert.Equal(["step", "square_avg", "grad_avg", "momentum_buffer"], rms.StateDict().State[1].Keys);
        var ada = new Adagrad(p);
        ada.Step();
        Assert.Equal(["step", "sum"], ada.StateDict().State[1].Keys);
        var ams = new Adam(p, amsGrad: true);
        ams.Step();
        Assert.Equal(["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"], ams.StateDict().State[1].Keys);
    }

    [Fact]
    public void A_state_from_a_file_is_read_whatever_its_number_types()
    {
        Tensor p = Leaf(1, 2);
        var adam = new Adam([p]);
        adam.LoadStateDict(new()
        {
            State = new Dictionary<int, IReadOnlyDictionary<string, Tensor>>
            {
                [5] = new Dictionary<string, Tensor>
                {
                    ["step"] = Tensor.Full([], 3),
                    ["exp_avg"] = Tensor.Ones([2], DType.Float64),
                    ["exp_avg_sq"] = Tensor.Ones(2),
                },
            },
            ParamGroups =
            [
                new()
                {
                    Options = new Dictionary<string, object?> { ["lr"] = 1L, ["betas"] = new object[] { 0.5, 0L }, ["eps"] = 1e-8f, ["amsgrad"] = false,
                        ["foreach"] = null },
                    Params = [5],
                },
            ],
        });
        AdamOptions options = adam.ParameterGroups[0].Options;
        Assert.Equal((1, 0.5, 0, (double)1e-8f), (options.LearningRate, options.Beta1, options.Beta2, options.Eps));
        ParameterState state = adam.ParameterGroups[0].States[0];
        Assert.Equal(3, state.Step);
        Assert.Equal(DType.Float32, state.Tensors[0].DType);
    }

    [Fact]
    public void A_state_that_does_not_fit_is_an_error_that_changes_nothing()
    {
        Tensor p = Leaf(1, 2);
        var adam = new Adam([p], 0.5);
        var two = new Adam([Leaf(1), Leaf(2)]);
        Assert.Throws<ArgumentException>(() => adam.LoadStateDict(two.StateDict()));
        Tensor other = Leaf(1, 2, 3);
        other.Grad = Tensor.Ones(3);
        var longer = new Adam([other], 0.25);
        longer.Step();
        Assert.Throws<ArgumentException>(() => adam.LoadStateDict(longer.StateDict()));
        Assert.Equal(0.5, adam.ParameterGroups[0].LearningRate);
    }

    [Fact]
    public void Groups_have_settings_of_their_own()
    {
        Tensor a = Leaf(1), b = Leaf(1);
        var sgd = new Sgd([a], 0.1, momentum: 0.5);
        ParameterGroup<SgdOptions> group = sgd.AddParameterGroup([b], o => o with { LearningRate = 1 });
        Assert.Equal(0.5, group.Options.Momentum);
        a.Grad = Tensor.Ones(1);
        b.Grad = Tensor.Ones(1);
        sgd.Step();
        Assert.Equal((0.9f, 0f), (a.Item(), b.Item()));
        foreach (ParameterGroup g in ((Optimizer)sgd).ParameterGroups) g.LearningRate *= 0.5;
        sgd.Step();
        Assert.Equal(0.9 - 0.05 * 1.5, a.Item(), 1e-6);
        Assert.Equal(-0.75, b.Item(), 1e-6);
        Assert.Equal([[0], [1]], sgd.StateDict().ParamGroups.Select(g => g.Params));
        group.Options = group.Options with { WeightDecay = 0.1 };
        Assert.Throws<ArgumentOutOfRangeException>(() => group.LearningRate = -1);
        Assert.Equal(0.5, group.LearningRate);
    }

    [Fact]
    public void Wrong_parameters_and_settings_are_errors()
    {
        Tensor a = Leaf(1);
        Assert.Throws<ArgumentException>(() => new Sgd([]));
        Assert.Throws<ArgumentException>(() => new Sgd([a, a]));
        Assert.Throws<ArgumentException>(() => new Sgd([a]).AddParameterGroup([a]));
        Assert.Throws<ArgumentException>(() => new Sgd([a * 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd([a], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd([a], 1, nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam([a], beta1: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam([a], beta2: -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam([a], double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RmsProp([a], momentum: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adagrad([a], learningRateDecay: -1));
    }

    [Fact]
    public void Parameters_without_gradients_stay_as_they_are()
    {
        Tensor a = Leaf(1), b = Leaf(1);
        var adam = new Adam([a, b], 0.1, weightDecay: 1);
        a.Grad = Tensor.Ones(1);
        adam.Step();
        adam.Step();
        Assert.Equal(1, b.Item());
        // Each counts its own steps.
        b.Grad = Tensor.Ones(1);
        adam.Step();
        Assert.Equal(0.9, b.Item(), 1e-6);
        Assert.Equal((3, 1), (adam.ParameterGroups[0].States[0].Step, adam.ParameterGroups[0].States[1].Step));
    }

    [Fact]
    public void A_step_counts_as_a_change_of_the_parameter()
    {
        Tensor a = Leaf(3);
        Tensor y = a * a;
        a.Grad = Tensor.Ones(1);
        new Sgd([a], 0.1).Step();
        Assert.Throws<InvalidOperationException>(() => y.Backward());
    }

    [Fact]
    public void Parameters_and_gradients_that_are_not_contiguous_are_changed_all_the_same()
    {
        Tensor storage = Tensor.Zeros(2, 3), a = storage.T;
        a.RequiresGrad = true;
        a.Grad = Tensor.From(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }).T.Contiguous().T;
        new Sgd([a], 1).Step();
        Assert.Equal([-1, -3, -5, -2, -4, -6], storage.ToArray<float>());
    }

    [Fact]
    public void A_closure_computes_the_loss_with_gradients()
    {
        Tensor a = Leaf(2);
        var sgd = new Sgd([a], 0.1);
        using GradModeScope scope = Autograd.NoGrad();
        Tensor loss = sgd.Step(() =>
        {
            sgd.ZeroGrad();
            Tensor l = (a * a).Sum();
            l.Backward();
            return l;
        });
        Assert.Equal(4, loss.Item());
        Assert.Equal(1.6, a.Item(), 1e-6);
    }

    [Fact]
    public void Gradients_are_cleared_to_null_or_zeros()
    {
        Tensor a = Leaf(2);
        var sgd = new Sgd([a]);
        (a * 3).Sum().Backward();
        Tensor gradient = a.Grad!;
        sgd.ZeroGrad(setToNone: false);
        Assert.Same(gradient, a.Grad);
        Assert.Equal(0, gradient.Item());
        sgd.ZeroGrad();
        Assert.Null(a.Grad);
    }

    [Fact]
    public void State_follows_a_module_to_another_type()
    {
        var layer = new Linear(3, 2);
        var adam = new Adam(layer.Parameters());
        layer.Call(Tensor.Ones(1, 3)).Sum().Backward();
        adam.Step();
        layer.To(DType.Float64);
        adam.Step();
        Assert.Equal(DType.Float64, adam.ParameterGroups[0].States[0].Tensors[0].DType);
    }

    [Fact]
    public void Clipping_the_norm_scales_all_gradients_by_one_factor()
    {
        Tensor a = Leaf(0, 0), b = Leaf(0), c = Leaf(0);
        a.Grad = Tensor.From<float>([3, 0]);
        b.Grad = Tensor.From<float>([-4]);
        Tensor[] all = [a, b, c];
        Assert.Equal(5, all.ClipGradNorm(10).Item());
        Assert.Equal([3, 0], a.Grad!.ToArray<float>());
        Assert.Equal(5, all.ClipGradNorm(1).Item());
        Assert.Equal(0.6, a.Grad!.ToArray<double>()[0], 1e-6);
        Assert.Equal(-0.8, b.Grad!.Item(), 1e-6);
        Assert.Equal(0.8, all.ClipGradNorm(0.4, double.PositiveInfinity).Item(), 1e-6);
        Assert.Equal(-0.4, b.Grad!.Item(), 1e-6);
        Assert.Equal(0.7, all.ClipGradNorm(100, 1).Item(), 1e-6);
        Assert.Equal(0, new[] { c }.ClipGradNorm(1).Item());

        b.Grad = Tensor.From<float>([float.NaN]);
        Assert.Throws<InvalidOperationException>(() => all.ClipGradNorm(1, errorIfNonFinite: true));
    }

    [Fact]
    public void Clipping_values_moves_them_to_the_bounds()
    {
        Tensor a = Leaf(0, 0, 0);
        a.Grad = Tensor.From<float>([3, -4, 0.5f]);
        new[] { a }.ClipGradValue(1);
        Assert.Equal([1, -1, 0.5f], a.Grad!.ToArray<float>());
    }

    [Fact]
    public void Training_learns()
    {
        var generator = new Generator(1);
        var model = new Sequential(new Linear(2, 16, generator: generator), new Tanh(), new Linear(16, 2, generator: generator));
        Tensor x = Tensor.Rand([256, 2], generator: generator), y = (x.Select(1, 0) * x.Select(1, 1) > 0.25).To(DType.Int64);
        var adam = new Adam(model.Parameters(), 0.02);
        float first = 0, last = 0;
        for (int step = 0; step < 200; step++)
        {
            Tensor loss = Functional.CrossEntropy(model.Call(x), y);
            adam.ZeroGrad();
            loss.Backward();
            adam.Step();
            last = loss.Item();
            if (step == 0) first = last;
        }
        Assert.True(last < first / 4, $"from {first} to {last}");
    }
}
