namespace Facula.Backends.Cuda;

/// <summary>
/// A tile of a product of matrices, or of stacks of them, by a block; where the depth is shared among several blocks, their sums. Arguments: A and what
/// <see cref="TileLoader"/> takes of it; B; the sizes M, N, K; the depth of a block; from one part of the depth to the next, in the result; what
/// <see cref="ResultWriter"/> takes.
/// </summary>
internal static class ProductKernel
{
    // Tiles are numbered down the columns of bands of so many, so that those that are computed at a time share rows and columns in the cache.
    private const int BandRows = 16;

    public static CudaKernel Build(ProductKey key, int capability)
    {
        ProductTile tile = key.Tile;
        // Left to itself the compiler gives threads fewer registers than the tile needs.
        var k = new Assembler(key.Name, tile.Threads) { BlocksPerMultiprocessor = 1 };
        if (key.Method != ProductMethod.Scalar) k.Needs(80);
        Value sizeM = k.Parameter(PtxType.U32), sizeN = k.Parameter(PtxType.U32), sizeK = k.Parameter(PtxType.U32), perBlock = k.Parameter(PtxType.U32);
        SourceArguments sourceA = SourceArguments.Of(k, key.A, sizeM), sourceB = SourceArguments.Of(k, key.B, sizeN);
        Value partStride = k.Parameter(PtxType.S64);
        var writer = new ResultWriter(k, key.Result, key.Compute);

        Value tilesM = (sizeM + (tile.M - 1)) / tile.M, tilesN = (sizeN + (tile.N - 1)) / tile.N, tiles = tilesM * tilesN;
        Value block = k.Special("ctaid.x"), batch = block / tiles, part = k.Special("ctaid.y");
        (Value tileM, Value tileN) = Place(k, block - batch * tiles, tilesM, tilesN);
        Value m = tileM * tile.M, n = tileN * tile.N;
        Value from = part * perBlock, to = k.Min(from + perBlock, sizeK);
        Value slices = (to - from + (tile.Depth - 1)) / tile.Depth;

        int padA = PadOf(key, key.A), padB = PadOf(key, key.B);
        var a = new TileLoader(k, key.A, key.Element, tile, tile.M, padA, sourceA, new(batch, m, from, to));
        var b = new TileLoader(k, key.B, key.Element, tile, tile.N, padB, sourceB, new(batch, n, from, to));
        IProductWarp warp = key.Method == ProductMethod.Scalar ? new ScalarWarp(k, key, a, b) : new TensorWarp(k, key, a, b);
        SlicePipeline.Run(k, tile.Stages, a, b, slices, warp.Compute);
        Value moved = k.Convert(PtxType.S64, part) * partStride;
        writer.Write((batch, m + warp.Row, n + warp.Column), moved, warp.Rows, warp.Columns, (sizeM, sizeN), warp.Sum);
        return k.Build();
    }

    // So that what the lanes of a warp read at once lies in banks of its own: rows of 16 bytes, or four rows of eight words.
    public static int PadOf(in ProductKey key, ProductSource source) => key.Method == ProductMethod.Tf32 && !source.AlongDepth ? 32 : 16;

    /// <summary>Which tile a block has, by its number among those of a matrix.</summary>
    public static (Value M, Value N) Place(Assembler k, Value tile, Value tilesM, Value tilesN)
    {
        Value perBand = tilesN * BandRows, band = tile / perBand, inBand = tile - band * perBand;
        Value firstRow = band * BandRows, rows = k.Min(tilesM - firstRow, BandRows);
        Value n = inBand / rows;
        return (firstRow + (inBand - n * rows), n);
    }
}

/// <summary>The part of a tile that a thread has sums of, while its warp goes through the slices.</summary>
internal interface IProductWarp
{
    /// <summary>The thread's first row in the tile.</summary>
    Value Row { get; }

    /// <summary>The thread's first column in the tile.</summary>
    Value Column { get; }

    /// <summary>The thread's rows, from its first.</summary>
    int[] Rows { get; }

    /// <summary>The thread's columns, from its first.</summary>
    int[] Columns { get; }

    /// <summary>A sum, by the places of its row and column in the lists.</summary>
    Value Sum(int row, int column);

    /// <summary>Adds the products of a slice in shared memory.</summary>
    void Compute(Value stage);
}
