namespace Facula.Backends.Cuda;

/// <summary>
/// Where the lines of several operands along one dimension begin, for kernels that go through them as they please. Arguments: the operands; for each dimension but
/// the outermost its size; strides of each operand over the dimensions that tell lines apart, then along the line; all of 64 bits.
/// </summary>
internal sealed class LineStarts
{
    private readonly Assembler _k;
    private readonly CoordinateWalk _walk;
    private readonly DType[] _types;
    private readonly Value[] _pointers, _along;
    private readonly Value[][] _strides;

    public LineStarts(Assembler k, int rank, params DType[] types)
    {
        (_k, _types) = (k, types);
        _pointers = [.. types.Select(type => k.Pointer(type.Size))];
        _walk = new CoordinateWalk(k, PtxType.U64, rank);
        _along = new Value[types.Length];
        _strides = new Value[types.Length][];
        for (int i = 0; i < types.Length; i++)
        {
            _strides[i] = _walk.Strides();
            _along[i] = k.Parameter(PtxType.S64);
        }
    }

    /// <summary>The dimensions that tell lines apart, in the order of the first operand's memory, those that lie alike in all made one.</summary>
    public static ElementPlan PlanOf(int dim, ReadOnlySpan<Operand> operands)
    {
        var layouts = new Layout?[operands.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            Layout layout = operands[i].Layout;
            layouts[i] = new(Without(layout.Shape, dim), Without(layout.Strides, dim), layout.Offset);
        }
        return new(layouts[0]!.Shape, layouts, new int[operands.Length], 1);
    }

    /// <summary>The arguments, from the host. What is no memory, whose places are all that is wanted, begins at 0.</summary>
    public static void Add(ref readonly CudaLaunch launch, ElementPlan plan, int dim, ReadOnlySpan<Operand> operands)
    {
        foreach (ref readonly Operand operand in operands)
        {
            if (operand.Buffer is null) launch.Add(0UL);
            else launch.Add(operand);
        }
        for (int d = 1; d < plan.Rank; d++) CoordinateWalk.AddSize(in launch, plan.Size(d), isWide: true);
        for (int i = 0; i < operands.Length; i++)
        {
            for (int d = 0; d < plan.Rank; d++) launch.Add(plan.Stride(i, d));
            launch.Add(operands[i].Layout.Strides[dim]);
        }
    }

    /// <summary>Where the lines of such a number begin, one for each operand.</summary>
    public Value[] Of(Value line)
    {
        Value[] coordinates = _walk.Coordinates(line);
        return [.. _types.Select((type, i) => _walk.Address(_pointers[i], _walk.Offset(coordinates, _strides[i]), type.Size))];
    }

    /// <summary>The address of an element of a line.</summary>
    public Value At(int operand, Value start, Value i) =>
        _k.MultiplyAdd(i.As(PtxType.S64) * _along[operand], _types[operand].Size, start.As(PtxType.S64));

    /// <summary>An element of a line as it is stored.</summary>
    public Value Load(int operand, Value start, Value i) => _k.LoadGlobal(Elements.Stored(_types[operand]), At(operand, start, i))[0];

    /// <summary>An element of a line as one of another type.</summary>
    public Value Load(int operand, Value start, Value i, DType type) => Elements.Load(_k, _types[operand], Load(operand, start, i), type);

    public void Store(int operand, Value start, Value i, Value stored) =>
        _k.StoreGlobal(Elements.Stored(_types[operand]), At(operand, start, i), [stored]);

    private static T[] Without<T>(T[] all, int dim) => [.. all[..dim], .. all[(dim + 1)..]];
}
