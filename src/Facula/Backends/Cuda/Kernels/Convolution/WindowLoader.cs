namespace Facula.Backends.Cuda;

/// <summary>
/// The slices of an operand of a convolution. Arguments, in units of a chunk's elements: the operand, from group to group and, of windows, how far all is moved; for
/// the outer dimension and the depth what <see cref="WindowIndex"/> takes; of windows for each dimension of space what places are moved by and the size, and where
/// it is divided the stride, as a <see cref="CoordinateWalk"/> takes it, and the step in memory; where there are ones, one and zeros behind it.
/// </summary>
internal sealed class WindowLoader : SliceLoader
{
    private readonly WindowAccess _access;
    private readonly WindowIndex _depth;
    private readonly WindowPlace[] _outers;
    private readonly Value _outerLeft, _next, _depthEnd, _ones;
    private readonly Value[] _sizes = [], _steps = [];
    private readonly CoordinateWalk[] _strides = [];

    /// <param name="k">The kernel.</param>
    /// <param name="source">How the operand lies.</param>
    /// <param name="access">How it is read.</param>
    /// <param name="element">The type of elements in shared memory.</param>
    /// <param name="tile">Whose slices.</param>
    /// <param name="outer">Rows or columns of the tile.</param>
    /// <param name="pad">Bytes between rows in shared memory.</param>
    /// <param name="outerSize">Rows or columns of the product.</param>
    /// <param name="at">Where the tile begins; the matrix is the group.</param>
    public WindowLoader(Assembler k, ProductSource source, WindowAccess access, DType element, ProductTile tile, int outer, int pad, Value outerSize,
        in TilePlace at) : base(k, source, element, tile, outer, pad)
    {
        _access = access;
        int rank = access.Rank, outerChunk = source.AlongDepth ? 1 : source.Chunk, depthChunk = source.AlongDepth ? source.Chunk : 1;
        Value pointer = k.Pointer(ChunkBytes), start = k.Convert(PtxType.S64, at.Batch) * k.Parameter(PtxType.S64);
        if (access.IsWindow) start = start + k.Parameter(PtxType.S64);
        var outers = new WindowIndex(k, access.Outer, access, ChunkBytes);
        _depth = new(k, access.Depth, access, ChunkBytes);
        Value[] moved = [];
        if (access.IsWindow)
        {
            moved = Parameters(PtxType.S32);
            _sizes = Parameters(PtxType.U32);
            if (access.Divides)
            {
                _strides = [.. Enumerable.Range(0, rank).Select(_ => new CoordinateWalk(k, PtxType.U32, 2))];
                _steps = Parameters(PtxType.S64);
            }
        }
        if (access.HasOnes) _ones = k.Pointer(ChunkBytes).As(PtxType.S64);

        Value first = Chunks(at.Outer, outerChunk) + (source.AlongDepth ? Row : ColumnChunk), size = Chunks(outerSize, outerChunk);
        _outerLeft = (size - first).As(PtxType.S32);
        Value address = k.MultiplyAdd(start, ChunkBytes, pointer.As(PtxType.S64));
        _outers = new WindowPlace[source.AlongDepth ? Passes : 1];
        for (int i = 0; i < _outers.Length; i++)
        {
            WindowPlace place = outers.At(i == 0 ? first : first + i * PassRows);
            for (int d = 0; d < moved.Length; d++) place.Positions[d] = place.Positions[d] + moved[d];
            // Rows and columns that are not there are outside, wherever taps lead.
            if (access.IsWindow) place.Positions[0] = k.Select(IsThere(i), place.Positions[0], access.IsBack ? -1 : int.MinValue);
            _outers[i] = place with { Bytes = address + place.Bytes };
        }
        _next = k.Variable(PtxType.U32, Chunks(at.Depth, depthChunk) + (source.AlongDepth ? ColumnChunk : Row));
        _depthEnd = Chunks(at.DepthEnd, depthChunk);

        Value[] Parameters(PtxType type) => [.. Enumerable.Range(0, rank).Select(_ => k.Parameter(type))];

        static Value Chunks(Value elements, int chunk) => chunk == 1 ? elements : elements / chunk;
    }

    public override void Fetch(Value stage, int offset)
    {
        Value target = Target(stage);
        bool alongDepth = Source.AlongDepth;
        (WindowPlace depth, Value inDepth) = DepthAt(_next);
        for (int i = 0; i < Passes; i++)
        {
            if (i > 0 && !alongDepth) (depth, inDepth) = DepthAt(_next + i * PassRows);
            int outer = alongDepth ? i : 0;
            Value address = _outers[outer].Bytes + depth.Bytes, inside = _access.IsWindow ? inDepth : inDepth & IsThere(outer);
            for (int d = 0; d < _sizes.Length; d++)
            {
                Value position = _outers[outer].Positions[d] + depth.Positions[d];
                if (!_access.Divides)
                {
                    // Below 0 it is large.
                    inside = inside & position.As(PtxType.U32) < _sizes[d];
                    continue;
                }
                Value[] parts = _strides[d].Coordinates(position.As(PtxType.U32));
                inside = inside & position >= 0 & K.Equal(parts[1], 0) & parts[0].As(PtxType.U32) < _sizes[d];
                address = K.MultiplyAdd(K.Convert(PtxType.S64, parts[0]) * _steps[d], ChunkBytes, address);
            }
            if (_access.HasOnes)
            {
                // The last column.
                Value isOne = K.Equal(_outerLeft, 1 + outer * PassRows);
                address = K.Select(isOne, _ones, address);
                inside = inside | isOne & inDepth;
            }
            Bring(i, target, offset, address.As(PtxType.U64), inside, ChunkBytes);
        }
        K.Set(_next, _next + Depth / (alongDepth ? Source.Chunk : 1));
    }

    private Value IsThere(int outer) => _outerLeft > outer * PassRows;

    private (WindowPlace, Value Inside) DepthAt(Value index) => (_depth.At(index), index < _depthEnd);
}

/// <summary>Where an index leads: how far in memory, and where in space.</summary>
internal readonly record struct WindowPlace(Value Bytes, Value[] Positions);

/// <summary>
/// An index of rows, columns or depth. Arguments: sizes as a <see cref="CoordinateWalk"/> takes them, strides and, where it moves a window, how far for each
/// dimension of space.
/// </summary>
internal sealed class WindowIndex
{
    private readonly Assembler _k;
    private readonly CoordinateWalk _walk;
    private readonly Value[] _strides, _scales;
    private readonly int _firstOfSpace, _bytes;

    public WindowIndex(Assembler k, WindowRole role, in WindowAccess access, int bytes)
    {
        (_k, _bytes) = (k, bytes);
        _firstOfSpace = role == WindowRole.Places ? 1 : 0;
        _walk = new(k, PtxType.U32, role == WindowRole.Channels ? 1 : access.Rank + 1);
        _strides = [.. Enumerable.Range(0, _walk.Rank).Select(_ => k.Parameter(PtxType.S64))];
        _scales = access.IsWindow ? [.. Enumerable.Range(0, access.Rank).Select(_ => k.Parameter(PtxType.S32))] : [];
    }

    public WindowPlace At(Value index)
    {
        Value[] coordinates = _walk.Coordinates(index);
        Value place = _k.Convert(PtxType.S64, coordinates[0]) * _strides[0];
        for (int d = 1; d < coordinates.Length; d++) place = _k.MultiplyAdd(_k.Convert(PtxType.S64, coordinates[d]), _strides[d], place);
        return new(place * _bytes, [.. _scales.Select((scale, d) => coordinates[_firstOfSpace + d] * scale)]);
    }
}
