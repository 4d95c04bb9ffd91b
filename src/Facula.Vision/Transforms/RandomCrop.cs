using Facula.NN;

namespace Facula.Vision;

/// <summary>Puts a border around an image and cuts a piece of a given size out of it, at a random place. torchvision.transforms.RandomCrop.</summary>
public sealed class RandomCrop : RandomTransform
{
    private const int Border = -1;

    private readonly int _height;
    private readonly int _width;
    private readonly int _padding;
    private readonly PaddingMode _mode;
    private readonly double _fill;

    /// <summary>A square piece.</summary>
    /// <param name="size">Height and width of the piece.</param>
    /// <param name="padding">The width of the border.</param>
    /// <param name="mode">What the border is made of.</param>
    /// <param name="fill">The value of a constant border.</param>
    public RandomCrop(int size, int padding = 0, PaddingMode mode = PaddingMode.Constant, double fill = 0) : this((size, size), padding, mode, fill) { }

    /// <summary>A piece of the given height and width.</summary>
    /// <inheritdoc cref="RandomCrop(int, int, PaddingMode, double)"/>
    public RandomCrop((int Height, int Width) size, int padding = 0, PaddingMode mode = PaddingMode.Constant, double fill = 0) : base(nameof(RandomCrop))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size.Height, 1, nameof(size));
        ArgumentOutOfRangeException.ThrowIfLessThan(size.Width, 1, nameof(size));
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ((_height, _width), _padding, _mode, _fill) = (size, padding, mode, fill);
    }

    private protected override Tensor Run<T>(Tensor batch, Generator? generator)
    {
        if (typeof(T) == typeof(byte) && !(_fill is >= 0 and <= byte.MaxValue))
            throw new ArgumentException($"RandomCrop: a border of {_fill} does not fit an image of bytes; give a fill between 0 and 255, or convert the " +
                $"image to {nameof(DType.Float32)}.");
        int count = batch.Size(0), channels = batch.Size(1), height = batch.Size(2), width = batch.Size(3);
        int[] rowOf = Sources(height, _height), columnOf = Sources(width, _width);
        int[] tops = Tensor.RandInt(0, rowOf.Length - _height + 1, [count], DType.Int32, Device.Cpu, generator: generator).ToArray<int>();
        int[] lefts = Tensor.RandInt(0, columnOf.Length - _width + 1, [count], DType.Int32, Device.Cpu, generator: generator).ToArray<int>();
        T fill = Tensor.Full([], _fill, batch.DType, Device.Cpu).Item<T>();

        Tensor result = Tensor.Empty([count, channels, _height, _width], batch.DType, Device.Cpu);
        ReadOnlySpan<T> from = batch.AsSpan<T>();
        Span<T> to = result.AsSpan<T>();
        for (int plane = 0; plane < count * channels; plane++)
        {
            ReadOnlySpan<int> rows = rowOf.AsSpan(tops[plane / channels], _height), columns = columnOf.AsSpan(lefts[plane / channels], _width);
            for (int row = 0; row < _height; row++)
            {
                Span<T> target = to.Slice((plane * _height + row) * _width, _width);
                if (rows[row] == Border) target.Fill(fill);
                else CopyRow(from.Slice((plane * height + rows[row]) * width, width), target, columns, fill);
            }
        }
        return result;
    }

    private static void CopyRow<T>(ReadOnlySpan<T> source, Span<T> target, ReadOnlySpan<int> columns, T fill)
    {
        for (int i = 0; i < target.Length; i++) target[i] = columns[i] == Border ? fill : source[columns[i]];
    }

    /// <summary>For each row (or column) of the image with its border, the one of the image it shows.</summary>
    private int[] Sources(int size, int piece)
    {
        int reach = _mode switch
        {
            PaddingMode.Constant => int.MaxValue,
            PaddingMode.Reflect => size - 1,
            PaddingMode.Circular => size,
            _ => size == 0 ? 0 : int.MaxValue,
        };
        if (_padding > reach)
            throw new ArgumentException($"RandomCrop: a {_mode} border of {_padding} cannot be made of an image of size {size}; it reaches at most {reach}.");
        long padded = size + 2L * _padding;
        if (padded > Array.MaxLength) throw new ArgumentException($"RandomCrop: an image of size {size} with a border of {_padding} is too large.");
        if (padded < piece)
            throw new ArgumentException($"RandomCrop: a piece of size {piece} does not fit an image of size {size} with a border of {_padding}; " +
                "give a wider border.");
        var sources = new int[padded];
        for (int i = 0; i < sources.Length; i++)
        {
            int at = i - _padding;
            sources[i] = at >= 0 && at < size ? at : _mode switch
            {
                PaddingMode.Constant => Border,
                PaddingMode.Reflect => at < 0 ? -at : 2 * (size - 1) - at,
                PaddingMode.Circular => at < 0 ? at + size : at - size,
                _ => Math.Clamp(at, 0, size - 1),
            };
        }
        return sources;
    }
}
