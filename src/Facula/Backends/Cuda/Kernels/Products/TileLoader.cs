namespace Facula.Backends.Cuda;

/// <summary>
/// Brings an operand's slices of depth into shared memory, one after another, with zeros beyond its edges. A thread moves chunks of one place in
/// the rows of the slice, in every so many rows. Arguments: the operand; its strides from matrix to matrix, along the outer dimension and along the depth,
/// in chunks
/// but for the dimension that a chunk lies along.
/// </summary>
internal sealed class TileLoader
{
    private readonly Assembler _k;
    private readonly ProductSource _source;
    private readonly PtxType _element, _stored;
    private readonly DType _compute;
    private readonly int _size, _rows, _chunkBytes, _passRows, _passes, _depth;
    private readonly Value _pointer, _passStep, _sliceStep, _shared, _alongLeft, _acrossLeft, _active;
    private readonly bool _isPartial;
    private readonly Value[][] _fetched;

    /// <param name="k">The kernel.</param>
    /// <param name="source">How the operand lies.</param>
    /// <param name="element">The type of elements in shared memory.</param>
    /// <param name="tile">Whose slices.</param>
    /// <param name="outer">Rows or columns of the tile.</param>
    /// <param name="pad">Bytes between rows in shared memory.</param>
    /// <param name="arguments">Of the operand.</param>
    /// <param name="at">Where the tile begins.</param>
    public TileLoader(Assembler k, ProductSource source, DType element, ProductTile tile, int outer, int pad, in SourceArguments arguments, in TilePlace at)
    {
        (_k, _source, _depth) = (k, source, tile.Depth);
        (_element, _stored, _compute) = (Elements.Stored(element), Elements.Stored(source.Type), element);
        _size = _element.Size();
        _chunkBytes = source.Chunk * source.Type.Size;
        int columns = source.AlongDepth ? tile.Depth : outer;
        _rows = source.AlongDepth ? outer : tile.Depth;
        RowBytes = columns * _size + pad;
        int perRow = columns / source.Chunk;
        _passRows = tile.Threads / perRow;
        _isPartial = _passRows > _rows;
        _passes = _isPartial ? 1 : _rows / _passRows;
        _fetched = new Value[_passes][];

        Value thread = k.Special("tid.x"), row = thread / perRow, column = thread % perRow * source.Chunk;
        if (_isPartial) _active = row < _rows;
        Value outerInTile = source.AlongDepth ? row : column, depthInTile = source.AlongDepth ? column : row;
        Value firstOuter = outerInTile + at.Outer, firstDepth = depthInTile + at.Depth;
        // A chunk lies along one dimension, in which places are counted in chunks too.
        Value inChunks = source.Chunk == 1 ? column : thread % perRow;
        Value outerSteps = (source.AlongDepth ? firstOuter : source.Chunk == 1 ? firstOuter : inChunks + at.Outer / source.Chunk).As(PtxType.U32);
        Value depthSteps = (!source.AlongDepth ? firstDepth : source.Chunk == 1 ? firstDepth : inChunks + at.Depth / source.Chunk).As(PtxType.U32);
        Value outerStride = arguments.Outer, depthStride = arguments.Depth;
        Value place = k.Convert(PtxType.S64, at.Batch) * arguments.Batch;
        place = Plus(place, outerSteps, outerStride, source.Chunk > 1 && !source.AlongDepth);
        place = Plus(place, depthSteps, depthStride, source.Chunk > 1 && source.AlongDepth);
        _pointer = k.Variable(PtxType.U64, k.MultiplyAdd(place, _chunkBytes, arguments.Pointer.As(PtxType.S64)).As(PtxType.U64));
        Value acrossStride = source.AlongDepth ? outerStride : depthStride;
        _passStep = (acrossStride * (_passRows * _chunkBytes)).As(PtxType.U64);
        // All passes have moved the pointer on by rows of the slice.
        if (source.AlongDepth)
        {
            Value slice = source.Chunk > 1 ? k.Variable(PtxType.S64, tile.Depth * source.Type.Size) : depthStride * (tile.Depth * _chunkBytes);
            _sliceStep = (_passes == 1 ? slice : slice - (_passStep.As(PtxType.S64) * (_passes - 1))).As(PtxType.U64);
        }
        else if (_isPartial) _sliceStep = (acrossStride * (tile.Depth * _chunkBytes)).As(PtxType.U64);
        else _sliceStep = _passStep;
        _shared = k.MultiplyAdd(row, RowBytes, column * _size);
        Value outerLeft = k.Variable(PtxType.S32, (arguments.OuterSize - firstOuter).As(PtxType.S32));
        Value depthLeft = k.Variable(PtxType.S32, (at.DepthEnd - firstDepth).As(PtxType.S32));
        (_alongLeft, _acrossLeft) = source.AlongDepth ? (depthLeft, outerLeft) : (outerLeft, depthLeft);

        Value Plus(Value sum, Value steps, Value stride, bool isChunked)
        {
            Value wide = k.Convert(PtxType.S64, steps);
            return isChunked ? sum + wide : k.MultiplyAdd(wide, stride, sum);
        }
    }

