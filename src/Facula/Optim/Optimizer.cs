using Facula.NN;

namespace Facula.Optim;

/// <summary>Changes parameters by their gradients so that a loss becomes smaller. torch.optim.Optimizer.</summary>
public abstract class Optimizer
{
    /// <summary>The parameters and their settings.</summary>
    public abstract IReadOnlyList<ParameterGroup> ParameterGroups { get; }

    /// <summary>Changes each parameter that has a gradient. torch.optim.Optimizer.step.</summary>
    public abstract void Step();

    /// <summary>Computes the loss and its gradients by calling the function, then takes a step. torch.optim.Optimizer.step.</summary>
    /// <returns>What the function returned.</returns>
    public Tensor Step(Func<Tensor> closure)
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

    /// <summary>The optimizer's memory; its tensors are the optimizer's own, not copies. torch.optim.Optimizer.state_dict.</summary>
    public OptimizerState StateDict()
    {
        var states = new OrderedDictionary<int, IReadOnlyDictionary<string, Tensor>>();
        var groups = new List<OptimizerGroupState>();
        int number = 0;
        foreach (ParameterGroup group in ParameterGroups)
        {
            int first = number;
            foreach (ParameterState state in group.States)
            {
                var entries = new OrderedDictionary<string, Tensor>();
                if (RemembersStep && state.Step > 0) entries["step"] = Tensor.Full([], (double)state.Step);
                for (int i = 0; i < state.Names.Count; i++) entries[state.Names[i]] = state.Tensors[i].Detach();
                if (entries.Count > 0) states[number] = entries;
                number++;
            }
            groups.Add(new(group.CommonOptions.ToState(), [.. Enumerable.Range(first, number - first)]));
        }
        return new(states, groups);
    }

    /// <summary>
    /// Goes on from a saved memory: settings and copies of the tensors, in the parameters' types and on their devices.
    /// torch.optim.Optimizer.load_state_dict.
    /// </summary>
    /// <exception cref="ArgumentException">The groups, the number of their parameters or shapes differ.</exception>
    public void LoadStateDict(OptimizerState stateDict) => PrepareLoad(stateDict)();

    /// <summary>Checks a state and returns what takes it over, which then cannot fail: for those who load something else along with it.</summary>
    internal Action PrepareLoad(OptimizerState stateDict)
    {
        ArgumentNullException.ThrowIfNull(stateDict);
        IReadOnlyList<ParameterGroup> groups = ParameterGroups;
        if (!groups.Select(group => group.Parameters.Count).SequenceEqual(stateDict.ParamGroups.Select(group => group.Params.Count)))
        {
            throw new ArgumentException($"LoadStateDict: the state is of groups of {Sizes(stateDict.ParamGroups.Select(group => group.Params.Count))} parameters, " +
                $"this optimizer has groups of {Sizes(groups.Select(group => group.Parameters.Count))}.", nameof(stateDict));
        }
        var loads = new List<Action>();
        for (int g = 0; g < groups.Count; g++)
        {
            OptimizerGroupState saved = stateDict.ParamGroups[g];
            ParameterGroup group = groups[g];
            OptimizerOptions options = group.CommonOptions.FromState(saved.Options);
            options.Validate();
            loads.Add(() => group.CommonOptions = options);
            for (int i = 0; i < saved.Params.Count; i++)
            {
                ParameterState state = group.States[i];
                if (stateDict.State.TryGetValue(saved.Params[i], out IReadOnlyDictionary<string, Tensor>? entries))
                    loads.Add(Load(group.Parameters[i], state, saved.Params[i], entries));
                else loads.Add(() => state.Load(0, [], [])); // it had never been changed
            }
        }
        return () =>
        {
            foreach (Action load in loads) load();
        };
    }

    private static Action Load(Tensor parameter, ParameterState state, int number, IReadOnlyDictionary<string, Tensor> entries)
    {
        string[] names = [.. entries.Keys.Where(name => name != "step")];
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
            if (ReferenceEquals(tensors[i].Storage, entries[names[i]].Storage)) tensors[i] = tensors[i].CopyData();
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
        ArgumentNullException.ThrowIfNull(parameters);
        Tensor[] added = [.. parameters];
        if (added.Length == 0) throw new ArgumentException("Optimizer: there are no parameters; does the model keep its layers in fields?", nameof(parameters));
        foreach (Tensor parameter in added)
        {
            if (!parameter.IsLeaf)
            {
                throw new ArgumentException($"Optimizer: a tensor of shape {parameter.Shape} is the result of '{parameter.GradFn}'; only leaves can be optimized. " +
                    "Use Detach() and set RequiresGrad.", nameof(parameters));
            }
        }
        Tensor[] distinct = [.. added.Distinct()];
        if (distinct.Length < added.Length || distinct.Any(_known.Contains))
            throw new ArgumentException("Optimizer: a parameter is given twice; each belongs to one group.", nameof(parameters));
        var group = new ParameterGroup<TOptions>(added, change is null ? _defaults : change(_defaults));
        _known.UnionWith(added);
        _groups.Add(group);
        return group;
    }

    /// <inheritdoc/>
    public override void Step()
    {
        using GradModeScope scope = Autograd.NoGrad();
        foreach (ParameterGroup<TOptions> group in _groups) Update(group);
    }

    /// <summary>Changes the group's parameters that have a gradient; nothing is recorded meanwhile.</summary>
    protected abstract void Update(ParameterGroup<TOptions> group);
}
