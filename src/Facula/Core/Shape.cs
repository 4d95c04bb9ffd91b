using System.Collections;
using System.Runtime.CompilerServices;

namespace Facula;

/// <summary>The sizes of a tensor's dimensions, e.g. [128, 784]; [] for a single number. torch.Size.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IReadOnlyList<int>, IEquatable<Shape>
{
    private readonly int[]? _sizes;

    internal Shape(int[] sizes) => _sizes = sizes;

    /// <summary>A shape of the given sizes; the target of a collection expression.</summary>
    public static Shape Create(ReadOnlySpan<int> sizes) => new(sizes.ToArray());

    internal int[] Sizes => _sizes ?? [];

    /// <summary>The number of dimensions.</summary>
    public int Count => Sizes.Length;

    /// <summary>The number of elements: the product of the sizes.</summary>
    public long Elements
    {
        get
        {
            Int128 n = 1;
            foreach (int size in Sizes)
            {
                n *= size;
                if (n != (long)n) throw new InvalidOperationException($"Elements: the sizes {this} multiply to more than can be counted.");
            }
            return (long)n;
        }
    }

    /// <summary>The size of a dimension.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such dimension.</exception>
    public int this[int dim] => (uint)dim < (uint)Count ? Sizes[dim]
        : throw new ArgumentOutOfRangeException(nameof(dim), dim, $"The shape {this} has {Count} dimensions, numbered from 0; ^1 is the last.");

    /// <summary>The size of a dimension, also counted from the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such dimension.</exception>
    public int this[Index dim] => this[dim.GetOffset(Count)];

    /// <summary>The sizes as a span.</summary>
    public ReadOnlySpan<int> AsSpan() => Sizes;

    /// <summary>The sizes as a new array.</summary>
    public int[] ToArray() => (int[])Sizes.Clone();

    /// <summary>Enumerates the sizes.</summary>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)Sizes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => Sizes.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Shape other) => Sizes.AsSpan().SequenceEqual(other.Sizes);
    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int size in Sizes) hash.Add(size);
        return hash.ToHashCode();
    }

    /// <summary>Whether both have the same sizes.</summary>
    public static bool operator ==(Shape a, Shape b) => a.Equals(b);
    /// <summary>Whether they differ.</summary>
    public static bool operator !=(Shape a, Shape b) => !a.Equals(b);

    /// <summary>An array of sizes as a shape.</summary>
    public static implicit operator Shape(int[] sizes) => Create(sizes);

    /// <summary>The sizes where an operation takes them one by one, e.g. <c>x.Reshape(y.Shape)</c>.</summary>
    public static implicit operator ReadOnlySpan<int>(Shape shape) => shape.Sizes;

    /// <summary>As PyTorch prints it: [128, 784].</summary>
    public override string ToString() => $"[{string.Join(", ", Sizes)}]";
}
