using Facula.IO;
using Facula.NN;
using Facula.Optim;
using Xunit;

namespace Facula.Tests.Optim;

/// <summary>
/// L-BFGS against what torch.optim.LBFGS of PyTorch 1.13 makes of the same losses, in float64: numbers of evaluations, losses and parameters.
/// </summary>
public partial class LbfgsTests
{
    private sealed record Case(LbfgsOptions Options, int Steps, Func<Tensor[], Tensor> Loss, double[][] Start, int Evaluations, double[] Losses, double[] End);

    private static Tensor Rosenbrock(Tensor[] p) => (1 - p[0]).Square() + 100 * (p[1] - p[0].Square()).Square();

    private static readonly Tensor Matrix = Tensor.Arange(1, 10, dtype: DType.Float64).Reshape([3, 3]).Sin() + 3 * Tensor.Eye(3, dtype: DType.Float64);
    private static readonly Tensor Right = Tensor.From<double>([1, -2, 3]);

    private static Tensor TwoTensors(Tensor[] p) => (Matrix.MatMul(p[0]) - Right).Square().Sum() + p[1].Pow(4).Sum() + (p[0].Sum() * p[1]).Mean().Cos();

    private static Tensor Kinks(Tensor[] p) => (p[0].Abs() + 0.1 * p[0].Square()).Sum();

    private static readonly double[][] Valley = [[-1.2], [1.0]], Pair = [[0.5, -1, 2], [1, -1.5, 0.3, 2]];

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["Rosenbrock, strong Wolfe"] = new(new() { LineSearch = LineSearch.StrongWolfe }, 3, Rosenbrock, Valley, 45,
            [24.199999999999996, 0.4234823024380289, 4.221457511263308e-10], [0.9999814210791366, 0.9999619651810989]),
        ["Rosenbrock, short history"] = new(
            new() { LearningRate = 0.5, MaxIterations = 5, HistorySize = 2, LineSearch = LineSearch.StrongWolfe }, 4, Rosenbrock, Valley, 24,
            [24.199999999999996, 4.149337544962249, 4.087545115320266, 2.833305657389016], [-0.3371638310588857, 0.07365909660026379]),
        ["Rosenbrock, fixed steps"] = new(new() { LearningRate = 0.1, MaxIterations = 10 }, 3, Rosenbrock, Valley, 30,
            [24.199999999999996, 5.2304978915741485, 4.265336005782761], [-1.028123371571063, 1.0549628573128724]),
        ["two tensors, fixed steps"] = new(new() { LearningRate = 0.3, MaxIterations = 6, HistorySize = 3 }, 3, TwoTensors, Pair, 18,
            [33.901562807059655, 3.9502660963219913, 1.244811004942846],
            [0.3871736942125049, -0.6924743902227952, 1.007509633330109, 0.23198916551368087, -0.2506709862998474, 0.20152590510310725, 0.33472491492750245]),
        ["two tensors, strong Wolfe"] = new(new() { MaxIterations = 4, HistorySize = 3, LineSearch = LineSearch.StrongWolfe }, 3, TwoTensors, Pair, 15,
            [33.901562807059655, 1.3831746661604625, 1.012219027939083],
            [0.38564364825912417, -0.7048612343352711, 1.0104207875109978, 0.12757603404066395, -0.04863572815095816, 0.19648505644782985,
                0.08009299367074038]),
        ["few evaluations"] = new(new() { MaxIterations = 10, MaxEvaluations = 3, LineSearch = LineSearch.StrongWolfe }, 3, TwoTensors, Pair, 9,
            [33.901562807059655, 4.638167575093732, 1.3831746661604625],
            [0.3913957615837895, -0.6363441253223306, 0.996492773346767, 0.3846110522712636, -0.36225969553139353, 0.2710901100456574, 0.41760592997330687]),
        ["kinks"] = new(new() { MaxIterations = 7, LineSearch = LineSearch.StrongWolfe }, 2, Kinks, [[3, -2, 0.7]], 19,
            [7.0489999999999995, 1.2092075559363118], [-0.0008136523382334034, 0.013166186589082815, 0.0029404151276424097]),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    private static Tensor[] Leaves(double[][] start) => [.. start.Select(values =>
    {
        Tensor leaf = values.Length == 4 ? Tensor.From<double>(values, [2, 2]) : values.Length == 1 ? Tensor.From(values[0]) : Tensor.From<double>(values);
        leaf.RequiresGrad = true;
        return leaf;
    })];

