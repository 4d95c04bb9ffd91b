namespace Facula.Backends.Cpu;

/// <summary>SIMD kernels on the processor. One file a family.</summary>
internal sealed partial class CpuBackend : Backend
{
    public override void Fill(in Operand y, Scalar value)
    {
        Operand constant = Constant(value, y.DType);
        MapLoop.Run(new Row1<Identity>(default), y.DType.Compute, y, constant);
    }

    public override unsafe void Copy(in Operand x, in Operand y)
    {
        if (x.DType == y.DType && x.Layout.IsContiguous && y.Layout.IsContiguous && x.Layout.Count == y.Layout.Count)
        {
            int size = x.DType.Size;
            fixed (byte* from = &x.Storage.Reference)
            fixed (byte* to = &y.Storage.Reference)
                Buffer.MemoryCopy(from + x.Layout.Offset * size, to + y.Layout.Offset * size, y.Layout.Count * size, x.Layout.Count * size);
            GC.KeepAlive(x.Storage);
            GC.KeepAlive(y.Storage);
            return;
        }
        // Truth is decided before rounding: 0.5 is true.
        MapLoop.Run(new Row1<Identity>(default), (y.DType == DType.Bool ? x : y).DType.Compute, y, x);
    }

    public override void Map<TMap>(TMap map, DType compute, in Operand y, in Operand a) => MapLoop.Run(new Row1<TMap>(map), compute.Compute, y, a);

    public override void Map2<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b) =>
        MapLoop.Run(new Row2<TMap>(map), compute.Compute, y, a, b);

    public override void Map3<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c) =>
        MapLoop.Run(new Row3<TMap>(map), compute.Compute, y, a, b, c);

    public override void Map4<TMap>(TMap map, DType compute, in Operand y, in Operand a, in Operand b, in Operand c, in Operand d) =>
        MapLoop.Run(new Row4<TMap>(map), compute.Compute, y, a, b, c, d);

    private static unsafe Operand Constant(Scalar value, DType type)
    {
        DType own = type.IsFloatingPoint ? DType.Float64 : DType.Int64;
        Storage storage = Storage.Allocate(8);
        long bits = own == DType.Float64 ? BitConverter.DoubleToInt64Bits(value.ToDouble()) : value.ToInt64();
        fixed (byte* p = &storage.Reference) *(long*)p = bits;
        return new(storage, Layout.Scalar, own);
    }

    private readonly struct Identity : IMap1
    {
        public T Invoke<T>(T a) where T : Numerics.INum<T> => a;
    }
}
