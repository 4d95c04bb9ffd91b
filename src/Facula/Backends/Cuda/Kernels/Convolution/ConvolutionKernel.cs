namespace Facula.Backends.Cuda;

/// <summary>
/// A convolution as a product of matrices one of which is never made: its elements are picked from the input's, or the gradient's, as slices are brought. A
/// block
/// computes a tile of a group, or of a part of its depth. Arguments: M, N, K of a group; the depth of a block; A and B, what <see cref="WindowLoader"/>
/// takes; from
/// one part of the depth to the next, in the result; what <see cref="ResultWriter"/> takes.
/// </summary>
internal static class ConvolutionKernel
{
    public static CudaKernel Build(ConvolutionKey key, int capability)
    {
        ProductKey product = key.Product;
        ProductTile tile = product.Tile;
        // Left to itself the compiler gives threads fewer registers than the tile needs.
        var k = new Assembler(key.Name, tile.Threads) { BlocksPerMultiprocessor = 1 };
        if (product.Method != ProductMethod.Scalar) k.Needs(80);
        Value sizeM = k.Parameter(PtxType.U32), sizeN = k.Parameter(PtxType.U32), sizeK = k.Parameter(PtxType.U32), perBlock = k.Parameter(PtxType.U32);
        Value tilesM = (sizeM + (tile.M - 1)) / tile.M, tilesN = (sizeN + (tile.N - 1)) / tile.N, tiles = tilesM * tilesN;
        Value block = k.Special("ctaid.x"), group = block / tiles, part = k.Special("ctaid.y");
        (Value tileM, Value tileN) = ProductKernel.Place(k, block - group * tiles, tilesM, tilesN);
        Value m = tileM * tile.M, n = tileN * tile.N;
        Value from = part * perBlock, to = k.Min(from + perBlock, sizeK), slices = (to - from + (tile.Depth - 1)) / tile.Depth;

        int padA = ProductKernel.PadOf(product, product.A), padB = ProductKernel.PadOf(product, product.B);
        var a = new WindowLoader(k, product.A, key.A, product.Element, tile, tile.M, padA, sizeM, new(group, m, from, to));
        var b = new WindowLoader(k, product.B, key.B, product.Element, tile, tile.N, padB, sizeN, new(group, n, from, to));
        Value partStride = k.Parameter(PtxType.S64);
        var writer = new ResultWriter(k, product.Result, product.Compute);
        IProductWarp warp = product.Method == ProductMethod.Scalar ? new ScalarWarp(k, product, a, b) : new TensorWarp(k, product, a, b);
        SlicePipeline.Run(k, tile.Stages, a, b, slices, warp.Compute);
        Value moved = k.Convert(PtxType.S64, part) * partStride, row = m + warp.Row, column = n + warp.Column;
        if (key.Pass == ConvolutionPass.WeightGrad)
            writer.Write((group, row, column), moved, warp.Rows, warp.Columns, (sizeM, sizeN), warp.Sum);
        else
        {
            // The channels of all groups lie in a row.
            Value first = group * sizeN;
            writer.Write((k.Variable(PtxType.U32, 0), row, first + column), moved, warp.Rows, warp.Columns, (sizeM, first + sizeN), warp.Sum);
        }
        return k.Build();
    }
}
