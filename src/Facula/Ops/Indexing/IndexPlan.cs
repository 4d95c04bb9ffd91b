namespace Facula;

/// <summary>An index worked out for a shape: first a view by integers, ranges and new axes, then index tensors into that view.</summary>
internal sealed class IndexPlan
{
    private readonly List<(int Dim, Tensor Index)> _tensors = [];
    private readonly Layout _view;
    private readonly Device _device;
    private AdvancedIndex? _advanced;

    public IndexPlan(Tensor x, ReadOnlySpan<TensorIndex> index)
    {
        _device = x.Device;
        int rank = x.Rank, used = 0, ellipses = 0;
        foreach (TensorIndex part in index)
        {
            used += Consumed(part);
            if (part.Kind == IndexKind.Ellipsis && ++ellipses > 1) throw new ArgumentException("Index: Ellipsis may stand once only.");
        }
        if (used > rank) throw new ArgumentException($"Index: {used} dimensions are indexed, but a tensor of shape {x.Shape} has {rank}.");

        var steps = new List<IndexStep>(rank + index.Length);
        int dim = 0, place = 0;
        foreach (TensorIndex part in index)
        {
            switch (part.Kind)
            {
                case IndexKind.Integer: Integer(part.Start); break;
                case IndexKind.Slice: Slice(part); break;
                case IndexKind.All: Keep(1); break;
                case IndexKind.Ellipsis: Keep(rank - used); break;
                case IndexKind.NewAxis: New(); break;
                default: Elements(part.Tensor!); break;
            }
        }
        Basic = new([.. steps]);
        HasBasic = steps.Exists(step => step.Kind != IndexStepKind.Keep);
        _view = HasBasic ? Basic.Apply(x.Layout) : x.Layout;

        void Keep(int count)
        {
            for (int i = 0; i < count; i++) steps.Add(new(IndexStepKind.Keep));
            dim += count;
            place += count;
        }

        void New()
        {
            steps.Add(new(IndexStepKind.New));
            place++;
        }

        void Integer(Index at)
        {
            int size = x.Layout.Shape[dim], i = at.GetOffset(size);
            if (i < 0 || i >= size)
            {
                int given = at.IsFromEnd ? -at.Value : at.Value;
                throw new ArgumentOutOfRangeException(nameof(index), given,
                    $"Index: index {at} is out of range for dimension {dim}, which has size {size}, of a tensor of shape {x.Shape}.");
            }
            steps.Add(new(IndexStepKind.Select, i));
            dim++;
        }

        void Slice(TensorIndex part)
        {
            int size = x.Layout.Shape[dim++];
            int start = Math.Clamp(part.Start.GetOffset(size), 0, size), stop = Math.Clamp(part.Stop.GetOffset(size), start, size);
            steps.Add(new(IndexStepKind.Slice, start, stop > start ? (stop - start - 1) / part.Step + 1 : 0, part.Step));
            place++;
        }

        void Elements(Tensor tensor)
        {
            // As in PyTorch, an index may lie on the processor, where it is often made.
            if (tensor.Device != Device.Cpu) Check.SameDevice("Index", x, tensor);
            if (tensor.DType == DType.Bool)
            {
                if (tensor.Rank == 0)
                {
                    // A single truth value keeps all or nothing, along a dimension of its own.
                    _tensors.Add((place, tensor.Reshape(1)));
                    New();
                    return;
                }
                for (int d = 0; d < tensor.Rank; d++)
                {
                    if (tensor.Layout.Shape[d] != x.Layout.Shape[dim + d])
                    {
                        throw new ArgumentException($"Index: a mask of shape {tensor.Shape} does not fit dimensions {dim} to {dim + tensor.Rank - 1} " +
                            $"of a tensor of shape {x.Shape}; their sizes must be equal.");
                    }
                }
                _tensors.Add((place, tensor));
                Keep(tensor.Rank);
                return;
            }
            if (!tensor.DType.IsInteger || tensor.DType == DType.UInt8)
            {
                throw new ArgumentException($"Index: an index tensor holds integers or truth values, but this one is {tensor.DType.PyTorchName}; " +
                    "convert it with To(DType.Int64) to mean positions, or To(DType.Bool) to mean a mask.");
            }
            if (tensor.Rank == 0)
            {
                long i = tensor.Item<long>();
                Integer(i is < int.MinValue or > int.MaxValue ? int.MaxValue : i < 0 ? Index.FromEnd((int)Math.Min(-i, int.MaxValue)) : (int)i);
                return;
            }
            _tensors.Add((place, tensor));
            Keep(1);
        }
    }

    public BasicIndexOp Basic { get; }

    /// <summary>Whether the view differs from the tensor.</summary>
    public bool HasBasic { get; }

    public bool HasTensors => _tensors.Count > 0;

    public int[] ResultShape => HasTensors ? Advanced.ResultShape : _view.Shape;

    /// <summary>The only index tensor, where it is a mask: shaped to broadcast over the view.</summary>
    public Tensor? Mask
    {
        get
        {
            if (_tensors is not [(int dim, { DType.Kind: ElementType.Bool } mask)]) return null;
            int after = _view.Rank - dim - mask.Rank;
            return after == 0 ? mask : mask.Reshape([.. mask.Layout.Shape, .. Enumerable.Repeat(1, after)]);
        }
    }

    /// <summary>The index tensors as positions in the view.</summary>
    public AdvancedIndex Advanced => _advanced ??= FindPositions();

    private AdvancedIndex FindPositions()
    {
        var dims = new List<int>();
        var indices = new List<Tensor>();
        foreach ((int dim, Tensor tensor) in _tensors)
        {
            Tensor local = tensor.To(_device);
            if (tensor.DType != DType.Bool)
            {
                dims.Add(dim);
                indices.Add(local.To(DType.Int64));
                continue;
            }
            Tensor positions = local.NonZero();
            for (int d = 0; d < tensor.Rank; d++)
            {
                dims.Add(dim + d);
                indices.Add(positions.Select(1, d));
            }
        }
        return new(_view.Shape, [.. dims], [.. indices], isUnique: _tensors is [(_, { DType.Kind: ElementType.Bool })]);
    }

    private static int Consumed(TensorIndex part) => part.Kind switch
    {
        IndexKind.NewAxis or IndexKind.Ellipsis => 0,
        IndexKind.Tensor => part.Tensor switch
        {
            null => throw new ArgumentNullException(nameof(part), "Index: an index tensor is null."),
            { DType.Kind: ElementType.Bool } mask => mask.Rank,
            _ => 1,
        },
        _ => 1,
    };
}
