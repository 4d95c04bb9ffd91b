using System.Runtime.CompilerServices;

namespace Facula.NN;

/// <summary>
/// One number for each dimension of space, or a single one for all of them: <c>kernelSize: 3</c>, <c>kernelSize: (3, 5)</c> or <c>kernelSize: [3, 5]</c>. What
/// PyTorch takes as an int or a tuple.
/// </summary>
[CollectionBuilder(typeof(SpatialSize), nameof(Create))]
public readonly struct SpatialSize
{
    private readonly int _a, _b, _c;
    private readonly int _count;

    private SpatialSize(int count, int a, int b = 0, int c = 0) => (_count, _a, _b, _c) = (count, a, b, c);

    /// <summary>The same number for every dimension.</summary>
    public static implicit operator SpatialSize(int all) => new(1, all);

    /// <summary>Height and width.</summary>
    public static implicit operator SpatialSize((int Height, int Width) value) => new(2, value.Height, value.Width);

    /// <summary>Depth, height and width.</summary>
    public static implicit operator SpatialSize((int Depth, int Height, int Width) value) => new(3, value.Depth, value.Height, value.Width);

    /// <summary>One number for all dimensions, or one for each, the last dimension last; a collection expression comes here.</summary>
    /// <exception cref="ArgumentException">There are no numbers, or more than three.</exception>
    public static SpatialSize Create(ReadOnlySpan<int> values) => values.Length switch
    {
        1 => values[0],
        2 => (values[0], values[1]),
        3 => (values[0], values[1], values[2]),
        _ => throw new ArgumentException($"SpatialSize: there are one to three dimensions of space, but {values.Length} numbers.", nameof(values)),
    };

    /// <summary>The numbers given.</summary>
    public IEnumerator<int> GetEnumerator()
    {
        if (_count > 0) yield return _a;
        if (_count > 1) yield return _b;
        if (_count > 2) yield return _c;
    }

    /// <summary>One number for each of so many dimensions.</summary>
    /// <exception cref="ArgumentException">There are two or three numbers, and another number of dimensions.</exception>
    internal int[] Of(int rank, string operation, string what, int least)
    {
        int[] values = _count == 1 ? [.. Enumerable.Repeat(_a, rank)] : _count == 2 ? [_a, _b] : [_a, _b, _c];
        if (_count == 0 || values.Length != rank)
            throw new ArgumentException($"{operation}: {what} needs one number, or one for each of {rank} dimension(s) of space, but has {_count}.");
        foreach (int value in values)
        {
            if (value < least) throw new ArgumentOutOfRangeException(what, value, $"{operation}: {what} must be at least {least}.");
        }
        return values;
    }

    /// <summary>Whether anything was said at all.</summary>
    internal bool IsGiven => _count > 0;

    /// <inheritdoc/>
    public override string ToString() => _count switch { 0 => "", 1 => $"{_a}", 2 => $"({_a}, {_b})", _ => $"({_a}, {_b}, {_c})" };
}