    private static double[] Run(Optimizer optimizer, Tensor[] leaves, Func<Tensor[], Tensor> loss, int steps, ref int evaluations)
    {
        int count = 0;
        var losses = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            losses[i] = optimizer.Step(() =>
            {
                count++;
                optimizer.ZeroGrad();
                Tensor value = loss(leaves);
                value.Backward();
                return value;
            }).Item<double>();
        }
        evaluations += count;
        return losses;
    }

    private static void Near(IEnumerable<double> expected, IEnumerable<double> actual)
    {
        foreach ((double e, double a) in expected.Zip(actual)) Assert.True(Math.Abs(e - a) <= 1e-12 + 1e-7 * Math.Abs(e), $"{a} instead of {e}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Goes_where_PyTorch_goes(string name)
    {
        Case test = Cases[name];
        Tensor[] leaves = Leaves(test.Start);
        int evaluations = 0;
        Near(test.Losses, Run(new Lbfgs(leaves, test.Options), leaves, test.Loss, test.Steps, ref evaluations));
        Assert.Equal(test.Evaluations, evaluations);
        Near(test.End, leaves.SelectMany(leaf => leaf.Detach().Flatten().ToArray<double>()));
    }

    [Theory, MemberData(nameof(Names))]
    public void Goes_on_from_a_saved_state_as_if_it_had_not_stopped(string name)
    {
        Case test = Cases[name];
        Tensor[] leaves = Leaves(test.Start);
        int evaluations = 0;
        var optimizer = new Lbfgs(leaves, test.Options);
        Run(optimizer, leaves, test.Loss, 1, ref evaluations);
        OptimizerState state = optimizer.StateDict();
        Tensor[] again = Leaves([.. leaves.Select(leaf => leaf.Detach().Flatten().ToArray<double>())]);
        Run(optimizer, leaves, test.Loss, test.Steps - 1, ref evaluations);
        var other = new Lbfgs(again, 0.1);
        other.LoadStateDict(state);
        Assert.Equal(test.Options with { MaxEvaluations = test.Options.MaxEvaluations ?? test.Options.MaxIterations * 5 / 4 },
            other.ParameterGroups[0].Options);
        Run(other, again, test.Loss, test.Steps - 1, ref evaluations);
        foreach ((Tensor a, Tensor b) in leaves.Zip(again)) Assert.Equal(a.Detach().Flatten().ToArray<double>(), b.Detach().Flatten().ToArray<double>());
    }

    [Fact]
    public void A_checkpoint_has_its_memory_and_a_state_that_does_not_fit_changes_nothing()
    {
        Tensor x = Tensor.Randn([20, 3], generator: new(1)), y = x.Square().Sum(1, keepDim: true);
        Linear model = new(3, 1, generator: new(2)), other = new(3, 1, generator: new(3));
        Lbfgs optimizer = new(model.Parameters(), maxIterations: 3), resumed = new(other.Parameters());
        void Step(Linear model, Lbfgs optimizer) => optimizer.Step(() =>
        {
            optimizer.ZeroGrad();
            Tensor loss = Functional.MseLoss(model.Call(x), y);
            loss.Backward();
            return loss;
        });
        Step(model, optimizer);
        string path = Path.Combine(Directory.CreateTempSubdirectory("facula-").FullName, "lbfgs.safetensors");
        Checkpoint.Save(path, model, optimizer, 1);
        Checkpoint.Load(path, other, resumed);
        Step(model, optimizer);
        Step(other, resumed);
        Assert.Equal(model.Weight.ToArray<float>(), other.Weight.ToArray<float>());

        OptimizerState state = optimizer.StateDict();
        foreach ((string name, Tensor? wrong) in (IEnumerable<(string, Tensor?)>)[("d", Tensor.Zeros([3])), ("n_iter", Tensor.Zeros([2])), ("old_stps", null),
            ("t", Tensor.From(double.NaN))])
        {
            var entries = new Dictionary<string, Tensor>(state.State[0]);
            if (wrong is null) entries.Remove(name);
            else entries[name] = wrong;
            OptimizerState bad = state with { State = new Dictionary<int, IReadOnlyDictionary<string, Tensor>> { [0] = entries } };
            Assert.Contains(name, Assert.Throws<ArgumentException>(() => optimizer.LoadStateDict(bad)).Message);
        }
        Assert.Equal(state.State[0].Keys, optimizer.StateDict().State[0].Keys);
    }

    [Fact]
    public void It_needs_a_function_and_one_group()
    {
        Tensor[] leaves = Leaves(Valley);
        var optimizer = new Lbfgs(leaves);
        leaves[0].Grad = Tensor.From(1.0);
        Assert.Contains("call Step with a function", Assert.Throws<InvalidOperationException>(() => optimizer.Step()).Message);
        Assert.Throws<InvalidOperationException>(() => optimizer.AddParameterGroup([Tensor.Ones([1])]));
        Assert.Throws<ArgumentNullException>(() => optimizer.Step(null!));
        foreach (Func<LbfgsOptions> options in (Func<LbfgsOptions>[])[() => new() { MaxIterations = 0 }, () => new() { HistorySize = 0 },
            () => new() { ToleranceGrad = -1 }])
            Assert.Throws<ArgumentOutOfRangeException>(() => new Lbfgs(leaves, options()));
    }

    [Fact]
    public void Weight_decay_and_maximizing_are_those_of_the_loss()
    {
        var search = new LbfgsOptions { MaxIterations = 5, LineSearch = LineSearch.StrongWolfe };
        Tensor[] a = Leaves(Pair), b = Leaves(Pair), c = Leaves(Pair);
        int evaluations = 0;
        Run(new Lbfgs(a, search with { WeightDecay = 0.3 }), a, TwoTensors, 2, ref evaluations);
        Run(new Lbfgs(b, search), b, p => TwoTensors(p) + 0.15 * (p[0].Square().Sum() + p[1].Square().Sum()), 2, ref evaluations);
        Run(new Lbfgs(c, search with { Maximize = true, WeightDecay = 0.3 }), c, p => -TwoTensors(p), 2, ref evaluations);
        foreach (Tensor[] other in (Tensor[][])[b, c])
        {
            foreach ((Tensor x, Tensor y) in a.Zip(other)) Assert.True(x.AllClose(y, rtol: 1e-9, atol: 1e-9));
        }
    }

    private sealed class Twice(IEnumerable<Tensor> parameters) : Sgd(parameters, learningRate: 0.1)
    {
        public override Tensor Step(Func<Tensor> closure)
        {
            base.Step(closure);
            return base.Step(closure);
        }
    }

    [Fact]
    public void A_step_with_a_function_can_be_overridden()
    {
        Tensor x = Tensor.Ones([1], requiresGrad: true);
        Optimizer optimizer = new Twice([x]);
        optimizer.Step(() =>
        {
            optimizer.ZeroGrad();
            Tensor loss = x.Square().Sum();
            loss.Backward();
            return loss;
        });
        Assert.Equal(0.64f, x.Item(), 1e-6f);
    }

    [Fact]
    public void Optimizers_are_functions_of_parameters_and_a_rate_with_the_defaults_of_PyTorch()
    {
        Parameter[] parameters = [new(Tensor.Ones([1]))];
        Func<IEnumerable<Parameter>, double, Optimizer>[] functions = [Sgd.Create, Adam.Create, AdamW.Create, RmsProp.Create, Adagrad.Create, Lbfgs.Create];
        double[] decays = [0, 0, 1e-2, 0, 0, 0];
        foreach ((Func<IEnumerable<Parameter>, double, Optimizer> function, double decay) in functions.Zip(decays))
        {
            Optimizer optimizer = function(parameters, 0.25);
            Assert.Equal(0.25, optimizer.ParameterGroups[0].LearningRate);
            Assert.Equal(decay, optimizer.StateDict().ParamGroups[0].Options["weight_decay"]);
        }
        // Settings that are given as options have the same defaults, so that AdamW decays.
        Assert.Equal(new AdamW(parameters).ParameterGroups[0].Options, new AdamW(parameters, new AdamWOptions()).ParameterGroups[0].Options);
        Assert.Equal(new AdamW(parameters, 0.5).ParameterGroups[0].Options, new AdamWOptions { LearningRate = 0.5 });
        Assert.Equal(new Adam(parameters).ParameterGroups[0].Options, new AdamOptions());
        Assert.Equal(new Sgd(parameters).ParameterGroups[0].Options, new SgdOptions());
        Assert.Equal(new RmsProp(parameters).ParameterGroups[0].Options, new RmsPropOptions());
        Assert.Equal(new Adagrad(parameters).ParameterGroups[0].Options, new AdagradOptions());
        Assert.Equal(new Lbfgs(parameters).ParameterGroups[0].Options, new LbfgsOptions());
    }
}
