namespace Facula.Backends.Cuda;

/// <summary>Which tile, and among how many blocks the depth of one is shared: by sizes alone, so that a product gives the same bits every time.</summary>
internal static class ProductChoice
{
    // Fewer slices than this are not worth a second launch; a part of the depth has at least so many.
    private const int LeastSharedSlices = 64, LeastSlicesOfPart = 16, MostParts = 64;

    // The same where a matrix is read once; and how many blocks of those a processor should have.
    private const int LeastSharedPasses = 32, LeastPassesOfPart = 8, BlocksOfProcessor = 4;

    // The first that fills half of the processors is taken. A float32 thread has 8 x 8 or 4 x 4 sums, one of 64 bits 8 x 4 or 4 x 4.
    private static readonly ProductTile[] Single = [new(2, 2, 32, 64, 16, 3), new(2, 2, 16, 32, 16, 3)];
    private static readonly ProductTile[] Long = [new(2, 2, 32, 32, 8, 3), new(2, 2, 16, 32, 8, 3)];
    private static readonly ProductTile[] Half = [new(2, 4, 64, 32, 32, 3), new(2, 2, 32, 32, 32, 4)];
    private static readonly ProductTile[] Tf32 = [new(2, 4, 64, 32, 16, 3), new(2, 2, 32, 32, 16, 4)];

    /// <summary>The tiles there are, from the largest.</summary>
    public static ReadOnlySpan<ProductTile> Tiles(ProductMethod method, DType compute) => method switch
    {
        ProductMethod.Half => Half,
        ProductMethod.Tf32 => Tf32,
        _ => compute == DType.Float32 ? Single : Long,
    };

    public static (ProductTile Tile, int Parts) Choose(ProductMethod method, DType compute, long batch, int m, int n, int depth, int processors)
    {
        ReadOnlySpan<ProductTile> tiles = Tiles(method, compute);
        ProductTile tile = tiles[^1];
        foreach (ProductTile candidate in tiles)
        {
            if (Blocks(candidate, batch, m, n) * 2 < processors) continue;
            tile = candidate;
            break;
        }
        long blocks = Blocks(tile, batch, m, n);
        int slices = (depth + tile.Depth - 1) / tile.Depth;
        if (slices < LeastSharedSlices || blocks * 2 > processors) return (tile, 1);
        int parts = (int)Math.Min(Math.Min(processors / blocks, MostParts), slices / LeastSlicesOfPart);
        // None without slices, as parts are of as many but for the last.
        int inPart = (slices + parts - 1) / parts;
        return (tile, (slices + inPart - 1) / inPart);
    }

    /// <summary>Among how many blocks the depth of a product with a vector is shared.</summary>
    public static int Choose(ProductSource matrix, int rows, long batch, int depth, int processors)
    {
        long blocks = batch * Tiles(rows, VectorKernel.RowsOf(matrix));
        long passes = Tiles(depth, VectorKernel.DepthOf(matrix));
        if (passes < LeastSharedPasses || blocks * 2 > BlocksOfProcessor * processors) return 1;
        return (int)Math.Min(Math.Min(BlocksOfProcessor * processors / blocks, MostParts), passes / LeastPassesOfPart);
    }

    public static long Blocks(in VectorProduct product, long batch) => batch * Tiles(product.Rows, VectorKernel.RowsOf(product.Matrix));

    public static long Blocks(ProductTile tile, long batch, int m, int n) => batch * Tiles(m, tile.M) * Tiles(n, tile.N);

    private static long Tiles(int size, int tile) => (size + tile - 1L) / tile;
}
