namespace Facula.Optim;

/// <summary>Which way a measurement becomes better.</summary>
public enum PlateauMode
{
    /// <summary>Smaller is better, as of a loss.</summary>
    Min,

    /// <summary>Greater is better, as of an accuracy.</summary>
    Max,
}

/// <summary>What a threshold is compared with.</summary>
public enum ThresholdMode
{
    /// <summary>The share of the best value by which a value must be better.</summary>
    Relative,

    /// <summary>The difference from the best value.</summary>
    Absolute,
}

/// <summary>
/// Multiplies the learning rate by a factor when a measurement, such as the validation loss, has stopped becoming better;
/// call <see cref="Step"/> with it after each epoch. torch.optim.lr_scheduler.ReduceLROnPlateau.
/// </summary>
/// <param name="optimizer">Whose learning rates change.</param>
/// <param name="mode">Which way is better.</param>
/// <param name="factor">The factor, less than 1.</param>
/// <param name="patience">Epochs in a row that may be no better before the rate changes.</param>
/// <param name="threshold">How much better counts as better.</param>
/// <param name="thresholdMode">What the threshold is compared with.</param>
/// <param name="cooldown">Epochs after a change in which no bad ones are counted.</param>
/// <param name="minLearningRate">The least rate. PyTorch's min_lr.</param>
/// <param name="eps">A change that is no larger is not made.</param>
public class ReduceLrOnPlateau(Optimizer optimizer, PlateauMode mode = PlateauMode.Min, double factor = 0.1, int patience = 10, double threshold = 1e-4,
    ThresholdMode thresholdMode = ThresholdMode.Relative, int cooldown = 0, double minLearningRate = 0, double eps = 1e-8) : ILrScheduler
{
    private readonly double _factor = Check.LessThanOne(nameof(ReduceLrOnPlateau), factor);
    private readonly int _patience = NotNegative(patience, nameof(patience)), _cooldown = NotNegative(cooldown, nameof(cooldown));
    private readonly double _threshold = Check.NotNegative(nameof(ReduceLrOnPlateau), threshold), _eps = Check.NotNegative(nameof(ReduceLrOnPlateau), eps);
    private readonly double _least = Check.NotNegative(nameof(ReduceLrOnPlateau), minLearningRate);
    private int _bad;
    private int _cooling;

    /// <summary>Whose learning rates change.</summary>
    public Optimizer Optimizer { get; } = Check.NotNull(optimizer, operation: nameof(ReduceLrOnPlateau));

    /// <summary>The best value so far.</summary>
    public double Best { get; private set; } = mode == PlateauMode.Min ? double.PositiveInfinity : double.NegativeInfinity;

    /// <summary>How often <see cref="Step"/> has been called.</summary>
    public int LastEpoch { get; private set; }

    /// <summary>Takes note of an epoch's measurement, and lowers the rates where it is time. torch.optim.lr_scheduler.ReduceLROnPlateau.step.</summary>
    public void Step(double measurement)
    {
        LastEpoch++;
        if (IsBetter(measurement)) (Best, _bad) = (measurement, 0);
        else _bad++;
        if (_cooling > 0) (_cooling, _bad) = (_cooling - 1, 0);
        if (_bad <= _patience) return;
        foreach (ParameterGroup group in Optimizer.ParameterGroups)
        {
            double lower = Math.Max(group.LearningRate * _factor, _least);
            if (group.LearningRate - lower <= _eps) continue;
            // For a schedule that is made after this one, it is a schedule that has lowered the rate, nobody's hand.
            if (group.LearningRate == group.ScheduledLearningRate) group.ScheduledLearningRate = lower;
            group.LearningRate = lower;
        }
        (_cooling, _bad) = (_cooldown, 0);
    }

    private static int NotNegative(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        return value;
    }

    private bool IsBetter(double value)
    {
        int sign = mode == PlateauMode.Min ? -1 : 1;
        double bar = thresholdMode == ThresholdMode.Relative ? Best * (1 + sign * _threshold) : Best + sign * _threshold;
        return mode == PlateauMode.Min ? value < bar : value > bar;
    }

    /// <summary>What it has seen so far, under PyTorch's names; its settings and the rates are not part of it.</summary>
    public IReadOnlyDictionary<string, object?> StateDict() => new OrderedDictionary<string, object?>
    {
        ["best"] = Best,
        ["num_bad_epochs"] = _bad,
        ["cooldown_counter"] = _cooling,
        ["last_epoch"] = LastEpoch,
        [LrScheduler.KindKey] = nameof(ReduceLrOnPlateau),
    };

    /// <summary>Goes on from where another one was; the learning rates come back with the optimizer's own state.</summary>
    /// <exception cref="ArgumentException">The state is of another kind of schedule, or an entry is missing or no number that it can be;
    /// nothing has been changed.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, object?> state) => PrepareLoad(state)();

    /// <summary>Checks a state and returns what goes on from there, which then cannot fail.</summary>
    /// <exception cref="ArgumentException">An entry is missing or no number that it can be.</exception>
    public Action PrepareLoad(IReadOnlyDictionary<string, object?> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        LrScheduler.CheckKind(state, nameof(ReduceLrOnPlateau));
        (double best, int bad) = (LrScheduler.ReadNumber(state, "best"), LrScheduler.ReadCount(state, "num_bad_epochs"));
        (int cooling, int epoch) = (LrScheduler.ReadCount(state, "cooldown_counter"), LrScheduler.ReadCount(state, "last_epoch"));
        return () => (Best, _bad, _cooling, LastEpoch) = (best, bad, cooling, epoch);
    }
}
