namespace Facula.Data;

/// <summary>Pairs of rows of two tensors: inputs and targets. torch.utils.data.TensorDataset.</summary>
public sealed class TensorDataset : Dataset<(Tensor Input, Tensor Target)>, IBatchSource<(Tensor Inputs, Tensor Targets)>
{
    /// <summary>Row i of the inputs belongs to row i of the targets.</summary>
    /// <exception cref="ArgumentException">The tensors have different numbers of rows, or none.</exception>
    public TensorDataset(Tensor inputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        if (inputs.Rank == 0 || targets.Rank == 0 || inputs.Length != targets.Length)
            throw new ArgumentException($"TensorDataset: inputs of shape {inputs.Shape} and targets of shape {targets.Shape} must have equally many rows.");
        (Inputs, Targets) = (inputs, targets);
    }

    /// <summary>All inputs.</summary>
    public Tensor Inputs { get; }

    /// <summary>All targets.</summary>
    public Tensor Targets { get; }

    /// <inheritdoc/>
    public override int Count => Inputs.Length;

    /// <inheritdoc/>
    public override (Tensor Input, Tensor Target) this[int index]
    {
        get
        {
            CheckIndex(index);
            return (Inputs.Select(0, index), Targets.Select(0, index));
        }
    }

    /// <summary>A run of rows of both tensors, without copying: <c>dataset[0..3]</c>.</summary>
    public (Tensor Inputs, Tensor Targets) this[Range rows]
    {
        get
        {
            (int start, int length) = rows.GetOffsetAndLength(Count);
            return (Inputs.Narrow(0, start, length), Targets.Narrow(0, start, length));
        }
    }

    bool IBatchSource<(Tensor Inputs, Tensor Targets)>.HasBatches => true;

    /// <inheritdoc/>
    public (Tensor Inputs, Tensor Targets) GetBatch(ReadOnlySpan<int> indices, Generator? generator = null)
    {
        Tensor rows = Tensor.From(indices, [indices.Length], device: Inputs.Device);
        return (Inputs.IndexSelect(0, rows), Targets.IndexSelect(0, rows.To(Targets.Device)));
    }
}
