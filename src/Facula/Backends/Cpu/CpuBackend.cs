using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>SIMD kernels on the processor. One file a family.</summary>
internal sealed partial class CpuBackend : HostBackend
{
    /// <summary>The only one.</summary>
    public static CpuBackend Instance { get; } = new();

    private CpuBackend() { }

    // The channels of a position side by side fill vectors whatever the sizes of space are.
    public override Layout ResultLayout(int[] shape, [CallerMemberName] string operation = "") =>
        shape.Length > 2 ? Layout.ChannelsLast(shape, operation) : base.ResultLayout(shape, operation);

    public override void Map<TMap>(TMap map, DType compute, in Operand y, in Operand a) => MapLoop.Run(new Map1Kernel<TMap>(map), compute.Compute, y, a);

    public override void Map2<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b)
    {
        if (compute.IsFloatingPoint && (a.IsImmediate || b.IsImmediate)) MapWithNumber(map, compute, y, a, b);
        else MapLoop.Run(new Map2Kernel<TMap>(map), compute.Compute, y, a, b);
    }

    // Apart, as operations of a few elements would notice the numbers that they do not have.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MapWithNumber<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b) where TMap : struct, IMap2
    {
        if (b.Immediate is { IsExactDouble: true } second) Map(new WithSecond<TMap>(map, second.ToDouble()), compute, y, a);
        else if (a.Immediate is { IsExactDouble: true } first) Map(new WithFirst<TMap>(map, first.ToDouble()), compute, y, b);
        else MapLoop.Run(new Map2Kernel<TMap>(map), compute.Compute, y, a, b);
    }

    public override void Map3<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c) =>
        MapLoop.Run(new Map3Kernel<TMap>(map), compute.Compute, y, a, b, c);

    /// <summary>A formula whose second element is a plain number.</summary>
    private readonly struct WithSecond<TMap>(TMap map, double second) : IMap1 where TMap : struct, IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Invoke<T>(T a) where T : INum<T> => map.Invoke(a, T.Parameter(second));
    }

    /// <summary>A formula whose first element is a plain number.</summary>
    private readonly struct WithFirst<TMap>(TMap map, double first) : IMap1 where TMap : struct, IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Invoke<T>(T b) where T : INum<T> => map.Invoke(T.Parameter(first), b);
    }
}
