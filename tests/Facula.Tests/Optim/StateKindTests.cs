using Facula.IO;
using Facula.NN;
using Facula.Optim;

namespace Facula.Tests.Optim;

/// <summary>A state says of what kind of optimizer or schedule it is; another kind does not take it, and is left as it was.</summary>
public sealed class StateKindTests
{
    private static readonly Dictionary<string, Func<Tensor[], Optimizer>> Kinds = new()
    {
        ["Sgd"] = p => new Sgd(p, 0.5),
        ["Sgd with momentum"] = p => new Sgd(p, 0.5, momentum: 0.9),
        ["Adam"] = p => new Adam(p, 0.5),
        ["Adam of AmsGrad"] = p => new Adam(p, 0.5, amsGrad: true),
        ["AdamW"] = p => new AdamW(p, 0.5),
        ["RmsProp"] = p => new RmsProp(p, 0.5),
        ["Adagrad"] = p => new Adagrad(p, 0.5),
    };

    private static readonly Dictionary<string, Func<Optimizer, ILrScheduler>> Schedules = new()
    {
        ["StepLr"] = optimizer => new StepLr(optimizer, 2),
        ["MultiStepLr"] = optimizer => new MultiStepLr(optimizer, [1]),
        ["ExponentialLr"] = optimizer => new ExponentialLr(optimizer, 0.9),
        ["LambdaLr"] = optimizer => new LambdaLr(optimizer, _ => 0.5),
        ["CosineAnnealingLr"] = optimizer => new CosineAnnealingLr(optimizer, 5),
        ["OneCycleLr"] = optimizer => new OneCycleLr(optimizer, 1, 5, new() { CycleMomentum = false }),
        ["ReduceLrOnPlateau"] = optimizer => new ReduceLrOnPlateau(optimizer),
    };

    private static Tensor[] Leaves() => [Tensor.Ones([3], requiresGrad: true)];

    private static Optimizer Stepped(string kind)
    {
        Tensor[] leaves = Leaves();
        Optimizer optimizer = Kinds[kind](leaves);
        for (int i = 0; i < 3; i++)
        {
            leaves[0].Grad = Tensor.Full([3], i + 1.0);
            optimizer.Step();
        }
        return optimizer;
    }

    public static TheoryData<string, string> Pairs => [.. from a in Kinds.Keys from b in Kinds.Keys select (a, b)];

    public static TheoryData<string, string> SchedulePairs => [.. from a in Schedules.Keys from b in Schedules.Keys select (a, b)];

    private static string ClassOf(string kind) => kind.Split(' ')[0];

    [Theory, MemberData(nameof(Pairs))]
    public void A_state_is_taken_by_its_own_kind_only(string from, string to)
    {
        OptimizerState state = Stepped(from).StateDict();
        Assert.Equal(ClassOf(from), state.Kind);
        Optimizer target = Stepped(to);
        target.ParameterGroups[0].LearningRate = 0.25;
        Tensor[] before = [.. target.ParameterGroups[0].States[0].Tensors.Select(tensor => tensor.Clone())];
        if (ClassOf(from) == ClassOf(to))
        {
            target.LoadStateDict(state);
            Assert.Equal(0.5, target.ParameterGroups[0].LearningRate);
            Assert.Equal(state.State.GetValueOrDefault(0)?.Keys ?? [], target.StateDict().State.GetValueOrDefault(0)?.Keys ?? []);
            return;
        }
        string message = Assert.Throws<ArgumentException>(() => target.LoadStateDict(state)).Message;
        Assert.Contains(ClassOf(from), message);
        Assert.Contains(ClassOf(to), message);
        Assert.Equal(0.25, target.ParameterGroups[0].LearningRate);
        Assert.Equal(before.Select(tensor => tensor[0].Item()), target.ParameterGroups[0].States[0].Tensors.Select(tensor => tensor[0].Item()));
    }

