namespace Facula.Optim;

/// <summary>
/// An optimizer's memory, laid out as PyTorch's: what it remembers of each parameter, by the parameter's number, under names such as
/// <c>step</c>, <c>exp_avg</c> or <c>momentum_buffer</c>, and the settings of each group. torch.optim.Optimizer.state_dict.
/// </summary>
public sealed record OptimizerState
{
    /// <summary>By number of the parameter, counted through all groups; parameters that were never changed may be left out.</summary>
    public required IReadOnlyDictionary<int, IReadOnlyDictionary<string, Tensor>> State { get; init; }

    /// <summary>The groups in order.</summary>
    public required IReadOnlyList<OptimizerGroupState> ParamGroups { get; init; }

    /// <summary>
    /// The kind of optimizer it is the memory of, such as "Adam"; null where that is not known, as of PyTorch's own: then its settings and tensors
    /// must be such as that kind has. Another kind does not take it; to give one's memory to another on purpose, Adam's to AdamW, say, set it: <c>state
    /// with { Kind = "AdamW" }</c>.
    /// </summary>
    public string? Kind { get; init; }
}

/// <summary>A group of an <see cref="OptimizerState"/>.</summary>
public sealed record OptimizerGroupState
{
    /// <summary>The settings under PyTorch's names: <c>lr</c>, <c>betas</c>, ...</summary>
    public required IReadOnlyDictionary<string, object?> Options { get; init; }

    /// <summary>The numbers of the parameters.</summary>
    public required IReadOnlyList<int> Params { get; init; }
}
