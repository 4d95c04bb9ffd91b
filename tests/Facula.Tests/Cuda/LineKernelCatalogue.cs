using Facula.Backends;
using Facula.Backends.Cuda;
using Facula.Numerics;

namespace Facula.Tests.Gpu;

/// <summary>Kernels of updates, lines, indices and random numbers, in all the ways that decide which instructions they have.</summary>
internal static class LineKernelCatalogue
{
    private static readonly DType[] Reals = [DType.Float32, DType.Float64, DType.Float16, DType.BFloat16];

    /// <summary>Held in registers by a warp's part, by a block; gone through from memory, across memory, by 64 bits.</summary>
    private static LineShape[] Shapes(DType type) =>
    [
        new(1, 8, true, 1, 4, false, false, 0), new(1, 128, true, 16 / type.Size, type.Size == 8 ? 8 : type.Size == 4 ? 8 : 4, true, false, 0),
        new(2, 256, true, 16 / type.Size, 0, false, false, 0), new(2, 8, false, 1, 0, false, true, 0),
    ];

    public static IEnumerable<CudaKernel> All(int capability)
    {
        foreach (DType type in Reals)
        {
            foreach (LineShape shape in Shapes(type))
            {
                foreach (bool log in (bool[])[false, true])
                {
                    yield return SoftmaxKernel.Build(new(log, IsGradient: false, type, type, default!, shape), capability);
                    yield return SoftmaxKernel.Build(new(log, IsGradient: true, type, type, type, shape with { Held = shape.Held / 2, IsExact = false }), capability);
                }
                // Means, scales, labels and losses have one element for each line.
                LineShape narrow = shape with { Held = shape.Held / 4, IsExact = false };
                yield return RowNormKernel.Build(new(IsGradient: false, true, type, type, null, type, type, true, true, shape with { Single = 0b110000 }), capability);
                yield return RowNormKernel.Build(new(IsGradient: true, true, type, type, type, type, null, false, false, narrow with { Single = 0b11000 }), capability);
                yield return CrossEntropyKernel.Build(new(IsGradient: false, type, DType.Int64, type, type.Compute, type, true, false, shape with { Single = 0b1110 }), capability);
                yield return CrossEntropyKernel.Build(new(IsGradient: true, type, DType.Int32, type, type, type, true, false, narrow with { Single = 0b11100 }), capability);
                yield return ArgReduceKernel.Build(new(type, true, shape with { Single = 0b110 }), capability);
            }
            yield return RowNormWeightKernel.Build(new(type, type, true, type, type, IsPartial: false), capability);
            yield return UpdateKernel.Build(new(FormulaKey.OfUpdate(new Average()), type, type, type, 2, 16 / type.Size), capability);
            foreach (DistributionKind kind in Enum.GetValues<DistributionKind>()) yield return RandomKernel.Build(new(kind, type), capability);
        }
        foreach (DType type in (DType[])[DType.Float32, DType.Int64, DType.UInt8, DType.BFloat16])
        {
            foreach (bool serial in (bool[])[false, true]) yield return CumSumKernel.Build(new(type, type, serial, 2), capability);
            foreach (bool sorted in (bool[])[false, true])
            {
                yield return ScatterKernel.Build(new(type, true, sorted, 2, false), capability);
                yield return ScatterKernel.Build(new(type, false, sorted, 1, true), capability);
            }
            yield return SortKernel.Build(new(type, 1, true, 2048, IsWhole: false), capability);
            yield return SortKernel.Build(new(type, 1, false, 64, IsWhole: true), capability);
            yield return SortKernel.Build(new(type, 1, false, 0, IsWhole: true, Merges: true), capability);
            ElementOperand place = new(Access.Place, DType.Int64), lane = new(Access.Lane, type);
            yield return GatherKernel.Build(new(new(default, DType.Int64, 2, 16 / type.Size, false, false, lane, lane, new(Access.Splat, DType.Int64), place)), capability);
        }
    }

    private readonly struct Average : IUpdate
    {
        public int States => 2;

        public void Invoke<T>(ref T parameter, T gradient, ref T state1, ref T state2, ref T state3) where T : IArithmetic<T>
        {
            state1 += gradient;
            state2 = T.Max(state2, gradient * gradient);
            parameter -= T.Parameter(0.1) * state1 / T.Sqrt(state2);
        }
    }
}
