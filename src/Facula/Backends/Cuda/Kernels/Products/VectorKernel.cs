namespace Facula.Backends.Cuda;

/// <summary>What tells one kernel of a matrix and a vector from another.</summary>
/// <param name="Compute">The type of the sums.</param>
/// <param name="Matrix">How the matrix lies: along the depth a warp sums a row of it, else a lane has a few rows.</param>
/// <param name="Vector">The vector's type.</param>
/// <param name="VectorChunk">Elements of the vector that are read at once.</param>
/// <param name="IsColumn">Whether the result is a column: the matrix is the left operand.</param>
/// <param name="Result">What becomes of the sums.</param>
internal readonly record struct VectorKey(DType Compute, ProductSource Matrix, DType Vector, int VectorChunk, bool IsColumn, ProductResult Result)
{
    public string Name => $"product_vector_{Compute.PyTorchName}_{Matrix.Name}_{Vector.PyTorchName}x{VectorChunk}{(IsColumn
        ? "c" : "r")}_{Result.Name}".ToLowerInvariant();
}

/// <summary>
/// A matrix and a vector: what counts is to read the matrix once, and much of it at a time. Arguments: the rows of the matrix, the depth, the depth of a
/// block; the
/// matrix and its strides, as <see cref="TileLoader"/> takes them; the vector, its strides from one to the next and along the depth; from one part of the
/// depth to the next, in the result; what <see cref="ResultWriter"/> takes.
/// </summary>
internal static class VectorKernel
{
    public const int Warps = 8, Lanes = 32;

    /// <summary>Rows of the matrix for a block.</summary>
    public static int RowsOf(ProductSource matrix) => matrix.AlongDepth ? Warps : Lanes * matrix.Chunk;

    /// <summary>Of the depth, what the threads of a block take at a time.</summary>
    public static int DepthOf(ProductSource matrix) => matrix.AlongDepth ? Lanes * matrix.Chunk : Warps;

    public static CudaKernel Build(VectorKey key, int capability)
    {
        var k = new Assembler(key.Name, Warps * Lanes);
        ProductSource source = key.Matrix;
        int chunk = source.Chunk, rows = RowsOf(source);
        Value size = k.Parameter(PtxType.U32), depth = k.Parameter(PtxType.U32), perBlock = k.Parameter(PtxType.U32);
        SourceArguments matrix = SourceArguments.Of(k, source, size);
        Value vector = k.Pointer(key.VectorChunk * key.Vector.Size), vectorBatch = k.Parameter(PtxType.S64), vectorDepth = k.Parameter(PtxType.S64);
        Value partStride = k.Parameter(PtxType.S64);
        var writer = new ResultWriter(k, key.Result, key.Compute);

        Value tiles = (size + (rows - 1)) / rows, block = k.Special("ctaid.x"), part = k.Special("ctaid.y");
        Value batch = block / tiles, firstRow = (block - batch * tiles) * rows;
        Value thread = k.Special("tid.x"), lane = thread & 31, warp = thread >> 5;
        Value from = part * perBlock, to = k.Min(from + perBlock, depth);
        Value row = source.AlongDepth ? firstRow + warp : firstRow + lane * chunk;
        Value begin = source.AlongDepth ? from + lane * chunk : from + warp;
        int step = DepthOf(source), xStep = source.AlongDepth ? step / key.VectorChunk : step;

        PtxType type = FormulaPrinter.TypeOf(key.Compute);
        Value zero = key.Compute.IsFloatingPoint ? (Value)0.0 : 0;
        Value[] sums = [.. Enumerable.Range(0, chunk).Select(_ => k.Variable(type, zero))];
        k.If(row < size, () =>
        {
            Value place = k.Convert(PtxType.S64, batch) * matrix.Batch;
            place = Plus(place, row, matrix.Outer, !source.AlongDepth);
            place = Plus(place, begin, matrix.Depth, source.AlongDepth);
            Value address = k.Variable(PtxType.S64, k.MultiplyAdd(place, chunk * source.Type.Size, matrix.Pointer.As(PtxType.S64)));
            Value advance = chunk > 1 && source.AlongDepth ? k.Variable(PtxType.S64, step * source.Type.Size)
                : matrix.Depth * (step * chunk * source.Type.Size);
            Value x = k.Convert(PtxType.S64, begin / key.VectorChunk) * vectorDepth + k.Convert(PtxType.S64, batch) * vectorBatch;
            int xBytes = key.VectorChunk * key.Vector.Size;
            Value xAddress = k.Variable(PtxType.S64, k.MultiplyAdd(x, xBytes, vector.As(PtxType.S64)));
            Value xAdvance = vectorDepth * (xStep * xBytes), xNext = vectorDepth * xBytes;
            k.For(PtxType.U32, begin, to, step, _ =>
            {
                Value[] a = Load(address, source.Type, chunk), b = LoadVector(xAddress, xNext);
                for (int e = 0; e < chunk; e++) k.Set(sums[e], k.MultiplyAdd(a[e], b[b.Length == 1 ? 0 : e], sums[e]));
                k.Set(address, address + advance);
                k.Set(xAddress, xAddress + xAdvance);
            });
        });
        Value moved = k.Convert(PtxType.S64, part) * partStride;
        if (source.AlongDepth)
        {
            Value sum = sums[0];
            foreach (Value other in sums[1..]) sum = sum + other;
            for (int distance = Lanes / 2; distance > 0; distance /= 2) sum = sum + k.Shuffle("bfly", sum, distance);
            k.If(k.Equal(lane, 0), () => Write(row, sum));
        }
        else
        {
            // The warps of a block have shared the depth.
            int bytes = type.Size();
            Value shared = k.SharedMemory(Warps * rows * bytes);
            Value mine = k.MultiplyAdd(warp, rows * bytes, shared + lane * (chunk * bytes));
            for (int e = 0; e < chunk; e++) k.StoreShared(type, mine, [sums[e]], e * bytes);
            k.Barrier();
            k.If(thread < rows, () =>
            {
                Value column = k.MultiplyAdd(thread, bytes, shared);
                Value sum = k.LoadShared(type, column)[0];
                for (int w = 1; w < Warps; w++) sum = sum + k.LoadShared(type, column, 1, w * rows * bytes)[0];
                Write(firstRow + thread, sum);
            });
        }
        return k.Build();

        Value Plus(Value sum, Value steps, Value stride, bool isAlong) => isAlong && chunk > 1
            ? sum + k.Convert(PtxType.S64, steps / chunk) : k.MultiplyAdd(k.Convert(PtxType.S64, steps), stride, sum);

        Value[] Load(Value address, DType stored, int count) =>
            [.. Elements.LoadMany(k, Elements.Stored(stored), address, count).Select(value => Elements.Load(k, stored, value, key.Compute))];

        Value[] LoadVector(Value address, Value next)
        {
            if (!source.AlongDepth || key.VectorChunk == chunk) return Load(address, key.Vector, key.VectorChunk);
            var loaded = new Value[chunk];
            for (int e = 0; e < chunk; e++)
                loaded[e] = Load(e == 0 ? address : k.MultiplyAdd(next, e, address), key.Vector, 1)[0];
            return loaded;
        }

        void Write(Value at, Value sum)
        {
            Value none = k.Variable(PtxType.U32, 0), one = k.Variable(PtxType.U32, 1);
            if (key.IsColumn) writer.Write((batch, at, none), moved, [0], [0], (size, one), (_, _) => sum);
            else writer.Write((batch, none, at), moved, [0], [0], (one, size), (_, _) => sum);
        }
    }
}
