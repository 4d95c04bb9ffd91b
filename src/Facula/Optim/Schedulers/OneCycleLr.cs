namespace Facula.Optim;

/// <summary>The curve along which a rate goes from one value to another.</summary>
public enum AnnealStrategy
{
    /// <summary>Half a cosine: flat at both ends.</summary>
    Cosine,

    /// <summary>A straight line.</summary>
    Linear,
}

/// <summary>Settings of <see cref="OneCycleLr"/>: <c>new() { CycleMomentum = false }</c>.</summary>
public sealed record OneCycleLrOptions
{
    /// <summary>The share of the steps in which the rate rises. PyTorch's pct_start.</summary>
    public double PctStart { get; init; } = 0.3;

    /// <summary>The curve of rising and falling. PyTorch's anneal_strategy.</summary>
    public AnnealStrategy AnnealStrategy { get; init; } = AnnealStrategy.Cosine;

    /// <summary>Whether momentum changes as well. PyTorch's cycle_momentum.</summary>
    public bool CycleMomentum { get; init; } = true;

    /// <summary>Momentum where the rate is at its maximum. PyTorch's base_momentum.</summary>
    public double BaseMomentum { get; init; } = 0.85;

    /// <summary>Momentum at start and end. PyTorch's max_momentum.</summary>
    public double MaxMomentum { get; init; } = 0.95;

    /// <summary>The maximum divided by the rate at the start. PyTorch's div_factor.</summary>
    public double DivFactor { get; init; } = 25;

    /// <summary>The rate at the start divided by that at the end. PyTorch's final_div_factor.</summary>
    public double FinalDivFactor { get; init; } = 1e4;

    /// <summary>Whether the rate falls back to that of the start as it rose, and only then further. PyTorch's three_phase.</summary>
    public bool ThreePhase { get; init; }
}

/// <summary>
/// One cycle over the whole of training, counted in batches: the learning rate rises from low to its maximum, then falls far below where it began, and momentum
/// goes the opposite way. Smith and Topin 2018, arXiv:1708.07120. torch.optim.lr_scheduler.OneCycleLR.
/// </summary>
public class OneCycleLr : LrScheduler
{
    private readonly double[] _maximum;
    private readonly int _totalSteps;
    private readonly OneCycleLrOptions _options;
    private readonly Phase[] _phases;

    private enum Level
    {
        Start,
        Maximum,
        Final,
    }

    private readonly record struct Phase(double End, Level From, Level To, double FromMomentum, double ToMomentum);

    /// <summary>A cycle with the same maximum for all groups.</summary>
    /// <param name="optimizer">Whose learning rates and momentum change: momentum where it has that, Beta1 where it has that.</param>
    /// <param name="maxLearningRate">The greatest learning rate. PyTorch's max_lr.</param>
    /// <param name="totalSteps">Steps of the cycle: epochs times batches of an epoch.</param>
    /// <param name="options">The shape of the cycle.</param>
    /// <exception cref="ArgumentException">A setting is out of its range, or momentum is to change but the optimizer has none.</exception>
    public OneCycleLr(Optimizer optimizer, double maxLearningRate, int totalSteps, OneCycleLrOptions? options = null)
        : this(optimizer, ForAll(optimizer, maxLearningRate), totalSteps, options) { }

    /// <summary>A cycle with the same maximum for all groups: <c>new OneCycleLr(optimizer, 0.01, epochs: 10, stepsPerEpoch: loader.Count)</c>.</summary>
    /// <param name="optimizer">Whose learning rates and momentum change: momentum where it has that, Beta1 where it has that.</param>
    /// <param name="maxLearningRate">The greatest learning rate. PyTorch's max_lr.</param>
    /// <param name="epochs">Epochs of the cycle.</param>
    /// <param name="stepsPerEpoch">Batches of an epoch.</param>
    /// <param name="options">The shape of the cycle.</param>
    /// <exception cref="ArgumentException">A setting is out of its range, or momentum is to change but the optimizer has none.</exception>
    public OneCycleLr(Optimizer optimizer, double maxLearningRate, int epochs, int stepsPerEpoch, OneCycleLrOptions? options = null)
        : this(optimizer, ForAll(optimizer, maxLearningRate), epochs, stepsPerEpoch, options) { }