    /// <summary>Whether slices go to shared memory by themselves.</summary>
    public bool IsAsync => _source.IsAsync;

    /// <summary>From a row in shared memory to the next.</summary>
    public int RowBytes { get; }

    /// <summary>Of a slice in shared memory, a multiple of 128.</summary>
    public int Bytes => (_rows * RowBytes + 127) & -128;

    /// <summary>Begins to bring the next slice. What does not go by itself is in registers then, until <see cref="Put"/>.</summary>
    public void Fetch(Value stage, int offset)
    {
        Value? there = null;
        if (_source.Chunk == 1 || !_source.IsAsync) there = _alongLeft > 0;
        Value bytes = default;
        if (_source.IsAsync)
        {
            bytes = _source.Chunk == 1 ? _k.Select(PtxType.U32, there!.Value, _chunkBytes, 0)
                : _k.Min(_k.Max(_alongLeft * _source.Type.Size, 0), _chunkBytes).As(PtxType.U32);
        }
        Value target = _source.IsAsync ? stage + _shared : default;
        for (int i = 0; i < _passes; i++)
        {
            Value inside = _acrossLeft > i * _passRows;
            if (_source.IsAsync)
            {
                _k.CopyAsync(target, offset + i * _passRows * RowBytes, _pointer, _chunkBytes, _k.Select(PtxType.U32, inside, bytes, 0),
                    _isPartial ? _active : null);
            }
            else FetchNow(i, _isPartial ? inside & there!.Value & _active : inside & there!.Value);
            _k.Set(_pointer, _pointer + (i < _passes - 1 ? _passStep : _sliceStep));
        }
        Value left = _source.AlongDepth ? _alongLeft : _acrossLeft;
        _k.Set(left, left - _depth);
    }

    /// <summary>Writes to shared memory what is in registers.</summary>
    public void Put(Value stage, int offset)
    {
        if (_source.IsAsync) return;
        Value target = stage + _shared;
        Value? guard = _isPartial ? _active : null;
        for (int i = 0; i < _passes; i++)
        {
            Value[] values = _fetched[i];
            PtxType type = values[0].Type;
            if (_source.Chunk == 1) type = _element;
            int at = offset + i * _passRows * RowBytes;
            _k.StoreShared(type, target, values, at, guard);
        }
    }

    private void FetchNow(int pass, Value guard)
    {
        if (_source.Chunk > 1)
        {
            _fetched[pass] = _k.LoadGlobalOrZero(PtxType.U32, _pointer, _chunkBytes / 4, 0, guard);
            return;
        }
        Value loaded = _k.LoadGlobalOrZero(_stored, _pointer, 1, 0, guard)[0];
        _fetched[pass] = [_stored == _element && _source.Type == _compute ? loaded : Elements.Load(_k, _source.Type, loaded, _compute)];
    }
}

/// <summary>What a kernel is given of an operand.</summary>
internal readonly record struct SourceArguments(Value Pointer, Value Batch, Value Outer, Value Depth, Value OuterSize)
{
    /// <summary>The next arguments of a kernel.</summary>
    public static SourceArguments Of(Assembler k, ProductSource source, Value outerSize) => new(k.Pointer(source.Chunk * source.Type.Size),
        k.Parameter(PtxType.S64), k.Parameter(PtxType.S64), k.Parameter(PtxType.S64), outerSize);
}

/// <summary>Where a block begins: which matrix, row or column, and depth; and where the depth ends.</summary>
internal readonly record struct TilePlace(Value Batch, Value Outer, Value Depth, Value DepthEnd);
