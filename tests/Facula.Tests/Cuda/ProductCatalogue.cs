using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

/// <summary>Kernels of products, in all the ways that decide which instructions they have.</summary>
internal static class ProductCatalogue
{
    private static readonly DType[] Floats = [DType.Float32, DType.Float64, DType.Float16, DType.BFloat16];

    public static CudaKernel[] All(int capability) =>
        [.. Keys(capability).DistinctBy(key => key.Name).Select(key => ProductKernel.Build(key, capability)),
            .. Vectors(capability).Select(key => VectorKernel.Build(key, capability)),
            .. PartSums().Select(key => PartSumKernel.Build(key, capability))];

    public static IEnumerable<ProductKey> Keys(int capability)
    {
        bool copies = capability >= 80;
        foreach (DType type in (DType[])[.. Floats, DType.Int64, DType.Int8])
        {
            ProductMethod method = copies && type.Size == 2 ? ProductMethod.Half : ProductMethod.Scalar;
            foreach (ProductMethod each in copies && type == DType.Float32 ? [method, ProductMethod.Tf32] : (ProductMethod[])[method])
            {
                foreach (ProductTile tile in ProductChoice.Tiles(each, type.Compute).ToArray())
                {
                    foreach (ProductKey key in Keys(each, type, tile, copies)) yield return key;
                }
            }
        }
    }

    private static IEnumerable<ProductKey> Keys(ProductMethod method, DType type, ProductTile tile, bool copies)
    {
        // What is computed in another type is converted on its way through registers.
        DType element = method == ProductMethod.Scalar ? type.Compute : type;
        int wide = element == type ? 16 / type.Size : 1;
        int most = method == ProductMethod.Scalar ? Math.Min(16 / element.Size, 16 / type.Size) : 2;
        var plain = new ProductResult(type, most);
        var full = new ProductResult(type, 1, AddsOld: true, Bias: type, AddsResidual: true, IsRelu: true);
        foreach (bool a in (bool[])[false, true])
        {
            foreach (bool b in (bool[])[false, true])
            {
                int lanes = method == ProductMethod.Scalar && b ? 1 : most;
                yield return new(method, type.Compute, Staged(tile, copies && element == type), Source(a, wide), Source(b, wide), plain with { Lanes = lanes });
                yield return new(method, type.Compute, Staged(tile, copies && element == type && type.Size > 2), Source(a, 1), Source(b, 1),
                    full with { Lanes = lanes });
            }
        }
        yield return new(method, type.Compute, Staged(tile, copies && element == type), Source(true, wide), Source(false, 1), full);

        ProductSource Source(bool alongDepth, int chunk) => new(type, alongDepth, chunk, copies && element == type && chunk * type.Size >= 4);
    }

    private static ProductTile Staged(ProductTile tile, bool copies) => copies ? tile : tile with { Stages = 2 };

    private static IEnumerable<VectorKey> Vectors(int capability)
    {
        foreach (DType type in (DType[])[.. Floats, DType.Int64, DType.Int8])
        {
            int wide = type == type.Compute || (type.Size == 2 && capability >= 80) ? 16 / type.Size : 1;
            var full = new ProductResult(type, 1, AddsOld: true, Bias: type, AddsResidual: true, IsRelu: true);
            yield return new(type.Compute, new(type, true, wide, false), type, wide, true, full);
            yield return new(type.Compute, new(type, false, wide, false), type, 1, false, full);
            if (wide > 1) yield return new(type.Compute, new(type, true, wide, false), type, 1, false, new(type, 1));
        }
    }

    private static IEnumerable<PartSumKey> PartSums() => Floats.Select(type =>
        new PartSumKey(type.Compute, new ProductResult(type, 1, AddsOld: true, Bias: type, AddsResidual: true, IsRelu: true)));
}
