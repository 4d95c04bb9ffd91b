namespace Facula.Optim;

/// <summary>Changes parameters by their gradients so that a loss becomes smaller. torch.optim.Optimizer.</summary>
public abstract class Optimizer
{
    /// <summary>The parameters and their settings.</summary>
    public abstract IReadOnlyList<ParameterGroup> ParameterGroups { get; }

    /// <summary>Changes each parameter that has a gradient. torch.optim.Optimizer.step.</summary>
    public abstract void Step();

    /// <summary>
    /// Computes the loss and its gradients by calling the function, then takes a step; an optimizer that measures the loss at several places,
    /// as <see cref="Lbfgs"/> does, calls it more than once. torch.optim.Optimizer.step.
    /// </summary>
    /// <param name="closure">Sets gradients to zero or null, computes the loss, calls Backward on it and returns it.</param>
    /// <returns>What the function returned first.</returns>
    public virtual Tensor Step(Func<Tensor> closure)
    {
        ArgumentNullException.ThrowIfNull(closure);
        Tensor loss;
        using (Autograd.EnableGrad()) loss = closure();
        Step();
        return loss;
    }

    /// <summary>Sets the gradients of all parameters to null, or to zeros. torch.optim.Optimizer.zero_grad.</summary>
    public void ZeroGrad(bool setToNone = true)
    {
        foreach (ParameterGroup group in ParameterGroups)
        {
            foreach (Tensor parameter in group.Parameters) parameter.ClearGrad(setToNone);
        }
    }

    /// <summary>Whether the number of steps is part of what is remembered of a parameter.</summary>
    protected virtual bool RemembersStep => true;

    /// <summary>What its states call an optimizer of this kind: others do not take them. The name of the class unless overridden.</summary>
    protected virtual string Kind => GetType().Name;

    /// <summary>The names of what is remembered of a parameter under such settings; null where that is not known beforehand.</summary>
    private protected virtual IReadOnlyList<string>? NamesUnder(OptimizerOptions options) => null;

    /// <summary>What is remembered starts at.</summary>
    private protected virtual double InitialUnder(OptimizerOptions options) => 0;

