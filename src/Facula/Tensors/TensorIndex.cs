namespace Facula;

/// <summary>
/// What stands for one (or no, or several) dimensions between the brackets of <c>t[...]</c>: an int or ^int, a range, a tensor of integers
/// or of Bool, <see cref="NewAxis"/>, <see cref="Ellipsis"/> or a <see cref="Slice"/> with a step. All but the last three convert implicitly.
/// A range reaching past the end stops there, as in PyTorch; <c>..</c> is a whole dimension, Python's <c>:</c>.
/// </summary>
public readonly struct TensorIndex
{
    private TensorIndex(IndexKind kind, Index start = default, Index stop = default, int step = 1, Tensor? tensor = null) =>
        (Kind, Start, Stop, Step, Tensor) = (kind, start, stop, step, tensor);

    // The default value is the whole dimension: Kind 0, of which Start and Stop are not read.
    internal IndexKind Kind { get; }
    internal Index Start { get; }
    internal Index Stop { get; }
    internal int Step { get; }
    internal Tensor? Tensor { get; }

    /// <summary>A whole dimension, as <c>..</c>.</summary>
    public static TensorIndex All => default;

    /// <summary>A new dimension of size 1. None in PyTorch.</summary>
    public static TensorIndex NewAxis => new(IndexKind.NewAxis);

    /// <summary>As many whole dimensions as are left over; at most once. <c>...</c> in PyTorch.</summary>
    public static TensorIndex Ellipsis => new(IndexKind.Ellipsis);

    /// <summary>Every step-th element from start up to, not including, stop; negative ones count from the end, null means from (or to) the end.
    /// Python's start:stop:step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is not positive; use <see cref="Tensor.Flip"/> to go backwards.</exception>
    public static TensorIndex Slice(int? start = null, int? stop = null, int step = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        return new(IndexKind.Slice, start is { } from ? FromEitherEnd(from) : Index.Start, stop is { } to ? FromEitherEnd(to) : Index.End, step);
    }

    /// <summary>One element of a dimension, which disappears; negative ones count from the end.</summary>
    public static implicit operator TensorIndex(int index) => new(IndexKind.Integer, FromEitherEnd(index));
    /// <summary>One element of a dimension, which disappears.</summary>
    public static implicit operator TensorIndex(Index index) => new(IndexKind.Integer, index);
    /// <summary>A part of a dimension.</summary>
    public static implicit operator TensorIndex(Range range) => new(range.Equals(Range.All) ? IndexKind.All : IndexKind.Slice, range.Start, range.End);
    /// <summary>Elements of a dimension by number, or those where a Bool tensor is true.</summary>
    public static implicit operator TensorIndex(Tensor index) => new(IndexKind.Tensor, tensor: index);

    private static Index FromEitherEnd(int index) => index >= 0 ? index : Index.FromEnd(index == int.MinValue ? int.MaxValue : -index);

    /// <summary>As one would write it in C#.</summary>
    public override string ToString() => Kind switch
    {
        IndexKind.All => "..",
        IndexKind.Integer => Start.ToString(),
        IndexKind.Slice => Step == 1 ? $"{Start}..{Stop}" : $"Slice({Start}, {Stop}, {Step})",
        IndexKind.Tensor => $"tensor of {Tensor?.DType.PyTorchName} {Tensor?.Shape}",
        _ => Kind.ToString(),
    };
}

internal enum IndexKind : byte
{
    All,
    Integer,
    Slice,
    NewAxis,
    Ellipsis,
    Tensor,
}
