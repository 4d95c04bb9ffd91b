using Facula.Backends.Cuda;

namespace Facula.Tests.Gpu;

/// <summary>Kernels of convolutions and pooling, in the ways that decide which instructions they have.</summary>
internal static class WindowCatalogue
{
    private static readonly DType[] Floats = [DType.Float32, DType.Float64, DType.Float16, DType.BFloat16];

    public static CudaKernel[] All(int capability) =>
    [
        .. Convolutions(capability).DistinctBy(key => key.Name).Select(key => ConvolutionKernel.Build(key, capability)),
        .. Floats.Select(type => ConvolutionSumKernel.Build(new(2, type.Compute, type, type), capability)),
        .. Pools().Select(key => PoolKernel.Build(key, capability)),
    ];

    private static IEnumerable<ConvolutionKey> Convolutions(int capability)
    {
        bool copies = capability >= 80;
        foreach (DType type in Floats)
        {
            ProductMethod method = copies && type.Size == 2 ? ProductMethod.Half : ProductMethod.Scalar;
            foreach (ProductMethod each in copies && type == DType.Float32 ? [method, ProductMethod.Tf32] : (ProductMethod[])[method])
            {
                foreach (ProductTile tile in ProductChoice.Tiles(each, type.Compute).ToArray())
                {
                    foreach (bool together in (bool[])[true, false])
                    {
                        int chunk = together && (each != ProductMethod.Scalar || type == type.Compute) ? 16 / type.Size : 1;
                        yield return Key(ConvolutionPass.Forward, each, type, tile, Window(true, chunk), Still(true, each == ProductMethod.Scalar ? 1 : chunk), false);
                        yield return Key(ConvolutionPass.InputGrad, each, type, tile, Window(true, chunk), Still(false, each == ProductMethod.Scalar ? 1 : chunk), true);
                        yield return Key(ConvolutionPass.WeightGrad, each, type, tile, Still(!together, chunk), Window(!together, chunk), false);

                        ProductSource Window(bool alongDepth, int chunk) => new(type, alongDepth, chunk, IsAsync(chunk));
                        ProductSource Still(bool alongDepth, int chunk) => Window(alongDepth, chunk);
                    }

                    bool IsAsync(int chunk) => copies && (each != ProductMethod.Scalar || type == type.Compute) && chunk * type.Size >= 4;
                }
            }
        }
    }

    private static ConvolutionKey Key(ConvolutionPass pass, ProductMethod method, DType type, ProductTile tile, ProductSource a, ProductSource b, bool divides)
    {
        bool isWeight = pass == ConvolutionPass.WeightGrad, isBack = pass == ConvolutionPass.InputGrad;
        WindowRole outer = isWeight ? WindowRole.Taps : WindowRole.Places, depth = isWeight ? WindowRole.Places : WindowRole.Taps;
        var window = new WindowAccess(2, outer, depth, true, isBack, divides, isWeight);
        var still = new WindowAccess(2, WindowRole.Channels, depth, false);
        if (!a.IsAsync && !b.IsAsync) tile = tile with { Stages = 2 };
        ProductResult result = isWeight ? new(type.Compute, 1) : isBack ? new(type, 1) : new(type, 1, false, type, true, true);
        return new(pass, isWeight ? still : window, isWeight ? window : still, new(method, type.Compute, tile, a, b, result));
    }

    private static IEnumerable<PoolKey> Pools()
    {
        PoolAxisKey small = new(2, 2, 1, false, false), large = new(7, 3, 2, false, true), adaptive = new(3, 0, 1, true, false), none = new(1, 1, 1, false, false);
        foreach (DType type in Floats)
        {
            foreach (PoolAxisKey axis in (PoolAxisKey[])[small, large, adaptive])
            {
                yield return new(PoolOperation.Max, type, DType.UInt8, true, false, true, false, 2, none, axis, axis);
                yield return new(PoolOperation.MaxGrad, type, DType.Int32, false, false, true, false, 2, none, axis, axis);
                yield return new(PoolOperation.Average, type, null, false, false, false, true, 1, none, none, axis);
                yield return new(PoolOperation.AverageGrad, type, null, false, axis == large, false, false, 3, axis, small, axis);
            }
        }
    }
}
