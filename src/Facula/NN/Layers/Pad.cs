using System.Runtime.CompilerServices;

namespace Facula.NN;

/// <summary>How many elements are put at each end of each dimension of space; negative numbers take some away.
/// What PyTorch takes as an int or a tuple.</summary>
[CollectionBuilder(typeof(PadWidths), nameof(Create))]
public readonly struct PadWidths
{
    private readonly int[]? _values;

    private PadWidths(params int[] values) => _values = values;

    /// <summary>The same everywhere.</summary>
    public static implicit operator PadWidths(int all) => new(all);

    /// <summary>Before and after the last dimension.</summary>
    public static implicit operator PadWidths((int Left, int Right) value) => new(value.Left, value.Right);

    /// <summary>Before and after the last dimension, then the one in front of it.</summary>
    public static implicit operator PadWidths((int Left, int Right, int Top, int Bottom) value) => new(value.Left, value.Right, value.Top, value.Bottom);

    /// <summary>Before and after the last dimension, then the one in front of it, then the one in front of that.</summary>
    public static implicit operator PadWidths((int Left, int Right, int Top, int Bottom, int Front, int Back) value) =>
        new(value.Left, value.Right, value.Top, value.Bottom, value.Front, value.Back);

    /// <summary>One number for all ends, or one for each, those of the last dimension first; a collection expression comes here.</summary>
    public static PadWidths Create(ReadOnlySpan<int> values) => new(values.ToArray());

    /// <summary>The numbers given.</summary>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)(_values ?? [])).GetEnumerator();

    internal int[] Of(int rank, string operation)
    {
        int[] values = _values is { Length: 1 } ? [.. Enumerable.Repeat(_values[0], 2 * rank)] : _values ?? [];
        return values.Length == 2 * rank ? values
            : throw new ArgumentException($"{operation}: padding needs one number, or {2 * rank}: two for each dimension of space, of the last first; " +
                $"but has {values.Length}.");
    }
}

/// <summary>Puts elements around the dimensions of space: what such layers share.</summary>
public abstract class PadLayer : Module<Tensor, Tensor>
{
    private readonly int[] _widths;
    private readonly int _rank;
    private readonly PaddingMode _mode;
    private readonly double _value;

    private protected PadLayer(int rank, PadWidths padding, PaddingMode mode, double value = 0) =>
        (_rank, _widths, _mode, _value) = (rank, padding.Of(rank, TypeName), mode, value);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (_mode != PaddingMode.Constant && input.Rank != _rank + 1 && input.Rank != _rank + 2)
        {
            string space = _rank switch { 1 => "length", 2 => "height, width", _ => "depth, height, width" };
            throw new ArgumentException($"{this}: an input of shape {input.Shape} does not fit: it must be [n, channels, {space}] or [channels, {space}].");
        }
        return Functional.Pad(this, input, _widths, _mode, _value);
    }

    /// <inheritdoc/>
    protected override string ExtraText => PythonText.Tuple(new Shape(_widths));
}

/// <summary>Puts a value around the dimensions of space: what such layers share.</summary>
public abstract class ConstantPad : PadLayer
{
    private readonly double _value;

    private protected ConstantPad(int rank, PadWidths padding, double value) : base(rank, padding, PaddingMode.Constant, value) => _value = value;

    /// <inheritdoc/>
    protected override string ExtraText => $"padding={base.ExtraText}, value={PythonText.Of(_value)}";
}

/// <summary>Puts a value around sequences. torch.nn.ConstantPad1d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
/// <param name="value">The value.</param>
public partial class ConstantPad1d(PadWidths padding, double value) : ConstantPad(1, padding, value);

/// <summary>Puts a value around images. torch.nn.ConstantPad2d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
/// <param name="value">The value.</param>
public partial class ConstantPad2d(PadWidths padding, double value) : ConstantPad(2, padding, value);

/// <summary>Puts a value around volumes. torch.nn.ConstantPad3d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
/// <param name="value">The value.</param>
public partial class ConstantPad3d(PadWidths padding, double value) : ConstantPad(3, padding, value);

/// <summary>Puts zeros around sequences. torch.nn.ZeroPad1d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class ZeroPad1d(PadWidths padding) : PadLayer(1, padding, PaddingMode.Constant);

/// <summary>Puts zeros around images. torch.nn.ZeroPad2d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class ZeroPad2d(PadWidths padding) : PadLayer(2, padding, PaddingMode.Constant);

/// <summary>Puts zeros around volumes. torch.nn.ZeroPad3d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class ZeroPad3d(PadWidths padding) : PadLayer(3, padding, PaddingMode.Constant);

/// <summary>Continues sequences by what they mirror at their edges, which are not repeated. torch.nn.ReflectionPad1d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class ReflectionPad1d(PadWidths padding) : PadLayer(1, padding, PaddingMode.Reflect);

/// <summary>Continues images by what they mirror at their edges, which are not repeated. torch.nn.ReflectionPad2d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class ReflectionPad2d(PadWidths padding) : PadLayer(2, padding, PaddingMode.Reflect);

/// <summary>Continues volumes by what they mirror at their edges, which are not repeated. torch.nn.ReflectionPad3d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class ReflectionPad3d(PadWidths padding) : PadLayer(3, padding, PaddingMode.Reflect);

/// <summary>Continues sequences by their edges. torch.nn.ReplicationPad1d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class ReplicationPad1d(PadWidths padding) : PadLayer(1, padding, PaddingMode.Replicate);

/// <summary>Continues images by their edges. torch.nn.ReplicationPad2d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class ReplicationPad2d(PadWidths padding) : PadLayer(2, padding, PaddingMode.Replicate);

/// <summary>Continues volumes by their edges. torch.nn.ReplicationPad3d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class ReplicationPad3d(PadWidths padding) : PadLayer(3, padding, PaddingMode.Replicate);

/// <summary>Continues sequences from their other ends. torch.nn.CircularPad1d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class CircularPad1d(PadWidths padding) : PadLayer(1, padding, PaddingMode.Circular);

/// <summary>Continues images from their other ends. torch.nn.CircularPad2d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class CircularPad2d(PadWidths padding) : PadLayer(2, padding, PaddingMode.Circular);

/// <summary>Continues volumes from their other ends. torch.nn.CircularPad3d.</summary>
/// <param name="padding">How many elements at each end of each dimension of space.</param>
public partial class CircularPad3d(PadWidths padding) : PadLayer(3, padding, PaddingMode.Circular);
