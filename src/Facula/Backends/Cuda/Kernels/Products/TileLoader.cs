namespace Facula.Backends.Cuda;

/// <summary>
/// The slices of a matrix by its strides. Arguments: the operand; its strides from matrix to matrix, along the outer dimension and along the depth, in chunks
/// but for the dimension that a chunk lies along.
/// </summary>
internal sealed class TileLoader : SliceLoader
{
    private readonly Value _pointer, _passStep, _sliceStep, _alongLeft, _acrossLeft;

    /// <param name="k">The kernel.</param>
    /// <param name="source">How the operand lies.</param>
    /// <param name="element">The type of elements in shared memory.</param>
    /// <param name="tile">Whose slices.</param>
    /// <param name="outer">Rows or columns of the tile.</param>
    /// <param name="pad">Bytes between rows in shared memory.</param>
    /// <param name="arguments">Of the operand.</param>
    /// <param name="at">Where the tile begins.</param>
    public TileLoader(Assembler k, ProductSource source, DType element, ProductTile tile, int outer, int pad, in SourceArguments arguments, in TilePlace at)
        : base(k, source, element, tile, outer, pad)
    {
        Value outerInTile = source.AlongDepth ? Row : Column, depthInTile = source.AlongDepth ? Column : Row;
        Value firstOuter = outerInTile + at.Outer, firstDepth = depthInTile + at.Depth;
        // A chunk lies along one dimension, in which places are counted in chunks too.
        Value outerSteps = (source.AlongDepth ? firstOuter : source.Chunk == 1 ? firstOuter : ColumnChunk + at.Outer / source.Chunk).As(PtxType.U32);
        Value depthSteps = (!source.AlongDepth ? firstDepth : source.Chunk == 1 ? firstDepth : ColumnChunk + at.Depth / source.Chunk).As(PtxType.U32);
        Value outerStride = arguments.Outer, depthStride = arguments.Depth;
        Value place = k.Convert(PtxType.S64, at.Batch) * arguments.Batch;
        place = Plus(place, outerSteps, outerStride, source.Chunk > 1 && !source.AlongDepth);
        place = Plus(place, depthSteps, depthStride, source.Chunk > 1 && source.AlongDepth);
        _pointer = k.Variable(PtxType.U64, k.MultiplyAdd(place, ChunkBytes, arguments.Pointer.As(PtxType.S64)).As(PtxType.U64));
        Value acrossStride = source.AlongDepth ? outerStride : depthStride;
        _passStep = (acrossStride * (PassRows * ChunkBytes)).As(PtxType.U64);
        // All passes have moved the pointer on by rows of the slice.
        if (source.AlongDepth)
        {
            Value slice = source.Chunk > 1 ? k.Variable(PtxType.S64, tile.Depth * source.Type.Size) : depthStride * (tile.Depth * ChunkBytes);
            _sliceStep = (Passes == 1 ? slice : slice - (_passStep.As(PtxType.S64) * (Passes - 1))).As(PtxType.U64);
        }
        else if (IsPartial) _sliceStep = (acrossStride * (tile.Depth * ChunkBytes)).As(PtxType.U64);
        else _sliceStep = _passStep;
        Value outerLeft = k.Variable(PtxType.S32, (arguments.OuterSize - firstOuter).As(PtxType.S32));
        Value depthLeft = k.Variable(PtxType.S32, (at.DepthEnd - firstDepth).As(PtxType.S32));
        (_alongLeft, _acrossLeft) = source.AlongDepth ? (depthLeft, outerLeft) : (outerLeft, depthLeft);

        Value Plus(Value sum, Value steps, Value stride, bool isChunked)
        {
            Value wide = k.Convert(PtxType.S64, steps);
            return isChunked ? sum + wide : k.MultiplyAdd(wide, stride, sum);
        }
    }

    public override void Fetch(Value stage, int offset)
    {
        Value? there = null;
        if (Source.Chunk == 1 || !IsAsync) there = _alongLeft > 0;
        Value bytes = ChunkBytes;
        if (IsAsync)
        {
            bytes = Source.Chunk == 1 ? K.Select(PtxType.U32, there!.Value, ChunkBytes, 0)
                : K.Min(K.Max(_alongLeft * Source.Type.Size, 0), ChunkBytes).As(PtxType.U32);
        }
        Value target = Target(stage);
        for (int i = 0; i < Passes; i++)
        {
            Value inside = _acrossLeft > i * PassRows;
            Bring(i, target, offset, _pointer, IsAsync ? inside : inside & there!.Value, bytes);
            K.Set(_pointer, _pointer + (i < Passes - 1 ? _passStep : _sliceStep));
        }
        Value left = Source.AlongDepth ? _alongLeft : _acrossLeft;
        K.Set(left, left - Depth);
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
