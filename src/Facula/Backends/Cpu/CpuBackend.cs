namespace Facula.Backends.Cpu;

/// <summary>SIMD kernels on the processor. One file a family.</summary>
internal sealed partial class CpuBackend : HostBackend
{
    public override void Map<TMap>(TMap map, DType compute, in Operand y, in Operand a) => MapLoop.Run(new Row1<TMap>(map), compute.Compute, y, a);

    public override void Map2<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b) =>
        MapLoop.Run(new Row2<TMap>(map), compute.Compute, y, a, b);

    public override void Map3<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c) =>
        MapLoop.Run(new Row3<TMap>(map), compute.Compute, y, a, b, c);

    public override void Map4<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c, in Operand d) =>
        MapLoop.Run(new Row4<TMap>(map), compute.Compute, y, a, b, c, d);
}
