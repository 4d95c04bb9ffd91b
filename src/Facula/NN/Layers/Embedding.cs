namespace Facula.NN;

public static partial class Functional
{
    /// <summary>Rows of a table, picked by number. torch.nn.functional.embedding.</summary>
    /// <param name="input">Integers of any shape, in [0, rows).</param>
    /// <param name="weight">The table: [rows, features].</param>
    /// <param name="paddingIdx">A row whose gradient is 0, counted from the end where negative; null for none.</param>
    /// <param name="maxNorm">Rows that are used and longer than this are first shortened to it, in the table itself; null for none.</param>
    /// <param name="normType">The order of the norm by which they are measured.</param>
    /// <returns>[..., features].</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is no row of the table.</exception>
    public static Tensor Embedding(Tensor input, Tensor weight, int? paddingIdx = null, double? maxNorm = null, double normType = 2)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weight);
        Check.Rank("Embedding", weight, 2);
        if (maxNorm is { } most) Check.Limit("Embedding", most, nameof(maxNorm));
        Check.Number("Embedding", normType);
        Tensor numbers = input.Flatten();
        if (maxNorm is { } limit) Shorten(weight, numbers, limit, normType);
        Tensor rows = weight.IndexSelect(0, numbers);
        if (paddingIdx is { } padding) rows = Tensor.Where((numbers == PaddingRow(padding, weight.Size(0))).Unsqueeze(1), rows.Detach(), rows);
        return rows.Reshape([.. input.Shape, weight.Size(1)]);
    }

    /// <summary>The row that a padding index means.</summary>
    internal static int PaddingRow(int paddingIdx, int rows) => paddingIdx >= -rows && paddingIdx < rows
        ? paddingIdx < 0 ? paddingIdx + rows : paddingIdx
        : throw new ArgumentOutOfRangeException(nameof(paddingIdx), paddingIdx, $"Embedding: a table of {rows} rows has no row {paddingIdx} for padding.");

    private static void Shorten(Tensor weight, Tensor numbers, double limit, double normType)
    {
        using GradModeScope scope = Autograd.NoGrad();
        Tensor rows = weight.IndexSelect(0, numbers), norms = rows.Norm(normType, 1, keepDim: true);
        Tensor shorter = Tensor.Where(norms > limit, rows * (limit / (norms + 1e-7)), rows);
        weight.Device.Backend.IndexPut(shorter.Operand, numbers.To(DType.Int64).Operand, weight.Operand, 0, add: false);
        weight.Changed();
    }
}

/// <summary>A table of learned vectors, looked up by number; words, say. torch.nn.Embedding.</summary>
public partial class Embedding : Module<Tensor, Tensor>
{
    private readonly int? _paddingIdx;
    private readonly double? _maxNorm;
    private readonly double _normType;

    /// <summary>A table that starts normal with mean 0 and deviation 1.</summary>
    /// <param name="numEmbeddings">The number of rows.</param>
    /// <param name="embeddingDim">The number of features in a row.</param>
    /// <param name="paddingIdx">A row that starts at 0 and has no gradient, counted from the end where negative; null for none.</param>
    /// <param name="maxNorm">Rows that are used and longer than this are shortened to it; null for none.</param>
    /// <param name="normType">The order of the norm by which they are measured.</param>
    /// <param name="dtype">A floating-point type; Float32 if null.</param>
    /// <param name="device">Where the table is; the processor if left out.</param>
    /// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
    public Embedding(int numEmbeddings, int embeddingDim, int? paddingIdx = null, double? maxNorm = null, double normType = 2, DType? dtype = null,
        Device? device = null, Generator? generator = null)
    {
        if (paddingIdx is { } padding) _paddingIdx = Functional.PaddingRow(padding, numEmbeddings);
        if (maxNorm is { } most) Check.Limit("Embedding", most, nameof(maxNorm));
        (_maxNorm, _normType) = (maxNorm, Check.Number("Embedding", normType));
        Tensor table = Init.Normal(Tensor.Empty([numEmbeddings, embeddingDim], dtype, device), generator: generator);
        if (_paddingIdx is { } row) table.Select(0, row).ZeroInPlace();
        Weight = new(table);
    }

    /// <summary>A table of given rows, which are shared, not copied. torch.nn.Embedding.from_pretrained.</summary>
    /// <param name="embeddings">[rows, features].</param>
    /// <param name="freeze">Whether it stays as it is.</param>
    /// <param name="paddingIdx">A row that has no gradient, counted from the end where negative; null for none.</param>
    public Embedding(Tensor embeddings, bool freeze = true, int? paddingIdx = null)
    {
        Check.Rank("Embedding", embeddings, 2);
        if (paddingIdx is { } padding) _paddingIdx = Functional.PaddingRow(padding, embeddings.Size(0));
        _normType = 2;
        Weight = new(embeddings, !freeze);
    }

    /// <summary>[numEmbeddings, embeddingDim].</summary>
    public Parameter Weight { get; set => field = Check.NotNull(value, operation: TypeName); }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Embedding(input, Weight, _paddingIdx, _maxNorm, _normType);

    /// <inheritdoc/>
    protected override string ExtraText => $"{Weight.Size(0)}, {Weight.Size(1)}{(_paddingIdx is { } row ? $", padding_idx={row}" : "")}" +
        $"{(_maxNorm is { } norm ? $", max_norm={PythonText.Of(norm)}" : "")}{(_normType != 2 ? $", norm_type={PythonText.Of(_normType)}" : "")}";
}
