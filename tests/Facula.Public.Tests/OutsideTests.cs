using Facula.Data;
using Facula.IO;
using Facula.NN;
using Facula.Optim;
using F = Facula.NN.Functional;

namespace Facula.Public.Tests;

/// <summary>
/// What programs write of their own, with nothing but what is public: layers, losses, optimizers, schedules, datasets, samplers, functions; and training with
/// them.
/// </summary>
public sealed partial class OutsideTests
{
    private sealed partial class Scaled(int features) : Linear(features, features)
    {
        private readonly Parameter _scale = new(Tensor.Ones([1]));

        public override Tensor Forward(Tensor input) => base.Forward(input) * _scale;
    }

    private sealed partial class Net : Module<Tensor, Tensor>
    {
        private readonly Sequential _layers = new(new Linear(4, 8), new Relu(), new Scaled(8), new Tanh());
        private readonly Linear _output = new(8, 1);

        [Buffer]
        private readonly Tensor _calls = Tensor.Zeros([1]);

        public override Tensor Forward(Tensor input)
        {
            _calls.AddInPlace(Tensor.Ones([1]));
            return _output.Call(_layers.Call(input));
        }
    }

    private sealed partial class LogCosh(Reduction reduction = Reduction.Mean) : MseLoss(reduction)
    {
        public override Tensor Forward(Tensor input, Tensor target)
        {
            Tensor difference = input - target, losses = difference + F.Softplus(-2 * difference) - Math.Log(2);
            return Reduction == Reduction.Sum ? losses.Sum() : losses.Mean();
        }
    }

    private sealed record SignOptions : OptimizerOptions
    {
        public SignOptions() => LearningRate = 3e-3;

        public double Beta { get; init; } = 0.9;

        public override IReadOnlyDictionary<string, object?> ToState() => new Dictionary<string, object?>(base.ToState()) { ["beta"] = Beta };

        public override OptimizerOptions FromState(IReadOnlyDictionary<string, object?> state) =>
            (SignOptions)base.FromState(state) with { Beta = Read(state, "beta", Beta) };
    }

    private sealed class SignDescent(IEnumerable<Tensor> parameters, SignOptions options) : Optimizer<SignOptions>(parameters, options)
    {
        private static readonly string[] Names = ["average"];

        protected override void Update(ParameterGroup<SignOptions> group)
        {
            for (int i = 0; i < group.Parameters.Count; i++)
            {
                Tensor parameter = group.Parameters[i];
                if (parameter.Grad is null) continue;
                ParameterState state = group.States[i];
                state.Prepare(Names, parameter);
                state.Step++;
                Tensor average = state.Tensors[0];
                average.LerpInPlace(parameter.Grad, 1 - group.Options.Beta);
                parameter.AddInPlace(average.Sign(), -group.Options.LearningRate);
            }
        }
    }

    private sealed class Halving(Optimizer optimizer) : LrScheduler(optimizer)
    {
        protected override double Rate(int group, double current, double initial, int epoch) => initial / (1 + epoch / 10);
    }

    private sealed class Sums(int count) : Dataset<(Tensor, Tensor)>
    {
        private readonly Tensor _inputs = Tensor.Rand([count, 4], generator: new(1));

        public override int Count => count;

        public override (Tensor, Tensor) this[int index] => (_inputs[index], _inputs[index].Sum(0, keepDim: true));
    }

    private sealed class Backwards(int count) : Sampler
    {
        public override long Count => count;

        public override IEnumerable<int> NextEpoch() => Enumerable.Range(0, count).Reverse();
    }

    private sealed class Cube : Autograd.Function
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            Save(inputs[0]);
            return inputs[0].Pow(3);
        }

        protected override Tensor?[] Backward(Tensor gradient) => [gradient * 3 * Saved(0).Square()];
    }

    public static TheoryData<string> Names => [.. Optimizers.Keys];

    private static readonly Dictionary<string, Func<IEnumerable<Parameter>, double, Optimizer>> Optimizers = new()
    {
        ["Sgd"] = Sgd.Create,
        ["Adam"] = Adam.Create,
        ["AdamW"] = AdamW.Create,
        ["RmsProp"] = RmsProp.Create,
        ["Adagrad"] = Adagrad.Create,
        ["Lbfgs"] = (parameters, _) => new Lbfgs(parameters, new LbfgsOptions { MaxIterations = 4, LineSearch = LineSearch.StrongWolfe }),
        ["SignDescent"] = (parameters, _) => new SignDescent(parameters, new()),
    };

    [Theory, MemberData(nameof(Names))]
    public void A_model_is_trained_saved_and_goes_on_elsewhere(string name)
    {
        Generator.Seed(1);
        var model = new Net();
        LogCosh loss = new();
        Optimizer optimizer = Optimizers[name](model.Parameters(), 0.02);
        var schedule = new Halving(optimizer);
        var loader = new DataLoader(new Sums(64), batchSize: 16, options: new() { Sampler = new Backwards(64), Workers = 1 });
        float first = 0, last = 0;
        for (int epoch = 0; epoch < 15; epoch++)
        {
            foreach (var (inputs, targets) in loader)
            {
                last = optimizer.Step(() =>
                {
                    optimizer.ZeroGrad();
                    Tensor value = loss.Call(model.Call(inputs), targets);
                    value.Backward();
                    return value;
                }).Item();
                if (first == 0) first = last;
            }
            schedule.Step();
        }
        Assert.True(last < first / 4, $"{first} to {last}");

        string path = Path.Combine(Directory.CreateTempSubdirectory("facula-").FullName, "run.safetensors");
        Checkpoint.Save(path, model, optimizer, 15, schedulers: [schedule]);
        var other = new Net();
        Optimizer resumed = Optimizers[name](other.Parameters(), 1);
        Assert.Equal(15, Checkpoint.Load(path, other, resumed, schedulers: [new Halving(resumed)]));
        Assert.Equal(optimizer.ParameterGroups[0].LearningRate, resumed.ParameterGroups[0].LearningRate);
        foreach ((string key, Tensor tensor) in model.StateDict()) Assert.Equal(tensor.ToArray<float>(), other.StateDict()[key].ToArray<float>());
    }

    [Fact]
    public void A_function_of_ones_own_has_its_gradient()
    {
        Tensor x = Tensor.From([1.0, -2.0], requiresGrad: true);
        Assert.True(Autograd.GradCheck(t => new Cube().Apply(t), [x]));
        Assert.True(Autograd.GradGradCheck(t => new Cube().Apply(t), [x]));
    }

    [Fact]
    public void A_model_is_frozen_but_for_its_head()
    {
        Sequential model = new(new Linear(4, 4), new Linear(4, 1));
        model[0].RequiresGradInPlace(false);
        model.Call(Tensor.Ones([2, 4])).Sum().Backward();
        Assert.Null(((Linear)model[0]).Weight.Grad);
        Assert.NotNull(((Linear)model[1]).Weight.Grad);
        Assert.All(model.RequiresGradInPlace().Parameters(), parameter => Assert.True(parameter.RequiresGrad));
    }
}