    /// <summary>
    /// A copy of the optimizer's memory: what training does afterwards does not change it. (PyTorch's shares its tensors.) torch.optim.Optimizer.state_dict.
    /// </summary>
    public OptimizerState StateDict()
    {
        OptimizerState state = SharedState();
        var copies = new OrderedDictionary<int, IReadOnlyDictionary<string, Tensor>>();
        foreach ((int parameter, IReadOnlyDictionary<string, Tensor> entries) in state.State)
            copies[parameter] = new OrderedDictionary<string, Tensor>(entries.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.CopyData())));
        return state with { State = copies };
    }

    /// <summary>The optimizer's memory, whose tensors are its own; for who writes it down at once.</summary>
    internal OptimizerState SharedState()
    {
        var states = new OrderedDictionary<int, IReadOnlyDictionary<string, Tensor>>();
        var groups = new List<OptimizerGroupState>();
        int number = 0;
        foreach (ParameterGroup group in ParameterGroups)
        {
            int first = number;
            CollectState(group, number, states);
            number += group.Parameters.Count;
            groups.Add(new() { Options = group.CommonOptions.ToState(), Params = [.. Enumerable.Range(first, number - first)] });
        }
        return new() { State = states, ParamGroups = groups, Kind = Kind };
    }

    /// <summary>Adds what is remembered of a group's parameters, the first of which has that number.</summary>
    private protected virtual void CollectState(ParameterGroup group, int number, OrderedDictionary<int, IReadOnlyDictionary<string, Tensor>> states)
    {
        for (int p = 0; p < group.States.Count; p++)
        {
            ParameterState state = group.States[p];
            var entries = new OrderedDictionary<string, Tensor>();
            // In 64 bits: a float does not tell steps beyond 2^24 apart.
            if (RemembersStep && state.Step > 0)
                entries["step"] = Tensor.Full([], (double)state.Step, state.Step <= DType.Float32.WholeNumbers ? DType.Float32 : DType.Float64, Device.Cpu);
            // As the next step would find it, if settings have changed since the last.
            foreach (string name in state.Step > 0 ? NamesUnder(group.CommonOptions) ?? state.Names : state.Names)
                entries[name] = state.Find(name)?.Detach() ?? group.Parameters[p].Detach().FullLike(InitialUnder(group.CommonOptions));
            if (entries.Count > 0) states[number + p] = entries;
        }
    }

    /// <summary>
    /// Goes on from a saved memory: settings and copies of the tensors, in the parameters' types and on their devices.
    /// torch.optim.Optimizer.load_state_dict.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The state is of another kind of optimizer, or lacks settings or tensors that this kind has under its settings;
    /// or the groups, the number of their parameters or shapes differ; or a setting is out of its range. Nothing has been changed.
    /// </exception>
    public void LoadStateDict(OptimizerState stateDict) => PrepareLoad(stateDict)();

    /// <summary>Checks a state and returns what takes it over, which then cannot fail: for those who load something else along with it.</summary>
    internal Action PrepareLoad(OptimizerState stateDict)
    {
        ArgumentNullException.ThrowIfNull(stateDict);
        if (stateDict.Kind is { } kind && kind != Kind)
            throw new ArgumentException($"LoadStateDict: this is the state of an optimizer of the kind {kind}; it cannot be loaded into {Kind}.",
                nameof(stateDict));
        if (stateDict.State is null || stateDict.ParamGroups is null
            || stateDict.ParamGroups.Any(group => group is not { Options: not null, Params: not null }))
            throw new ArgumentException("LoadStateDict: the state lacks its groups, or what is remembered of the parameters.", nameof(stateDict));
        IReadOnlyList<ParameterGroup> groups = ParameterGroups;
        if (!groups.Select(group => group.Parameters.Count).SequenceEqual(stateDict.ParamGroups.Select(group => group.Params.Count)))
        {
            throw new ArgumentException($"LoadStateDict: the state is of groups of {Sizes(stateDict.ParamGroups.Select(group => group.Params.Count))} " +
                $"parameters, this optimizer has groups of {Sizes(groups.Select(group => group.Parameters.Count))}.", nameof(stateDict));
        }
        var loads = new List<Action>();
        for (int g = 0; g < groups.Count; g++)
        {
            OptimizerGroupState saved = stateDict.ParamGroups[g];
            ParameterGroup group = groups[g];
            OptimizerOptions options = OptionsFrom(saved.Options, group.CommonOptions, isKnown: stateDict.Kind is not null);
            loads.Add(() => group.CommonOptions = options);
            loads.Add(PrepareGroup(group, options, saved, stateDict.State));
        }
        return () =>
        {
            foreach (Action load in loads) load();
        };
    }

    /// <summary>Checks what a state remembers of a group's parameters, and returns what takes it over.</summary>
    private protected virtual Action PrepareGroup(ParameterGroup group, OptimizerOptions options, OptimizerGroupState saved,
        IReadOnlyDictionary<int, IReadOnlyDictionary<string, Tensor>> states)
    {
        var loads = new List<Action>();
        for (int i = 0; i < saved.Params.Count; i++)
        {
            ParameterState state = group.States[i];
            if (states.TryGetValue(saved.Params[i], out IReadOnlyDictionary<string, Tensor>? entries))
                loads.Add(Load(group.Parameters[i], state, saved.Params[i], entries, NamesUnder(options)));
            else loads.Add(() => state.Load(0, [], [])); // it had never been changed
        }
        return () =>
        {
            foreach (Action load in loads) load();
        };
    }

    /// <summary>The settings of a state. One that does not say of what kind it is must have every setting of this kind beside those that all have,
    /// as PyTorch's do.</summary>
    private OptimizerOptions OptionsFrom(IReadOnlyDictionary<string, object?> saved, OptimizerOptions current, bool isKnown)
    {
        string[] missing = isKnown ? [] : [.. current.ToState().Keys.Where(name => !OptimizerOptions.CommonNames.Contains(name) && !saved.ContainsKey(name))];
        if (missing.Length > 0)
        {
            throw new ArgumentException($"LoadStateDict: the state has no {string.Join(", ", missing)}, which are settings of {Kind}; " +
                "it is of another kind of optimizer, or damaged.", nameof(saved));
        }
        OptimizerOptions options = current.FromState(saved);
        options.Validate();
        return options;
    }

    private Action Load(Tensor parameter, ParameterState state, int number, IReadOnlyDictionary<string, Tensor> entries, IReadOnlyList<string>? expected)
    {
        if (entries is null || entries.Values.Contains(null))
            throw new ArgumentException($"LoadStateDict: what is remembered of parameter {number} is null.", nameof(entries));
        string[] names = [.. entries.Keys.Where(name => name != "step")];
        if (names.Length > 0 && ((expected is not null && !names.ToHashSet().SetEquals(expected)) || (RemembersStep && !entries.ContainsKey("step"))))
        {
            throw new ArgumentException($"LoadStateDict: of parameter {number} the state has {string.Join(", ", entries.Keys)}; " +
                $"under its settings {Kind} remembers " +
                $"{string.Join(", ", [.. RemembersStep ? ["step"] : (string[])[], .. expected ?? names])}. It is of another kind of optimizer, or damaged.",
                nameof(entries));
        }
        foreach (string name in names)
        {
            if (!entries[name].Layout.SameShape(parameter.Layout))
            {
                throw new ArgumentException($"LoadStateDict: {name} of parameter {number} has shape {entries[name].Shape}, " +
                    $"the parameter has shape {parameter.Shape}.", nameof(entries));
            }
        }
        // Optimizers that do not remember steps only tell the first from later ones: there is a memory, so it is past.
        double step = !entries.TryGetValue("step", out Tensor? steps) ? Math.Min(names.Length, 1) : steps.Count == 1 ? steps.Item<double>() : double.NaN;
        if (!(step is >= 0 and < long.MaxValue) || step != Math.Floor(step))
            throw new ArgumentException($"LoadStateDict: the step of parameter {number} must be a whole number, at least 0.", nameof(entries));
        Tensor[] tensors = [.. names.Select(name => entries[name].Detach().To(parameter.DType, parameter.Device))];
        for (int i = 0; i < tensors.Length; i++)
        {
            if (ReferenceEquals(tensors[i].Buffer, entries[names[i]].Buffer)) tensors[i] = tensors[i].CopyData();
        }
        return () => state.Load((long)step, names, tensors);
    }

    private static string Sizes(IEnumerable<int> sizes) => string.Join(" and ", sizes);
}

