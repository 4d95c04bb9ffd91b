namespace Facula.Data;

/// <summary>
/// Rows of tensors that belong together, one of each a sample; <see cref="TensorDataset.From(Tensor, Tensor, Tensor)"/> and its like make one.
/// torch.utils.data.TensorDataset.
/// </summary>
/// <typeparam name="T">A sample, and a batch: a tensor, a tuple of tensors or an array of them.</typeparam>
public class TensorDataset<T> : Dataset<T>, IBatchSource<T>
{
    private readonly Tensor[] _tensors;
    private readonly Func<Tensor[], T> _pack;

    internal TensorDataset(Tensor[] tensors, Func<Tensor[], T> pack)
    {
        _tensors = Check.NoneNull(tensors, operation: nameof(TensorDataset));
        _pack = pack;
        if (_tensors.Length == 0 || _tensors.Any(tensor => tensor.Rank == 0 || tensor.Length != _tensors[0].Length))
        {
            throw new ArgumentException("TensorDataset: there must be tensors, of equally many rows, but the shapes " +
                $"are {string.Join(", ", _tensors.Select(tensor => tensor.Shape))}.", nameof(tensors));
        }
    }

    /// <summary>The tensors.</summary>
    public IReadOnlyList<Tensor> Tensors => _tensors;

    /// <inheritdoc/>
    public override int Count => _tensors[0].Length;

    /// <inheritdoc/>
    public override T this[int index]
    {
        get
        {
            CheckIndex(index);
            return Of(tensor => tensor.Select(0, index));
        }
    }

    /// <summary>A run of rows of all tensors, without copying: <c>dataset[0..3]</c>.</summary>
    public T this[Range rows]
    {
        get
        {
            (int start, int length) = rows.GetOffsetAndLength(Count);
            return Of(tensor => tensor.Narrow(0, start, length));
        }
    }

    bool IBatchSource<T>.HasBatches => true;

    /// <inheritdoc/>
    public T GetBatch(ReadOnlySpan<int> indices, Generator? generator = null)
    {
        Tensor rows = Tensor.From(indices, [indices.Length], device: _tensors[0].Device);
        return Of(tensor => tensor.IndexSelect(0, rows.To(tensor.Device)));
    }

    private T Of(Func<Tensor, Tensor> part) => _pack([.. _tensors.Select(part)]);
}

/// <summary>Pairs of rows of two tensors: inputs and targets. torch.utils.data.TensorDataset.</summary>
public sealed class TensorDataset : TensorDataset<(Tensor Inputs, Tensor Targets)>
{
    /// <summary>Row i of the inputs belongs to row i of the targets.</summary>
    /// <exception cref="ArgumentException">The tensors have different numbers of rows, or none.</exception>
    public TensorDataset(Tensor inputs, Tensor targets)
        : base([Check.NotNull(inputs, operation: nameof(TensorDataset)), Check.NotNull(targets, operation: nameof(TensorDataset))],
            tensors => (tensors[0], tensors[1]))
    {
    }

    /// <summary>A row of both.</summary>
    public new (Tensor Input, Tensor Target) this[int index] => base[index];

    /// <summary>All inputs.</summary>
    public Tensor Inputs => Tensors[0];

    /// <summary>All targets.</summary>
    public Tensor Targets => Tensors[1];

    /// <summary>The rows of one tensor.</summary>
    public static TensorDataset<Tensor> From(Tensor tensor) => new([tensor], tensors => tensors[0]);

    /// <summary>The rows of two tensors, inputs and targets.</summary>
    /// <exception cref="ArgumentException">The tensors have different numbers of rows, or none.</exception>
    public static TensorDataset From(Tensor inputs, Tensor targets) => new(inputs, targets);

    /// <summary>
    /// The rows of three tensors; <see cref="DataLoader.From(Dataset{ValueTuple{Tensor, Tensor, Tensor}}, int, bool, bool, DataLoaderOptions?)"/> makes batches
    /// of them.
    /// </summary>
    /// <exception cref="ArgumentException">The tensors have different numbers of rows, or none.</exception>
    public static TensorDataset<(Tensor, Tensor, Tensor)> From(Tensor first, Tensor second, Tensor third) =>
        new([first, second, third], tensors => (tensors[0], tensors[1], tensors[2]));

    /// <summary>The rows of four tensors.</summary>
    /// <exception cref="ArgumentException">The tensors have different numbers of rows, or none.</exception>
    public static TensorDataset<(Tensor, Tensor, Tensor, Tensor)> From(Tensor first, Tensor second, Tensor third, Tensor fourth) =>
        new([first, second, third, fourth], tensors => (tensors[0], tensors[1], tensors[2], tensors[3]));

    /// <summary>The rows of any number of tensors; a sample is an array.</summary>
    /// <exception cref="ArgumentException">The tensors have different numbers of rows, or there are none.</exception>
    public static TensorDataset<Tensor[]> From(params ReadOnlySpan<Tensor> tensors) => new(tensors.ToArray(), rows => rows);
}
