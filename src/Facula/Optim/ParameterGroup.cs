namespace Facula.Optim;

/// <summary>Parameters that share settings. An entry of torch.optim.Optimizer.param_groups.</summary>
public abstract class ParameterGroup
{
    private protected ParameterGroup(Tensor[] parameters) =>
        (Parameters, States) = (parameters, [.. parameters.Select(_ => new ParameterState())]);

    /// <summary>The parameters, in the order that state dictionaries count them.</summary>
    public IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>What the optimizer remembers of each parameter.</summary>
    public IReadOnlyList<ParameterState> States { get; }

    /// <summary>How far the next step goes; set it at any time.</summary>
    public abstract double LearningRate { get; set; }

    internal abstract OptimizerOptions CommonOptions { get; set; }

    /// <summary>The learning rate before any schedule; several schedules of one optimizer start from the same.</summary>
    internal double? InitialLearningRate { get; set; }

    /// <summary>The learning rate as schedules have left it: if it is another by now, somebody has set it by hand.</summary>
    internal double ScheduledLearningRate { get; set; }

    /// <summary>Whether a schedule has taken a step, so that a new one begins anew instead of joining in.</summary>
    internal bool IsUnderway { get; set; }
}

/// <summary>Parameters that share settings of the given kind.</summary>
public sealed class ParameterGroup<TOptions> : ParameterGroup where TOptions : OptimizerOptions
{
    private TOptions _options;

    internal ParameterGroup(Tensor[] parameters, TOptions options) : base(parameters)
    {
        options.Validate();
        _options = options;
    }

    /// <summary>The settings; change some with <c>group.Options = group.Options with { WeightDecay = 0.1 }</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public TOptions Options
    {
        get => _options;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.Validate();
            _options = value;
        }
    }

    /// <inheritdoc/>
    public override double LearningRate
    {
        get => _options.LearningRate;
        set => CommonOptions = _options with { LearningRate = value };
    }

    internal override OptimizerOptions CommonOptions
    {
        get => _options;
        set => Options = (TOptions)value;
    }
}

/// <summary>What an optimizer remembers of one parameter: the number of steps and running averages, by PyTorch's names.</summary>
public sealed class ParameterState
{
    private IReadOnlyList<string> _names = [];
    private Tensor[] _tensors = [];

    /// <summary>The number of steps that have changed the parameter.</summary>
    public long Step { get; set; }

    /// <summary>The names of the tensors.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The tensors, of the parameter's shape and type, in the order of the names.</summary>
    public IReadOnlyList<Tensor> Tensors => _tensors;

    /// <summary>
    /// Has the tensors of these names ready for the parameter: those there are move to its type and device, others start at a value.
    /// Give the same list each time, so that it is recognised.
    /// </summary>
    /// <exception cref="ArgumentException">What is remembered is of another shape than the parameter.</exception>
    public void Prepare(IReadOnlyList<string> names, Tensor parameter, double initial = 0)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(parameter);
        if (!ReferenceEquals(names, _names))
        {
            Tensor[] tensors = [.. names.Select(name => Find(name) ?? parameter.Detach().FullLike(initial))];
            (_names, _tensors) = (names, tensors);
        }
        for (int i = 0; i < _tensors.Length; i++)
        {
            if (!_tensors[i].Layout.SameShape(parameter.Layout))
            {
                throw new ArgumentException($"Prepare: {_names[i]} has shape {_tensors[i].Shape}, but the parameter has shape {parameter.Shape}; " +
                    "what is remembered of one parameter is of no use to another.", nameof(parameter));
            }
            if (_tensors[i].DType != parameter.DType || _tensors[i].Device != parameter.Device) _tensors[i] = _tensors[i].To(parameter.DType, parameter.Device);
        }
    }

    internal void Load(long step, IReadOnlyList<string> names, Tensor[] tensors) => (Step, _names, _tensors) = (step, names, tensors);

    internal Tensor? Find(string name)
    {
        for (int i = 0; i < _names.Count; i++)
        {
            if (_names[i] == name) return _tensors[i];
        }
        return null;
    }
}