    /// <summary>A cycle with a maximum for each group, of so many epochs of so many steps.</summary>
    /// <param name="optimizer">Whose learning rates and momentum change: momentum where it has that, Beta1 where it has that.</param>
    /// <param name="maxLearningRates">The greatest learning rate of each group. PyTorch's max_lr.</param>
    /// <param name="epochs">Epochs of the cycle.</param>
    /// <param name="stepsPerEpoch">Batches of an epoch.</param>
    /// <param name="options">The shape of the cycle.</param>
    /// <exception cref="ArgumentException">A setting is out of its range, there is another number of groups, or momentum is to change but the optimizer has
    /// none.</exception>
    public OneCycleLr(Optimizer optimizer, IReadOnlyList<double> maxLearningRates, int epochs, int stepsPerEpoch, OneCycleLrOptions? options = null)
        : this(optimizer, maxLearningRates, StepsOf(epochs, stepsPerEpoch), options) { }

    /// <summary>A cycle with a maximum for each group.</summary>
    /// <param name="optimizer">Whose learning rates and momentum change: momentum where it has that, Beta1 where it has that.</param>
    /// <param name="maxLearningRates">The greatest learning rate of each group. PyTorch's max_lr.</param>
    /// <param name="totalSteps">Steps of the cycle: epochs times batches of an epoch.</param>
    /// <param name="options">The shape of the cycle.</param>
    /// <exception cref="ArgumentException">A setting is out of its range, there is another number of groups, or momentum is to change but the optimizer has
    /// none.</exception>
    public OneCycleLr(Optimizer optimizer, IReadOnlyList<double> maxLearningRates, int totalSteps, OneCycleLrOptions? options = null)
        : base(Checked(optimizer, maxLearningRates, totalSteps, options ??= new()))
    {
        (_maximum, _totalSteps, _options) = ([.. maxLearningRates], totalSteps, options);
        (double low, double high) = (options.BaseMomentum, options.MaxMomentum);
        var rise = new Phase(options.PctStart * totalSteps - 1, Level.Start, Level.Maximum, high, low);
        _phases = options.ThreePhase
            ? [rise, new(2 * options.PctStart * totalSteps - 2, Level.Maximum, Level.Start, low, high),
                new(totalSteps - 1, Level.Start, Level.Final, high, high)]
            : [rise, new(totalSteps - 1, Level.Maximum, Level.Final, low, high)];
        Begin([.. _maximum.Select(maximum => maximum / options.DivFactor)]);
        Apply(0);
    }

    private static double[] ForAll(Optimizer optimizer, double maxLearningRate) =>
        [.. Check.NotNull(optimizer, operation: nameof(OneCycleLr)).ParameterGroups.Select(_ => maxLearningRate)];

