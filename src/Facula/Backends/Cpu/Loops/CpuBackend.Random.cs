namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void Random(in Operand y, Distribution distribution, ulong key, ulong counter)
    {
        if (y.Layout.IsContiguous)
        {
            RandomLoop.Run(y, distribution, key, counter);
            return;
        }
        Layout layout = Layout.Contiguous(y.Layout.Shape);
        var row = new Operand(Allocate(layout, y.DType), layout, y.DType);
        RandomLoop.Run(row, distribution, key, counter);
        Copy(row, y);
        row.Buffer.Release();
    }
}
