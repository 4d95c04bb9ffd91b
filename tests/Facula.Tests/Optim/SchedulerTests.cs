using Facula.Optim;

namespace Facula.Tests.Optim;

/// <summary>The expected rates are those of PyTorch 1.13.1's torch.optim.lr_scheduler with the same settings.</summary>
public sealed class SchedulerTests
{
    private static Sgd Sgd(double rate = 0.1) => new([Tensor.From([0f], requiresGrad: true)], rate, momentum: 0.9);

    private static double[] Rates(Optimizer optimizer, int count, Action step)
    {
        var rates = new double[count];
        for (int i = 0; i < count; i++)
        {
            rates[i] = optimizer.ParameterGroups[0].LearningRate;
            if (i < count - 1) step();
        }
        return rates;
    }

    private static void Near(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-14, $"at {i}: {actual[i]:R}, not {expected[i]:R}");
    }

    public static TheoryData<string, double[]> Schedules => new()
    {
        { "step", [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025] },
        { "multistep", [0.1, 0.1, 0.01, 0.01, 0.01, 0.0001, 0.0001, 0.0001] },
        { "exponential", [0.1, 0.09, 0.081, 0.0729, 0.06561, 0.059049] },
        { "lambda", [0.1, 0.05, 0.03333333333333333, 0.025, 0.02] },
        {
            "cosine", [0.1, 0.09140576474687263, 0.06890576474687263, 0.04109423525312736, 0.018594235253127367, 0.01, 0.018594235253127367,
                0.04109423525312739,
                0.06890576474687267, 0.09140576474687269, 0.1, 0.09140576474687272, 0.06890576474687268, 0.0410942352531274]
        },
        {
            "one cycle", [0.0004, 0.0052, 0.01, 0.009504846320134737, 0.008117456539497631, 0.0061126202193628925, 0.003887419780637108, 0.00188258346050237,
                0.0004951936798652628, 4e-08]
        },
        { "cosine of one epoch", [0.1, 0.01, 0.1, 0.01, 0.1, 0.01] },
        { "one cycle of three short phases", [0.04, 1, 0.04, 4e-6] },
        { "one cycle that only rises", [0.04, 0.36, 0.68, 1] },
        { "one cycle that only falls", [0.750001, 0.500002, 0.250003, 4e-6] },
    };

    private static LrScheduler Make(string name, Optimizer optimizer) => name switch
    {
        "step" => new StepLr(optimizer, 3, 0.5),
        "multistep" => new MultiStepLr(optimizer, [2, 5, 5]),
        "exponential" => new ExponentialLr(optimizer, 0.9),
        "lambda" => new LambdaLr(optimizer, epoch => 1.0 / (1 + epoch)),
        "cosine" => new CosineAnnealingLr(optimizer, 5, 0.01),
        "one cycle" => new OneCycleLr(optimizer, 0.01, totalSteps: 10),
        "cosine of one epoch" => new CosineAnnealingLr(optimizer, 1, 0.01),
        "one cycle of three short phases" =>
            new OneCycleLr(optimizer, 1, 4, new() { PctStart = 0.5, AnnealStrategy = AnnealStrategy.Linear, ThreePhase = true }),
        "one cycle that only rises" => new OneCycleLr(optimizer, 1, 4, new() { PctStart = 1, AnnealStrategy = AnnealStrategy.Linear }),
        _ => new OneCycleLr(optimizer, 1, 4, new() { PctStart = 0, AnnealStrategy = AnnealStrategy.Linear }),
    };

    [Theory, MemberData(nameof(Schedules))]
    public void Scheduler_gives_PyTorchs_rates(string name, double[] expected)
    {
        Sgd optimizer = Sgd();
        LrScheduler scheduler = Make(name, optimizer);
        Near(expected, Rates(optimizer, expected.Length, scheduler.Step));
        Assert.Equal(expected.Length - 1, scheduler.LastEpoch);
        // One cycle begins, as PyTorch's base_lrs say too, with a 25th of its maximum.
        Assert.Equal([name == "one cycle" ? 0.0004 : scheduler is OneCycleLr ? 0.04 : 0.1], scheduler.InitialLearningRates);
    }

    [Theory, MemberData(nameof(Schedules))]
    public void Scheduler_goes_on_from_its_state(string name, double[] expected)
    {
        Sgd first = Sgd(), second = Sgd(0.7);
        LrScheduler before = Make(name, first);
        for (int i = 0; i < 3; i++) before.Step();
        LrScheduler after = Make(name, second);
        after.LoadStateDict(before.StateDict());
        Near(expected[3..], Rates(second, expected.Length - 3, after.Step));
    }

    [Fact]
    public void One_cycle_is_given_by_its_steps_or_by_epochs_and_steps_of_an_epoch()
    {
        OneCycleLr Of(Func<Optimizer, OneCycleLr> make) => make(new Sgd([Tensor.Zeros([1], requiresGrad: true)], 0.1, momentum: 0.9));
        OneCycleLr steps = Of(o => new(o, 0.1, totalSteps: 12, new() { PctStart = 0.4 })),
            epochs = Of(o => new(o, 0.1, epochs: 3, stepsPerEpoch: 4, new() { PctStart = 0.4 }));
        OneCycleLr each = Of(o => new(o, [0.1], epochs: 3, stepsPerEpoch: 4, new() { PctStart = 0.4 }));
        for (int i = 0; i < 12; i++)
        {
            Assert.Equal(steps.LearningRates, epochs.LearningRates);
            Assert.Equal(steps.LearningRates, each.LearningRates);
            foreach (OneCycleLr cycle in (OneCycleLr[])[steps, epochs, each]) cycle.Step();
        }
        Assert.Throws<InvalidOperationException>(epochs.Step);
        Assert.Throws<ArgumentOutOfRangeException>(() => Of(o => new(o, 0.1, epochs: 0, stepsPerEpoch: 4)));
        Assert.ThrowsAny<Exception>(() => Of(o => new(o, 0.1, epochs: int.MaxValue, stepsPerEpoch: 2)));
    }

    [Fact]
    public void Schedulers_of_one_optimizer_multiply()
    {
        Sgd optimizer = Sgd();
        var warm = new LambdaLr(optimizer, epoch => (epoch + 1) / 4.0);
        var slow = new MultiStepLr(optimizer, [1], 0.5);
        Assert.Equal(0.025, optimizer.ParameterGroups[0].LearningRate);
        Assert.Equal([0.1], slow.InitialLearningRates);
        warm.Step();
        slow.Step();
        Assert.Equal(0.025, optimizer.ParameterGroups[0].LearningRate);
    }

    [Fact]
    public void Schedulers_know_groups()
    {
        Sgd optimizer = Sgd();
        optimizer.AddParameterGroup([Tensor.From([0f], requiresGrad: true)], options => options with { LearningRate = 1 });
        new ExponentialLr(optimizer, 0.5).Step();
        Assert.Equal([0.05, 0.5], optimizer.ParameterGroups.Select(group => group.LearningRate));
        Assert.Contains("1 functions for 2 groups", Assert.Throws<ArgumentException>(() => new LambdaLr(optimizer, [_ => 1])).Message);
        var cycle = new OneCycleLr(optimizer, [25, 50], totalSteps: 4);
        Near([1, 2], [.. cycle.LearningRates]);
    }

    [Fact]
    public void OneCycle_moves_momentum_the_other_way()
    {
        double[] expected = [0.95, 0.9, 0.85, 0.854951556604879, 0.8688255099070633, 0.8888739533021842, 0.9111260466978157, 0.9311744900929366,
            0.945048443395121, 0.95];
        Sgd optimizer = Sgd();
        var scheduler = new OneCycleLr(optimizer, 0.01, totalSteps: 10);
        var momentum = new List<double>();
        Rates(optimizer, 10, () =>
        {
            momentum.Add(optimizer.ParameterGroups[0].Options.Momentum);
            scheduler.Step();
        });
        momentum.Add(optimizer.ParameterGroups[0].Options.Momentum);
        Near(expected, [.. momentum]);
    }

    [Fact]
    public void OneCycle_in_three_straight_phases_moves_beta1()
    {
        double[] rates = [0.001, 0.0033684210526315787, 0.005736842105263157, 0.008105263157894737, 0.009526315789473687, 0.007157894736842108,
            0.004789473684210528,
            0.0024210526315789505, 0.0008835294117647063, 0.0005923529411764708, 0.0003011764705882355, 1e-05];
        double[] betas = [0.95, 0.9236842105263158, 0.8973684210526316, 0.8710526315789473, 0.8552631578947368, 0.881578947368421, 0.9078947368421052,
            0.9342105263157894,
            0.95, 0.95, 0.95, 0.95];
        var optimizer = new Adam([Tensor.From([0f], requiresGrad: true)], 0.1);
        var scheduler = new OneCycleLr(optimizer, 0.01, 2 * 6,
            new() { PctStart = 0.4, AnnealStrategy = AnnealStrategy.Linear, DivFactor = 10, FinalDivFactor = 100, ThreePhase = true });
        for (int i = 0; i < 12; i++)
        {
            Near([rates[i], betas[i], 0.999],
                [optimizer.ParameterGroups[0].LearningRate, optimizer.ParameterGroups[0].Options.Beta1, optimizer.ParameterGroups[0].Options.Beta2]);
            scheduler.Step();
        }
        Near([1e-5], [.. scheduler.LearningRates]);
        Assert.Contains("step 13 of a cycle of 12", Assert.Throws<InvalidOperationException>(scheduler.Step).Message);
        Assert.Equal(12, scheduler.LastEpoch);
    }

    [Fact]
    public void OneCycle_needs_momentum_to_change()
    {
        var optimizer = new Adagrad([Tensor.From([0f], requiresGrad: true)], 0.1);
        Assert.Contains("CycleMomentum = false", Assert.Throws<ArgumentException>(() => new OneCycleLr(optimizer, 1, 10)).Message);
        Near([0.04], [.. new OneCycleLr(optimizer, 1, 10, new() { CycleMomentum = false }).LearningRates]);
    }

    [Fact]
    public void ReduceLrOnPlateau_gives_PyTorchs_rates()
    {
        double[] losses = [5, 4, 3.9, 3.8, 3.7, 3.6, 3.5, 3.5, 3.5, 3.5, 1, 1, 1, 1, 1, 1, 1];
        double[] expected = [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2];
        ReduceLrOnPlateau Make(Optimizer optimizer) => new(optimizer, factor: 0.5, patience: 1, threshold: 0.1, cooldown: 1, minLearningRate: 0.2);
        Sgd optimizer = Sgd(1);
        ReduceLrOnPlateau scheduler = Make(optimizer);
        for (int i = 0; i < losses.Length; i++)
        {
            scheduler.Step(losses[i]);
            Assert.Equal(expected[i], optimizer.ParameterGroups[0].LearningRate);
            ReduceLrOnPlateau next = Make(optimizer);
            next.LoadStateDict(scheduler.StateDict());
            scheduler = next;
        }
        Assert.Equal((1.0, losses.Length), (scheduler.Best, scheduler.LastEpoch));
    }

    [Fact]
    public void ReduceLrOnPlateau_upwards_by_an_absolute_threshold_gives_PyTorchs_rates()
    {
        Sgd optimizer = Sgd(1);
        var scheduler = new ReduceLrOnPlateau(optimizer, PlateauMode.Max, patience: 0, threshold: 0.01, thresholdMode: ThresholdMode.Absolute);
        var rates = new List<double>();
        foreach (double accuracy in (double[])[0.5, 0.505, 0.52, 0.52, 0.6])
        {
            scheduler.Step(accuracy);
            rates.Add(optimizer.ParameterGroups[0].LearningRate);
        }
        Near([1, 0.1, 0.1, 0.01, 0.01], [.. rates]);
    }

    [Fact]
    public void LoadStateDict_says_what_is_missing()
    {
        var scheduler = new StepLr(Sgd(), 1);
        Assert.Contains("base_lrs", Assert.Throws<ArgumentException>(() => scheduler.LoadStateDict(new Dictionary<string, object?>())).Message);
        Assert.Contains("best", Assert.Throws<ArgumentException>(() => new ReduceLrOnPlateau(Sgd()).LoadStateDict(new Dictionary<string, object?>())).Message);
    }

    public static TheoryData<string> Kinds => ["step", "multistep", "exponential", "lambda", "cosine", "cosine of one epoch"];

    /// <summary>PyTorch's cosine stays at 0 here for its whole length, then jumps.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public void A_schedule_made_after_another_has_ended_starts_from_the_initial_rate(string kind)
    {
        Sgd fresh = Sgd(), used = Sgd();
        LrScheduler expected = Make(kind, fresh);
        Rates(used, 6, new CosineAnnealingLr(used, 5).Step);
        Assert.Equal(0, used.ParameterGroups[0].LearningRate, 1e-15);
        LrScheduler schedule = Make(kind, used);
        Assert.Equal([0.1], schedule.InitialLearningRates);
        Near(Rates(fresh, 12, expected.Step), Rates(used, 12, schedule.Step));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_rate_set_by_hand_is_where_a_new_schedule_starts(string kind)
    {
        Sgd fresh = Sgd(0.02), used = Sgd();
        LrScheduler expected = Make(kind, fresh);
        Rates(used, 6, new CosineAnnealingLr(used, 5).Step);
        used.ParameterGroups[0].LearningRate = 0.02;
        Near(Rates(fresh, 12, expected.Step), Rates(used, 12, Make(kind, used).Step));
    }

    [Fact]
    public void Schedules_made_together_join_in_also_after_others()
    {
        Sgd optimizer = Sgd();
        Rates(optimizer, 6, new CosineAnnealingLr(optimizer, 5).Step);
        LrScheduler first = new LambdaLr(optimizer, epoch => epoch < 2 ? 0.5 : 1), second = new ExponentialLr(optimizer, 0.5);
        Assert.Equal(0.05, optimizer.ParameterGroups[0].LearningRate);
        first.Step();
        second.Step();
        Assert.Equal(0.025, optimizer.ParameterGroups[0].LearningRate);
    }

    [Fact]
    public void A_schedule_made_after_a_loaded_one_starts_from_the_initial_rate()
    {
        Sgd before = Sgd(), after = Sgd(0.7);
        var ended = new CosineAnnealingLr(before, 5);
        for (int i = 0; i < 5; i++) ended.Step();
        new CosineAnnealingLr(after, 5).LoadStateDict(ended.StateDict());
        _ = new StepLr(after, 3);
        Assert.Equal(0.1, after.ParameterGroups[0].LearningRate);
    }

    [Fact]
    public void A_schedule_that_is_refused_moves_no_rate()
    {
        Sgd optimizer = Sgd();
        Rates(optimizer, 4, new StepLr(optimizer, 1).Step);
        double rate = optimizer.ParameterGroups[0].LearningRate;
        Assert.ThrowsAny<ArgumentException>(() => new OneCycleLr(optimizer, 1, 0));
        Assert.ThrowsAny<ArgumentException>(() => new LambdaLr(optimizer, [_ => 1, _ => 2]));
        Assert.ThrowsAny<ArgumentException>(() => new StepLr(optimizer, 0));
        Assert.Equal(rate, optimizer.ParameterGroups[0].LearningRate);
    }
}