    private static int StepsOf(int epochs, int stepsPerEpoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerEpoch, 1);
        return Check.Size("OneCycleLr", (long)epochs * stepsPerEpoch, "the number of steps, epochs times steps of an epoch,");
    }

    /// <summary>What can be refused is, before the base class moves rates.</summary>
    private static Optimizer Checked(Optimizer optimizer, IReadOnlyList<double> maxLearningRates, int totalSteps, OneCycleLrOptions options)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(maxLearningRates);
        if (maxLearningRates.Count != optimizer.ParameterGroups.Count)
        {
            throw new ArgumentException($"OneCycleLr: {maxLearningRates.Count} maxima for {optimizer.ParameterGroups.Count} groups; " +
                "give one for each, or one for all.", nameof(maxLearningRates));
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        foreach (double maximum in maxLearningRates) Check.NotNegative("OneCycleLr", maximum, "maxLearningRate");
        Check.Fraction("OneCycleLr", options.PctStart, nameof(options.PctStart));
        Check.NotNegative("OneCycleLr", options.BaseMomentum, nameof(options.BaseMomentum));
        Check.NotNegative("OneCycleLr", options.MaxMomentum, nameof(options.MaxMomentum));
        Check.Positive("OneCycleLr", options.DivFactor, nameof(options.DivFactor));
        Check.Positive("OneCycleLr", options.FinalDivFactor, nameof(options.FinalDivFactor));
        if (options.CycleMomentum && optimizer.ParameterGroups.Any(group => MomentumOf(group) is null))
            throw new ArgumentException("OneCycleLr: this optimizer has neither momentum nor betas; set CycleMomentum = false.", nameof(options));
        return optimizer;
    }

    /// <inheritdoc/>
    protected override double Rate(int group, double current, double initial, int epoch)
    {
        (Phase phase, double done) = At(epoch);
        double RateAt(Level level) => level switch
        {
            Level.Maximum => _maximum[group],
            Level.Start => _maximum[group] / _options.DivFactor,
            _ => _maximum[group] / _options.DivFactor / _options.FinalDivFactor,
        };
        return Anneal(RateAt(phase.From), RateAt(phase.To), done);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The cycle is over.</exception>
    protected override void Apply(int epoch)
    {
        if (epoch > _totalSteps)
            throw new InvalidOperationException($"OneCycleLr: step {epoch} of a cycle of {_totalSteps} steps; totalSteps must be epochs times batches.");
        base.Apply(epoch);
        if (!_options.CycleMomentum) return;
        (Phase phase, double done) = At(epoch);
        double momentum = Anneal(phase.FromMomentum, phase.ToMomentum, done);
        for (int i = 0; i < _maximum.Length; i++) SetMomentum(Optimizer.ParameterGroups[i], momentum);
    }

    /// <inheritdoc/>
    public override Action PrepareLoad(IReadOnlyDictionary<string, object?> state)
    {
        Action load = base.PrepareLoad(state);
        int epoch = ReadCount(state, "last_epoch");
        if (epoch > _totalSteps)
            throw new ArgumentException($"LoadStateDict: the state is of step {epoch}, but this cycle has {_totalSteps} steps.", nameof(state));
        return () =>
        {
            load();
            Apply(epoch);
        };
    }

    /// <summary>The phase that a step is in, and how much of it is done.</summary>
    private (Phase Phase, double Done) At(int step)
    {
        int i = 0;
        while (i < _phases.Length - 1 && step > _phases[i].End) i++;
        double start = i == 0 ? 0 : _phases[i - 1].End, length = _phases[i].End - start;
        // A call after the last batch asks for a step that is never taken; it keeps the last rate.
        return (_phases[i], length == 0 ? 1 : Math.Min(1, (step - start) / length));
    }

    private double Anneal(double from, double to, double done) =>
        _options.AnnealStrategy == AnnealStrategy.Linear ? (to - from) * done + from : to + (from - to) / 2 * (1 + Math.Cos(Math.PI * done));

    // What Adam calls Beta1 others call momentum; PyTorch's names tell which there is, for optimizers of the user's own as well.
    private static double? MomentumOf(ParameterGroup group)
    {
        IReadOnlyDictionary<string, object?> settings = group.CommonOptions.ToState();
        if (settings.TryGetValue("betas", out object? betas)) return betas is (double beta1, double _) ? beta1 : null;
        return settings.TryGetValue("momentum", out object? momentum) ? momentum as double? : null;
    }

    private static void SetMomentum(ParameterGroup group, double value)
    {
        OptimizerOptions options = group.CommonOptions;
        KeyValuePair<string, object?> setting = options.ToState().TryGetValue("betas", out object? betas) && betas is (double _, double beta2)
            ? new("betas", (value, beta2)) : new("momentum", value);
        group.CommonOptions = options.FromState(new Dictionary<string, object?>([setting]));
    }
}
