using Facula.Backends;
using Facula.Backends.Cuda;
using Facula.Numerics;

namespace Facula.Tests.Gpu;

/// <summary>Kernels of every family, in all the ways that decide which instructions they have.</summary>
internal static class KernelCatalogue
{
    private static readonly DType[] Computed = [DType.Float32, DType.Float64, DType.Int64];

    public static CudaKernel[] All(int capability) =>
    [
        .. Elements().Select(key => ElementKernel.Build(key, capability)),
        .. Reductions().Select(key => ReduceKernel.Build(key, capability)),
        .. ProductCatalogue.All(capability),
        .. LineKernelCatalogue.All(capability),
        .. WindowCatalogue.All(capability),
    ];

    private static IEnumerable<ElementKey> Elements()
    {
        // Every pair of types, in the type that a copy computes in.
        FormulaKey same = FormulaKey.OfMap1(new SameMap());
        foreach (DType from in DType.All)
        {
            foreach (DType to in DType.All)
            {
                if (from == to) continue;
                int lanes = 8 / Math.Max(from.Size, to.Size);
                yield return new(same, (to == DType.Bool ? from : to).Compute, 1, lanes, lanes > 1, false, Lane(to), Lane(from), default, default);
            }
        }
        foreach (DType type in (DType[])[DType.UInt8, DType.Int16, DType.Int32, DType.Int64])
        {
            int lanes = 16 / type.Size;
            yield return new(default, type, 1, lanes, true, false, Lane(type), Lane(type), default, default);
            yield return new(default, type, 3, 1, false, true, Lane(type), new(Access.Strided, type), default, default);
        }
        foreach (DType compute in Computed)
        {
            DType type = compute;
            yield return new(FormulaKey.OfMap3(new MultiplyAddMap()), compute, 2, 2, false, false, Lane(type), Lane(type), new(Access.Splat, type),
                new(Access.Immediate, DType.Float64));
            yield return new(FormulaKey.OfMap2(new RemainderMap()), compute, 5, 1, false, false, Lane(type), new(Access.Strided, type), Lane(type), default);
            yield return new(FormulaKey.OfMap1(new PowerMap(3)), compute, 1, 1, false, false, Lane(type), Lane(type), default, default);
            yield return new(same, DType.Int64, 3, 2, false, false, Lane(type), new(Access.Place, DType.Int64), default, default);
        }
        foreach (FormulaKey key in (FormulaKey[])[FormulaKey.OfMap1(new ManyMap()), FormulaKey.OfMap1(new TurnMap()), FormulaKey.OfMap1(new RoundMap())])
        {
            foreach (DType type in (DType[])[DType.Float32, DType.Float64, DType.Float16, DType.BFloat16])
                yield return new(key, type.Compute, 1, 16 / type.Size > 4 ? 4 : 16 / type.Size, true, false, Lane(type), Lane(type), default, default);
        }
    }

    private static IEnumerable<ReduceKey> Reductions()
    {
        FormulaKey sum = FormulaKey.OfReduce(new SpreadReduce(0, 3, root: true)), most = FormulaKey.OfReduce(new MaxReduce());
        foreach (FormulaKey key in (FormulaKey[])[sum, most])
        {
            foreach (DType type in (DType[])[DType.Float32, DType.Float64, DType.Float16, DType.UInt8])
            {
                DType compute = key == sum && type.IsFloatingPoint ? DType.Float64 : type.Compute;
                if (compute == DType.Int64 && key == sum) continue;
                yield return new(key, compute, type, type, ReducePhase.Whole, 1, 1, 32, true, 16 / type.Size, true, false);
                yield return new(key, compute, type, compute, ReducePhase.Partial, 2, 1, 8, false, 1, false, false);
                yield return new(key, compute, compute, type, ReducePhase.Last, 1, 3, 256, true, 1, false, true);
            }
        }
    }

    private static ElementOperand Lane(DType type) => new(Access.Lane, type);

    private readonly struct SameMap : IMap1
    {
        public T Invoke<T>(T a) where T : INum<T> => a;
    }

    private readonly struct RemainderMap : IMap2
    {
        public T Invoke<T>(T a, T b) where T : INum<T> => T.Remainder(a, b);
    }

    private readonly struct PowerMap(double exponent) : IMap1
    {
        public T Invoke<T>(T a) where T : INum<T> => T.Pow(a, T.Parameter(exponent));
    }

    /// <summary>Elementary functions.</summary>
    private readonly struct ManyMap : IMap1
    {
        public T Invoke<T>(T a) where T : INum<T> => T.Exp(a) + T.Log(a) * T.Tanh(a) - T.Erf(a) / T.Gelu(a) + T.Log1p(a) + T.Expm1(a) + T.Sigmoid(a);
    }

    private readonly struct TurnMap : IMap1
    {
        public T Invoke<T>(T a) where T : INum<T> => T.Sin(a) + T.Cos(a) + T.Tan(a);
    }

    private readonly struct RoundMap : IMap1
    {
        public T Invoke<T>(T a) where T : INum<T> =>
            T.Min(T.Floor(a), T.Ceiling(a)) + T.Max(T.Round(a), T.Truncate(a)) * T.Select(T.Or(T.IsNaN(a), T.Not(a > T.One)), T.Abs(a), T.Sqrt(a));
    }
}
