namespace Facula.Optim;

/// <summary>How <see cref="Lbfgs"/> finds how far to go along a direction. PyTorch's line_search_fn.</summary>
public enum LineSearch
{
    /// <summary>As far as the learning rate says. PyTorch's None.</summary>
    None,

    /// <summary>To where the strong Wolfe conditions hold: the loss has fallen enough, and so has its slope. PyTorch's "strong_wolfe".</summary>
    StrongWolfe,
}

/// <summary>Settings of <see cref="Lbfgs"/>.</summary>
public sealed record LbfgsOptions : OptimizerOptions
{
    /// <summary>Settings with a learning rate of 1.</summary>
    public LbfgsOptions() => LearningRate = 1;

    /// <summary>How many directions a step follows at most. PyTorch's max_iter.</summary>
    public int MaxIterations { get; init; } = 20;

    /// <summary>
    /// How often a step asks for the loss, after which it follows no further direction; 5/4 of <see cref="MaxIterations"/> if null. PyTorch's max_eval.
    /// </summary>
    public int? MaxEvaluations { get; init; }

    /// <summary>A step ends where no element of the gradient is larger. PyTorch's tolerance_grad.</summary>
    public double ToleranceGrad { get; init; } = 1e-7;

    /// <summary>A step ends where neither the loss nor any parameter changes by more. PyTorch's tolerance_change.</summary>
    public double ToleranceChange { get; init; } = 1e-9;

    /// <summary>How many changes of the gradient are remembered; each takes twice the memory of the parameters. PyTorch's history_size.</summary>
    public int HistorySize { get; init; } = 100;

    /// <summary>How far to go along a direction. PyTorch's line_search_fn.</summary>
    public LineSearch LineSearch { get; init; }

    /// <summary><see cref="MaxEvaluations"/>, or what stands for it.</summary>
    internal int Evaluations => MaxEvaluations ?? (int)Math.Min(int.MaxValue, MaxIterations * 5L / 4);

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxIterations, 1);
        if (MaxEvaluations is { } most) ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(MaxEvaluations));
        NotNegative(ToleranceGrad, nameof(ToleranceGrad));
        NotNegative(ToleranceChange, nameof(ToleranceChange));
        ArgumentOutOfRangeException.ThrowIfLessThan(HistorySize, 1);
        if (!Enum.IsDefined(LineSearch)) throw new ArgumentOutOfRangeException(nameof(LineSearch), LineSearch, "Lbfgs: there is no such line search.");
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, object?> ToState() => new OrderedDictionary<string, object?>(base.ToState())
    {
        ["max_iter"] = MaxIterations,
        ["max_eval"] = Evaluations,
        ["tolerance_grad"] = ToleranceGrad,
        ["tolerance_change"] = ToleranceChange,
        ["history_size"] = HistorySize,
        ["line_search_fn"] = LineSearch == LineSearch.StrongWolfe ? "strong_wolfe" : null,
    };

    /// <inheritdoc/>
    public override OptimizerOptions FromState(IReadOnlyDictionary<string, object?> state) => (LbfgsOptions)base.FromState(state) with
    {
        MaxIterations = Read(state, "max_iter", MaxIterations),
        MaxEvaluations = Read(state, "max_eval", Evaluations),
        ToleranceGrad = Read(state, "tolerance_grad", ToleranceGrad),
        ToleranceChange = Read(state, "tolerance_change", ToleranceChange),
        HistorySize = Read(state, "history_size", HistorySize),
        LineSearch = !state.TryGetValue("line_search_fn", out object? search) ? LineSearch : search switch
        {
            null => LineSearch.None,
            "strong_wolfe" => LineSearch.StrongWolfe,
            _ => throw new ArgumentException($"LoadStateDict: the setting line_search_fn cannot be {search}.", nameof(state)),
        },
    };
}