    /// <summary>PyTorch's own states, and those of older files, do not say it: their settings and tensors tell, all but Adam from AdamW.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public void A_state_without_a_kind_is_told_by_what_it_holds(string from, string to)
    {
        OptimizerState state = Stepped(from).StateDict() with { Kind = null };
        Optimizer target = Kinds[to](Leaves());
        if (ClassOf(from).Replace("W", "") == ClassOf(to).Replace("W", "")) target.LoadStateDict(state);
        else Assert.Contains(ClassOf(to), Assert.Throws<ArgumentException>(() => target.LoadStateDict(state)).Message);
    }

    [Fact]
    public void A_memory_goes_to_another_kind_on_purpose()
    {
        Optimizer adamW = Kinds["AdamW"](Leaves());
        adamW.LoadStateDict(Stepped("Adam").StateDict() with { Kind = "AdamW" });
        Assert.Equal(3, adamW.ParameterGroups[0].States[0].Step);
        // But only where it is what that kind remembers.
        Assert.Throws<ArgumentException>(() => Kinds["RmsProp"](Leaves()).LoadStateDict(Stepped("Adam").StateDict() with { Kind = "RmsProp" }));
    }

    [Fact]
    public void A_state_that_lacks_an_average_or_its_steps_is_refused()
    {
        foreach (string missing in (string[])["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"])
        {
            OptimizerState state = Stepped("Adam of AmsGrad").StateDict();
            var entries = new Dictionary<string, Tensor>(state.State[0]);
            entries.Remove(missing);
            OptimizerState cut = state with { State = new Dictionary<int, IReadOnlyDictionary<string, Tensor>> { [0] = entries } };
            Assert.Contains("max_exp_avg_sq", Assert.Throws<ArgumentException>(() => Kinds["Adam"](Leaves()).LoadStateDict(cut)).Message);
        }
    }

    [Theory, InlineData("lr", double.NaN), InlineData("lr", "fast"), InlineData("betas", "two"), InlineData("betas", 0.5), InlineData("eps", -1.0),
        InlineData("amsgrad", "maybe")]
    public void Settings_that_cannot_be_are_refused_before_anything_changes(string name, object value)
    {
        OptimizerState state = Stepped("Adam").StateDict();
        var options = new Dictionary<string, object?>(state.ParamGroups[0].Options) { [name] = value };
        Optimizer target = Kinds["Adam"](Leaves());
        Assert.ThrowsAny<ArgumentException>(() => target.LoadStateDict(state with { ParamGroups = [new() { Options = options, Params = [0] }] }));
        Assert.Equal(0, target.ParameterGroups[0].States[0].Step);
    }

    [Theory, InlineData(double.NaN), InlineData(-1.0), InlineData(1.5), InlineData(double.PositiveInfinity)]
    public void Steps_are_whole_numbers(double step)
    {
        OptimizerState state = Stepped("Adam").StateDict();
        var entries = new Dictionary<string, Tensor>(state.State[0]) { ["step"] = Tensor.From(step) };
        Assert.Throws<ArgumentException>(() =>
            Kinds["Adam"](Leaves()).LoadStateDict(state with { State = new Dictionary<int, IReadOnlyDictionary<string, Tensor>> { [0] = entries } }));
    }

    /// <summary>What is saved between a change of settings and the next step is what that step would find.</summary>
    [Fact]
    public void A_state_fits_its_settings_right_after_they_have_changed()
    {
        var adam = (Adam)Stepped("Adam");
        adam.ParameterGroups[0].Options = adam.ParameterGroups[0].Options with { AmsGrad = true };
        Optimizer target = Kinds["Adam"](Leaves());
        target.LoadStateDict(adam.StateDict());
        Assert.Equal(["exp_avg", "exp_avg_sq", "max_exp_avg_sq"], target.ParameterGroups[0].States[0].Names);
        var sgd = (Sgd)Stepped("Sgd with momentum");
        sgd.ParameterGroups[0].Options = sgd.ParameterGroups[0].Options with { Momentum = 0 };
        Kinds["Sgd"](Leaves()).LoadStateDict(sgd.StateDict());
    }

