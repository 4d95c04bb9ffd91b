using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override unsafe void LinearIndex(ReadOnlySpan<Operand> indices, ReadOnlySpan<int> sizes, ReadOnlySpan<long> strides, ReadOnlySpan<int> dims,
        in Operand y)
    {
        if (indices.Length == 0) Fill(y, 0L);
        for (int k = 0; k < indices.Length; k++)
        {
            bool outside = false;
            Operand index = indices[k];
            if (k == 0) RowLoop.Run(new LinearRow<Write>(sizes[k], strides[k], &outside), y, index);
            else RowLoop.Run(new LinearRow<Add>(sizes[k], strides[k], &outside), y, index);
            if (outside) ReportLinear(index, sizes[k], dims[k], y.Layout);
        }
    }

    private static unsafe void ReportLinear(in Operand index, int size, int dim, Layout shape)
    {
        Layout layout = index.Layout.Expand(shape.Shape)!;
        using Pinned<long> pin = index.With(layout).Pin<long>();
        fixed (long* first = pin)
        {
            for (long i = 0; i < layout.Count; i++)
            {
                long value = first[layout.OffsetOf(i) - layout.Offset];
                if (value < -(long)size || value >= size) IndexError.Throw("Index", value, size, dim, i);
            }
        }
    }

    private readonly unsafe struct LinearRow<TPut>(long size, long stride, bool* outside) : IRowBody where TPut : struct, IPut
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void Run(byte** at, nint* strides, nint n)
        {
            long* y = (long*)at[0], index = (long*)at[1];
            nint sy = strides[0], si = strides[1];
            long limit = size, step = stride;
            bool wrong = false;
            for (nint i = 0; i < n; i++)
            {
                long value = index[i * si];
                if (value < 0) value += limit;
                wrong |= (ulong)value >= (ulong)limit;
                TPut.Put(ref y[i * sy], value * step);
            }
            if (wrong) *outside = true;
        }
    }
}