/// <summary>An optimizer with settings of the given kind; derive from it to write one.</summary>
public abstract class Optimizer<TOptions> : Optimizer where TOptions : OptimizerOptions
{
    private readonly List<ParameterGroup<TOptions>> _groups = [];
    private readonly HashSet<Tensor> _known = [];
    private readonly TOptions _defaults;

    /// <summary>An optimizer of the parameters, which become its first group.</summary>
    protected Optimizer(IEnumerable<Tensor> parameters, TOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _defaults = options;
        AddParameterGroup(parameters);
    }

    /// <summary>The parameters and their settings.</summary>
    public override IReadOnlyList<ParameterGroup<TOptions>> ParameterGroups => _groups;

    /// <summary>Takes further parameters, with settings of their own. torch.optim.Optimizer.add_param_group.</summary>
    /// <param name="parameters">Leaves that no group has yet.</param>
    /// <param name="change">Their settings, given those of the optimizer: <c>o => o with { LearningRate = 1e-3 }</c>; the same if left out.</param>
    /// <exception cref="ArgumentException">There are no parameters, one is there already, or one is no leaf.</exception>
    public ParameterGroup<TOptions> AddParameterGroup(IEnumerable<Tensor> parameters, Func<TOptions, TOptions>? change = null)
    {
        Tensor[] added = Check.NoneNull(parameters, operation: "Optimizer");
        if (added.Length == 0) throw new ArgumentException("Optimizer: there are no parameters; does the model keep its layers in fields?", nameof(parameters));
        foreach (Tensor parameter in added)
        {
            if (!parameter.IsLeaf)
            {
                throw new ArgumentException($"Optimizer: a tensor of shape {parameter.Shape} is the result of '{parameter.GradFn}'; " +
                    "only leaves can be optimized. Use Detach() and set RequiresGrad.", nameof(parameters));
            }
        }
        Tensor[] distinct = [.. added.Distinct()];
        if (distinct.Length < added.Length || distinct.Any(_known.Contains))
            throw new ArgumentException("Optimizer: a parameter is given twice; each belongs to one group.", nameof(parameters));
        if (_groups.Count > 0 && TakesOneGroup)
            throw new InvalidOperationException($"Optimizer: {Kind} takes one group of parameters, as all of them move along one direction.");
        var group = new ParameterGroup<TOptions>(added, change is null ? _defaults : change(_defaults));
        _known.UnionWith(added);
        _groups.Add(group);
        return group;
    }

    /// <summary>Whether there can be no further group of parameters.</summary>
    private protected virtual bool TakesOneGroup => false;

    /// <inheritdoc/>
    public override void Step()
    {
        using GradModeScope scope = Autograd.NoGrad();
        foreach (ParameterGroup<TOptions> group in _groups) Update(group);
    }

    /// <summary>Changes the group's parameters that have a gradient; nothing is recorded meanwhile.</summary>
    protected abstract void Update(ParameterGroup<TOptions> group);
}