    [Theory, MemberData(nameof(SchedulePairs))]
    public void A_schedules_state_is_taken_by_its_own_kind_only(string from, string to)
    {
        IReadOnlyDictionary<string, object?> state = Schedules[from](Kinds["Sgd"](Leaves())).StateDict();
        Optimizer optimizer = Kinds["Sgd"](Leaves());
        ILrScheduler target = Schedules[to](optimizer);
        optimizer.ParameterGroups[0].LearningRate = 0.125;
        if (from == to) target.LoadStateDict(state);
        else
        {
            string message = Assert.Throws<ArgumentException>(() => target.LoadStateDict(state)).Message;
            Assert.Contains(from, message);
            Assert.Contains(to, message);
            Assert.Equal(0.125, optimizer.ParameterGroups[0].LearningRate);
        }
        // PyTorch's own say nothing about it.
        if (from != "ReduceLrOnPlateau" && to != "ReduceLrOnPlateau") target.LoadStateDict(state.Where(pair => pair.Key != "kind").ToDictionary());
    }

    [Theory, InlineData("last_epoch", -1.0), InlineData("last_epoch", 0.5), InlineData("last_epoch", double.NaN), InlineData("last_epoch", "one"),
        InlineData("last_epoch", 1e10),
        InlineData("_last_lr", 0.5), InlineData("_last_lr", "fast")]
    public void A_schedules_numbers_are_looked_at(string name, object value)
    {
        var schedule = (LrScheduler)Schedules["StepLr"](Kinds["Sgd"](Leaves()));
        schedule.Step();
        var state = new Dictionary<string, object?>(schedule.StateDict()) { [name] = value };
        Assert.Throws<ArgumentException>(() => schedule.LoadStateDict(state));
        state = new(schedule.StateDict()) { ["_last_lr"] = new[] { double.NaN } };
        Assert.Throws<ArgumentException>(() => schedule.LoadStateDict(state));
        Assert.Equal(1, schedule.LastEpoch);
    }

    [Fact]
    public void A_checkpoint_says_of_what_kind_its_optimizer_and_schedules_are()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "run.safetensors");
        var model = new Linear(2, 2);
        var adam = new Adam(model.Parameters());
        var cosine = new CosineAnnealingLr(adam, 5);
        model.Call(Tensor.Ones(1, 2)).Sum().Backward();
        adam.Step();
        cosine.Step();
        Checkpoint.Save(path, model, adam, 1, schedulers: [cosine, new ReduceLrOnPlateau(adam)]);
        using (SafeTensors file = SafeTensors.Open(path)) Assert.Equal("Adam", file.Metadata["facula.optimizer.kind"]);

        var sgd = new Sgd(model.Parameters(), 0.5);
        Assert.Contains("Adam", Assert.Throws<ArgumentException>(() => Checkpoint.Load(path, model, sgd)).Message);
        Assert.Equal(0.5, sgd.ParameterGroups[0].LearningRate);
        var fresh = new Adam(model.Parameters());
        Assert.Contains("CosineAnnealingLr", Assert.Throws<ArgumentException>(() =>
            Checkpoint.Load(path, model, fresh, schedulers: [new StepLr(fresh, 2), new ReduceLrOnPlateau(fresh)])).Message);
        Assert.Equal(0, fresh.ParameterGroups[0].States[0].Step);
        var again = new CosineAnnealingLr(fresh, 5);
        Assert.Equal(1, Checkpoint.Load(path, model, fresh, schedulers: [again, new ReduceLrOnPlateau(fresh)]));
        Assert.Equal((1, 1), (again.LastEpoch, fresh.ParameterGroups[0].States[0].Step));
    }
}
