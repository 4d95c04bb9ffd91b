namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override unsafe void Iota(in Operand y, int dim)
    {
        int[] shape = new int[y.Layout.Rank];
        Array.Fill(shape, 1);
        shape[dim] = y.Layout.Shape[dim];
        using var line = new Scratch(this, shape, DType.Int64);
        using (Hold held = line.Operand.Hold())
        {
            fixed (byte* p = held)
            {
                long* elements = (long*)p;
                for (int i = 0; i < shape[dim]; i++) elements[i] = i;
            }
        }
        Copy(line.Operand.With(line.Operand.Layout.Expand(y.Layout.Shape)!), y);
    }
}
