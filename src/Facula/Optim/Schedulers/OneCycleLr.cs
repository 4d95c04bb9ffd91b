namespace Facula.Optim;

/// <summary>The curve along which a rate goes from one value to another.</summary>
public enum AnnealStrategy
{
    /// <summary>Half a cosine: flat at both ends.</summary>
    Cosine,

    /// <summary>A straight line.</summary>
    Linear,
}

/// <summary>
/// One cycle over the whole of training, counted in batches: the learning rate rises from low to its maximum, then falls far below where it began, and momentum
/// goes the opposite way. Smith and Topin 2018, arXiv:1708.07120. torch.optim.lr_scheduler.OneCycleLR.
/// </summary>
public sealed class OneCycleLr : LrScheduler
{
    private readonly double[] _maximum;
    private readonly int _totalSteps;
    private readonly AnnealStrategy _strategy;
    private readonly bool _cycleMomentum;
    private readonly double _divFactor;
    private readonly double _finalDivFactor;
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
    /// <param name="maxLearningRate">The greatest learning rate.</param>
    /// <param name="totalSteps">Steps of the cycle: epochs times batches of an epoch.</param>
    /// <param name="pctStart">The share of the steps in which the rate rises.</param>
    /// <param name="annealStrategy">The curve of rising and falling.</param>
    /// <param name="cycleMomentum">Whether momentum changes as well.</param>
    /// <param name="baseMomentum">Momentum where the rate is at its maximum.</param>
    /// <param name="maxMomentum">Momentum at start and end.</param>
    /// <param name="divFactor">The maximum divided by the rate at the start.</param>
    /// <param name="finalDivFactor">The rate at the start divided by that at the end.</param>
    /// <param name="threePhase">Whether the rate falls back to that of the start as it rose, and only then further.</param>
    /// <exception cref="ArgumentException">A setting is out of its range, or momentum is to change but the optimizer has none.</exception>
    public OneCycleLr(Optimizer optimizer, double maxLearningRate, int totalSteps, double pctStart = 0.3, AnnealStrategy annealStrategy = AnnealStrategy.Cosine,
        bool cycleMomentum = true, double baseMomentum = 0.85, double maxMomentum = 0.95, double divFactor = 25, double finalDivFactor = 1e4, bool threePhase = false)
        : this(optimizer, [.. optimizer.ParameterGroups.Select(_ => maxLearningRate)], totalSteps, pctStart, annealStrategy, cycleMomentum, baseMomentum, maxMomentum,
            divFactor, finalDivFactor, threePhase)
    {
    }

    /// <summary>A cycle with a maximum for each group; the other settings are those of the other constructor.</summary>
    /// <inheritdoc cref="OneCycleLr(Optimizer, double, int, double, AnnealStrategy, bool, double, double, double, double, bool)"/>
    public OneCycleLr(Optimizer optimizer, IReadOnlyList<double> maxLearningRates, int totalSteps, double pctStart = 0.3,
        AnnealStrategy annealStrategy = AnnealStrategy.Cosine, bool cycleMomentum = true, double baseMomentum = 0.85, double maxMomentum = 0.95, double divFactor = 25,
        double finalDivFactor = 1e4, bool threePhase = false) : base(optimizer)
    {
        if (maxLearningRates.Count != optimizer.ParameterGroups.Count)
        {
            throw new ArgumentException($"OneCycleLr: {maxLearningRates.Count} maxima for {optimizer.ParameterGroups.Count} groups; give one for each, or one for all.",
                nameof(maxLearningRates));
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        if (!(pctStart is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(pctStart), pctStart, "OneCycleLr: the share of rising steps must be between 0 and 1.");
        if (cycleMomentum && optimizer.ParameterGroups.Any(group => MomentumOf(group) is null))
            throw new ArgumentException("OneCycleLr: this optimizer has neither momentum nor betas; pass cycleMomentum: false.", nameof(cycleMomentum));

        (_maximum, _totalSteps, _strategy, _cycleMomentum) = ([.. maxLearningRates], totalSteps, annealStrategy, cycleMomentum);
        (_divFactor, _finalDivFactor) = (divFactor, finalDivFactor);
        var rise = new Phase(pctStart * totalSteps - 1, Level.Start, Level.Maximum, maxMomentum, baseMomentum);
        _phases = threePhase
            ? [rise, new(2 * pctStart * totalSteps - 2, Level.Maximum, Level.Start, baseMomentum, maxMomentum), new(totalSteps - 1, Level.Start, Level.Final, maxMomentum, maxMomentum)]
            : [rise, new(totalSteps - 1, Level.Maximum, Level.Final, baseMomentum, maxMomentum)];
        Begin([.. _maximum.Select(maximum => maximum / divFactor)]);
        Apply(0);
    }

    /// <inheritdoc/>
    protected override double Rate(int group, double current, double initial, int epoch)
    {
        (Phase phase, double done) = At(epoch);
        double RateAt(Level level) => level switch
        {
            Level.Maximum => _maximum[group],
            Level.Start => _maximum[group] / _divFactor,
            _ => _maximum[group] / _divFactor / _finalDivFactor,
        };
        return Anneal(RateAt(phase.From), RateAt(phase.To), done);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The cycle is over.</exception>
    protected override void Apply(int epoch)
    {
        if (epoch > _totalSteps) throw new InvalidOperationException($"OneCycleLr: step {epoch} of a cycle of {_totalSteps} steps; totalSteps must be epochs times batches.");
        base.Apply(epoch);
        if (!_cycleMomentum) return;
        (Phase phase, double done) = At(epoch);
        double momentum = Anneal(phase.FromMomentum, phase.ToMomentum, done);
        for (int i = 0; i < _maximum.Length; i++) SetMomentum(Optimizer.ParameterGroups[i], momentum);
    }

    /// <inheritdoc/>
    public override Action PrepareLoad(IReadOnlyDictionary<string, object?> state)
    {
        Action load = base.PrepareLoad(state);
        int epoch = ReadCount(state, "last_epoch");
        if (epoch > _totalSteps) throw new ArgumentException($"LoadStateDict: the state is of step {epoch}, but this cycle has {_totalSteps} steps.", nameof(state));
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
        _strategy == AnnealStrategy.Linear ? (to - from) * done + from : to + (from - to) / 2 * (1 + Math.Cos(Math.PI * done));

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
