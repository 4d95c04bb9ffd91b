namespace Facula.Optim;

/// <summary>
/// An optimizer's memory, laid out as PyTorch's: what it remembers of each parameter, by the parameter's number, under names such as
/// <c>step</c>, <c>exp_avg</c> or <c>momentum_buffer</c>, and the settings of each group. torch.optim.Optimizer.state_dict.
/// </summary>
/// <param name="State">By number of the parameter, counted through all groups; parameters that were never changed may be left out.</param>
/// <param name="ParamGroups">The groups in order.</param>
public sealed record OptimizerState(IReadOnlyDictionary<int, IReadOnlyDictionary<string, Tensor>> State, IReadOnlyList<OptimizerGroupState> ParamGroups)
{
    /// <summary>
    /// The kind of optimizer it is the memory of, such as "Adam"; null where that is not known, as of PyTorch's own: then its settings and tensors must be such as that kind
    /// has. Another kind does not take it; to give one's memory to another on purpose, Adam's to AdamW, say, set it: <c>state with { Kind = "AdamW" }</c>.
    /// </summary>
    public string? Kind { get; init; }
}

/// <summary>The settings of a group under PyTorch's names (<c>lr</c>, <c>betas</c>, ...) and the numbers of its parameters.</summary>
public sealed record OptimizerGroupState(IReadOnlyDictionary<string, object?> Options, IReadOnlyList<int> Params);
