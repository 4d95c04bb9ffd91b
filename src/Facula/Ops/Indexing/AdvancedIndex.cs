using Facula.Backends;

namespace Facula;

/// <summary>
/// Index tensors for some dimensions of a tensor, broadcast together. In the result their shape stands where the indexed dimensions were
/// if those are neighbours, else in front. Kernels see the indexed dimensions as one, and one number for each place in it.
/// </summary>
internal sealed class AdvancedIndex
{
    private readonly int[] _dims;
    private readonly int[] _indexShape;
    private readonly int _place;

    /// <param name="shape">The shape that is indexed.</param>
    /// <param name="dims">Which dimensions, in ascending order.</param>
    /// <param name="indices">Int64, one for each.</param>
    /// <param name="isUnique">Whether no element can be named twice.</param>
    public AdvancedIndex(int[] shape, int[] dims, Tensor[] indices, bool isUnique)
    {
        (Shape, _dims, Indices, IsUnique) = (shape, dims, indices, isUnique);
        int[] broadcast = indices[0].Layout.Shape;
        foreach (Tensor index in indices)
        {
            broadcast = Layout.Broadcast(broadcast, index.Layout.Shape) ?? throw new ArgumentException(
                $"Index: index tensors of shapes {string.Join(", ", indices.Select(i => i.Shape.ToString()))} do not broadcast together.");
        }
        _indexShape = broadcast;
        bool adjacent = dims[^1] - dims[0] == dims.Length - 1;
        _place = adjacent ? dims[0] : 0;
        var kept = new List<int>();
        for (int d = 0; d < shape.Length; d++)
        {
            if (Array.IndexOf(dims, d) < 0) kept.Add(shape[d]);
        }
        ResultShape = [.. kept.Take(_place), .. broadcast, .. kept.Skip(_place)];
    }

    private AdvancedIndex(AdvancedIndex other, Tensor[] indices) =>
        (Shape, ResultShape, Indices, IsUnique, _dims, _indexShape, _place) =
            (other.Shape, other.ResultShape, indices, other.IsUnique, other._dims, other._indexShape, other._place);

    public int[] Shape { get; }
    public int[] ResultShape { get; }
    public Tensor[] Indices { get; }
    public bool IsUnique { get; }

    /// <summary>The same for tensors that have come back from being saved.</summary>
    public AdvancedIndex With(Tensor[] indices) => new(this, indices);

    /// <summary>y = what the index names of x; y has <see cref="ResultShape"/>.</summary>
    public void Read(Tensor x, Tensor y)
    {
        Layout merged = Merge(x.Layout, out long[] strides);
        using Tensor places = Places(strides);
        x.Device.Backend.IndexSelect(x.Operand.With(merged), places.Operand, y.Operand.With(y.Layout.Reshape(Flat)!), _place);
    }

    /// <summary>Writes or adds the values, which broadcast to <see cref="ResultShape"/>, to the places that the index names in a part of y.</summary>
    public void Write(Tensor values, Tensor y, Layout part, bool add)
    {
        Layout merged = Merge(part, out long[] strides);
        using Tensor places = Places(strides);
        Layout expanded = values.Layout.Expand(ResultShape)!;
        Operand source = values.Operand.With(expanded);
        if (expanded.Reshape(Flat) is { } flat && !ReferenceEquals(values.Buffer, y.Buffer))
        {
            y.Device.Backend.IndexPut(source.With(flat), places.Operand, y.Operand.With(merged), _place, add);
            return;
        }
        using Tensor copy = Tensor.Allocate(Layout.Contiguous(ResultShape), values.DType, values.Device);
        y.Device.Backend.Copy(source, copy.Operand);
        y.Device.Backend.IndexPut(copy.Operand.With(copy.Layout.Reshape(Flat)!), places.Operand, y.Operand.With(merged), _place, add);
    }

    /// <summary>The result with the dimensions of the index as one.</summary>
    private int[] Flat =>
        [.. ResultShape[.._place], Check.Size("Index", new Shape(_indexShape).Elements, "the number of elements of the index"),
            .. ResultShape[(_place + _indexShape.Length)..]];

    private Tensor Places(long[] strides)
    {
        Layout shape = Layout.Contiguous(_indexShape);
        Tensor places = Tensor.Allocate(Layout.Contiguous([Check.Size("Index", shape.Count, "the number of elements of the index")]), DType.Int64,
            Indices[0].Device);
        var operands = new Operand[Indices.Length];
        for (int i = 0; i < operands.Length; i++) operands[i] = Indices[i].Operand;
        places.Device.Backend.LinearIndex(operands, [.. _dims.Select(d => Shape[d])], strides, _dims, places.Operand.With(shape));
        return places;
    }

    /// <summary>The indexed dimensions as one, in steps of the largest size that serves them all; strides are what an index counts for in it.</summary>
    private Layout Merge(Layout x, out long[] strides)
    {
        long step = 0, last = 0;
        foreach (int d in _dims)
        {
            long a = step, b = x.Shape[d] > 1 ? x.Strides[d] : 0;
            while (b != 0) (a, b) = (b, a % b);
            step = a;
        }
        step = Math.Max(step, 1);
        bool empty = false;
        strides = new long[_dims.Length];
        for (int i = 0; i < strides.Length; i++)
        {
            int size = x.Shape[_dims[i]];
            empty |= size == 0;
            strides[i] = size > 1 ? x.Strides[_dims[i]] / step : 0;
            last += Math.Max(0, size - 1) * strides[i];
        }
        if (last >= int.MaxValue)
            throw new NotSupportedException($"Index: the indexed dimensions of a tensor of shape {new Shape(x.Shape)} hold too many elements for " +
                "index tensors.");
        var shape = new List<int>();
        var steps = new List<long>();
        for (int d = 0; d < x.Rank; d++)
        {
            if (Array.IndexOf(_dims, d) >= 0) continue;
            shape.Add(x.Shape[d]);
            steps.Add(x.Strides[d]);
        }
        shape.Insert(_place, empty ? 0 : (int)last + 1);
        steps.Insert(_place, step);
        return new([.. shape], [.. steps], x.Offset);
    }
}
