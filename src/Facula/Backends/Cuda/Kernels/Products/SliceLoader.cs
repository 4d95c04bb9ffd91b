namespace Facula.Backends.Cuda;

/// <summary>
/// Brings an operand's slices of depth into shared memory, one after another, with zeros where there is nothing. A thread moves chunks of one place in the rows of
/// the slice, in every so many rows: a pass is one chunk of each thread.
/// </summary>
internal abstract class SliceLoader
{
    private readonly PtxType _element, _stored;
    private readonly DType _compute;
    private readonly Value _shared, _active;
    private readonly Value[][] _fetched;

    /// <param name="k">The kernel.</param>
    /// <param name="source">How the operand lies.</param>
    /// <param name="element">The type of elements in shared memory.</param>
    /// <param name="tile">Whose slices.</param>
    /// <param name="outer">Rows or columns of the tile.</param>
    /// <param name="pad">Bytes between rows in shared memory.</param>
    protected SliceLoader(Assembler k, ProductSource source, DType element, ProductTile tile, int outer, int pad)
    {
        (K, Source, Depth) = (k, source, tile.Depth);
        (_element, _stored, _compute) = (Elements.Stored(element), Elements.Stored(source.Type), element);
        int size = _element.Size(), columns = source.AlongDepth ? tile.Depth : outer, perRow = columns / source.Chunk;
        ChunkBytes = source.Chunk * source.Type.Size;
        Rows = source.AlongDepth ? outer : tile.Depth;
        RowBytes = columns * size + pad;
        PassRows = tile.Threads / perRow;
        IsPartial = PassRows > Rows;
        Passes = IsPartial ? 1 : Rows / PassRows;
        _fetched = new Value[Passes][];
        Value thread = k.Special("tid.x");
        (Row, ColumnChunk) = (thread / perRow, thread % perRow);
        Column = source.Chunk == 1 ? ColumnChunk : ColumnChunk * source.Chunk;
        if (IsPartial) _active = Row < Rows;
        _shared = k.MultiplyAdd(Row, RowBytes, Column * size);
    }

    /// <summary>Whether slices go to shared memory by themselves.</summary>
    public bool IsAsync => Source.IsAsync;

    /// <summary>From a row in shared memory to the next.</summary>
    public int RowBytes { get; }

    /// <summary>Of a slice in shared memory, a multiple of 128.</summary>
    public int Bytes => (Rows * RowBytes + 127) & -128;

    protected Assembler K { get; }

    protected ProductSource Source { get; }

    /// <summary>Of a slice.</summary>
    protected int Depth { get; }

    /// <summary>Of a slice in shared memory.</summary>
    protected int Rows { get; }

    protected int ChunkBytes { get; }

    /// <summary>From a thread's row to its next.</summary>
    protected int PassRows { get; }

    protected int Passes { get; }

    /// <summary>Whether there are more threads than chunks.</summary>
    protected bool IsPartial { get; }

    /// <summary>The thread's first row in a slice.</summary>
    protected Value Row { get; }

    /// <summary>The thread's first element in a row, and the same counted in chunks.</summary>
    protected Value Column { get; }

    protected Value ColumnChunk { get; }

    /// <summary>Begins to bring the next slice. What does not go by itself is in registers then, until <see cref="Put"/>.</summary>
    public abstract void Fetch(Value stage, int offset);

    /// <summary>Writes to shared memory what is in registers.</summary>
    public void Put(Value stage, int offset)
    {
        if (IsAsync) return;
        Value target = stage + _shared;
        Value? guard = IsPartial ? _active : null;
        for (int i = 0; i < Passes; i++)
        {
            Value[] values = _fetched[i];
            PtxType type = Source.Chunk == 1 ? _element : values[0].Type;
            K.StoreShared(type, target, values, offset + i * PassRows * RowBytes, guard);
        }
    }

    /// <summary>Where in a stage a thread's chunks go that do so by themselves.</summary>
    protected Value Target(Value stage) => IsAsync ? stage + _shared : default;

    /// <summary>Begins to bring a pass.</summary>
    /// <param name="pass">Which.</param>
    /// <param name="target">From <see cref="Target"/>.</param>
    /// <param name="offset">Of the operand's part in a stage.</param>
    /// <param name="pointer">Where the chunk lies.</param>
    /// <param name="inside">Whether there is one.</param>
    /// <param name="bytes">How many bytes there are of it, if there is one: all, unless it goes by itself.</param>
    protected void Bring(int pass, Value target, int offset, Value pointer, Value inside, Value bytes)
    {
        if (IsAsync)
        {
            K.CopyAsync(target, offset + pass * PassRows * RowBytes, pointer, ChunkBytes, K.Select(PtxType.U32, inside, bytes, 0), IsPartial ? _active : null);
            return;
        }
        if (IsPartial) inside = inside & _active;
        if (Source.Chunk > 1)
        {
            _fetched[pass] = K.LoadGlobalOrZero(PtxType.U32, pointer, ChunkBytes / 4, 0, inside);
            return;
        }
        Value loaded = K.LoadGlobalOrZero(_stored, pointer, 1, 0, inside)[0];
        _fetched[pass] = [_stored == _element && Source.Type == _compute ? loaded : Elements.Load(K, Source.Type, loaded, _compute)];
    }
}
