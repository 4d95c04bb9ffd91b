namespace Facula.Backends.Cuda;

/// <summary>How a kernel reaches the elements of an operand.</summary>
internal enum Access : byte
{
    /// <summary>There is no such operand.</summary>
    None,
    /// <summary>A plain number, an argument.</summary>
    Immediate,
    /// <summary>The same element along the innermost dimension.</summary>
    Splat,
    /// <summary>Elements side by side along the innermost dimension.</summary>
    Lane,
    /// <summary>With a stride.</summary>
    Strided,
    /// <summary>No memory: what would be the place of the element is its value, as with coordinates.</summary>
    Place,
}

internal readonly record struct ElementOperand(Access Access, DType Type)
{
    public bool IsThere => Access != Access.None;

    public bool IsMemory => Access is Access.Splat or Access.Lane or Access.Strided;
}

/// <summary>
/// Dimensions that a kernel of elements walks through: those that lie the same way in all operands made one, the innermost of the result last, and so many
/// elements at once as all operands have side by side.
/// </summary>
internal sealed class ElementPlan
{
    /// <summary>A result and up to five more.</summary>
    public const int MaxOperands = 6;

    private readonly int[] _sizes;
    private readonly long[][] _strides;

    /// <summary>Elements that are side by side and on the same side of a vector's edge, in all operands.</summary>
    public int Lanes { get; private set; } = 1;

    public int Rank { get; private set; }

    /// <summary>Elements.</summary>
    public long Count { get; }

    /// <summary>Whether 31 bits are too few for places.</summary>
    public bool IsWide { get; }

    /// <summary>Threads that have something to do.</summary>
    public long Work => Rank == 1 ? (Count + Lanes - 1) / Lanes : Count / Lanes;

    /// <summary>Whether the last of them has less than the others.</summary>
    public bool HasTail => Count % Lanes != 0;

    /// <param name="shape">The result's.</param>
    /// <param name="layouts">The result's and the others', which broadcast to it; null for plain numbers.</param>
    /// <param name="sizes">Bytes of an element, which decide how many are moved at once; 0 for operands without memory.</param>
    /// <param name="maxLanes">How many at most.</param>
    public ElementPlan(int[] shape, ReadOnlySpan<Layout?> layouts, ReadOnlySpan<int> sizes, int maxLanes)
    {
        int[] dims = [.. Enumerable.Range(0, shape.Length).Where(d => shape[d] != 1)];
        Count = layouts[0]!.Count;
        // Along the result's memory, so that what is written lies side by side.
        Layout first = layouts[0]!;
        dims = [.. dims.OrderByDescending(d => Math.Abs(first.Strides[d]))];
        _sizes = dims.Length == 0 ? [1] : [.. dims.Select(d => shape[d])];
        _strides = new long[layouts.Length][];
        for (int i = 0; i < layouts.Length; i++)
        {
            var strides = _strides[i] = new long[_sizes.Length];
            if (layouts[i] is not { } layout) continue;
            for (int d = 0; d < dims.Length; d++)
            {
                int own = dims[d] - (shape.Length - layout.Rank);
                strides[d] = own < 0 || layout.Shape[own] == 1 ? 0 : layout.Strides[own];
            }
            if (i == 0 && dims.Length == 0) strides[0] = 1;
        }
        Rank = _sizes.Length;
        Merge();
        IsWide = Count > int.MaxValue || _strides.Any(strides => Reach(strides) > int.MaxValue);
        for (int lanes = maxLanes; lanes > 1; lanes /= 2)
        {
            if (!Allows(lanes, layouts, sizes)) continue;
            Lanes = lanes;
            break;
        }
    }

    public int Size(int dim) => _sizes[dim];

    public long Stride(int operand, int dim) => _strides[operand][dim];

    /// <summary>How an operand's elements lie along the innermost dimension.</summary>
    public Access AccessOf(int operand) => _strides[operand][Rank - 1] switch
    {
        0 => Access.Splat,
        1 => Access.Lane,
        _ => Access.Strided,
    };

    // From the innermost dimension outwards.
    private void Merge()
    {
        int last = Rank - 1, to = last;
        for (int d = last - 1; d >= 0; d--)
        {
            bool follows = _strides.All(strides => strides[d] == strides[to] * _sizes[to]) && (long)_sizes[d] * _sizes[to] <= int.MaxValue;
            if (follows) _sizes[to] *= _sizes[d];
            else
            {
                to--;
                _sizes[to] = _sizes[d];
                foreach (long[] strides in _strides) strides[to] = strides[d];
            }
        }
        if (to == 0) return;
        Rank = last - to + 1;
        _sizes.AsSpan(to).CopyTo(_sizes);
        foreach (long[] strides in _strides) strides.AsSpan(to).CopyTo(strides);
    }

    private long Reach(long[] strides)
    {
        long reach = 0;
        for (int d = 0; d < Rank; d++) reach += (_sizes[d] - 1) * Math.Abs(strides[d]);
        return reach;
    }

    private bool Allows(int lanes, ReadOnlySpan<Layout?> layouts, ReadOnlySpan<int> sizes)
    {
        if (_strides[0][Rank - 1] != 1 || (Rank > 1 && _sizes[Rank - 1] % lanes != 0) || Count < lanes) return false;
        for (int i = 0; i < layouts.Length; i++)
        {
            if (layouts[i] is not { } layout) continue;
            Access access = AccessOf(i);
            if (access == Access.Strided) return false;
            if (access == Access.Splat) continue;
            if (sizes[i] * lanes > 16 || (sizes[i] > 0 && layout.Offset % lanes != 0)) return false;
            for (int d = 0; d < Rank - 1; d++)
            {
                if (_strides[i][d] % lanes != 0) return false;
            }
        }
        return true;
    }
}
