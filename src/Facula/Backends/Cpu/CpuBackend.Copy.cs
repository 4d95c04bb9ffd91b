using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    // Less is copied before another thread has woken up.
    private const long ParallelCopy = 1 << 18;

    public override unsafe void Fill(in Operand y, Scalar value)
    {
        if (y.Layout.Count == 0) return;
        ulong bits = 0;
        double real = value.ToDouble();
        long whole = value.ToInteger(y.DType);
        if (y.DType.IsFloatingPoint) Convert.Store(&real, y.DType, (byte*)&bits, 0, 1);
        else Convert.Store(&whole, y.DType, (byte*)&bits, 0, 1);
        switch (y.DType.Size)
        {
            case 1: RowLoop.Run(new FillRow<byte>((byte)bits), y, y, parallelFrom: ParallelCopy); break;
            case 2: RowLoop.Run(new FillRow<ushort>((ushort)bits), y, y, parallelFrom: ParallelCopy); break;
            case 4: RowLoop.Run(new FillRow<uint>((uint)bits), y, y, parallelFrom: ParallelCopy); break;
            default: RowLoop.Run(new FillRow<ulong>(bits), y, y, parallelFrom: ParallelCopy); break;
        }
    }

    public override unsafe void Copy(in Operand x, in Operand y)
    {
        if (y.Layout.Count == 0) return;
        if (x.DType != y.DType)
        {
            // Truth is decided before rounding: 0.5 is true.
            switch ((y.DType == DType.Bool ? x : y).DType.Compute.Kind)
            {
                case ElementType.Float32: RowLoop.Run(new ConvertRow<float>(x.DType, y.DType), y, x); break;
                case ElementType.Float64: RowLoop.Run(new ConvertRow<double>(x.DType, y.DType), y, x); break;
                default: RowLoop.Run(new ConvertRow<long>(x.DType, y.DType), y, x); break;
            }
            return;
        }
        if (x.Layout.IsContiguous && y.Layout.IsContiguous && y.Layout.Count < ParallelCopy)
        {
            long bytes = y.Layout.Count * x.DType.Size;
            using Pinned<byte> source = x.Pin<byte>(), target = y.Pin<byte>();
            fixed (byte* from = source, to = target) System.Buffer.MemoryCopy(from, to, bytes, bytes);
            return;
        }
        switch (x.DType.Size)
        {
            case 1: Move<byte>(x, y); break;
            case 2: Move<ushort>(x, y); break;
            case 4: Move<uint>(x, y); break;
            default: Move<ulong>(x, y); break;
        }
    }

    private static void Move<T>(in Operand x, in Operand y) where T : unmanaged
    {
        if (!TransposeLoop.TryRun<T>(x, y)) RowLoop.Run(new CopyRow<T>(), y, x, parallelFrom: ParallelCopy);
    }

    private readonly unsafe struct CopyRow<T> : IRowBody where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void Run(byte** at, nint* strides, nint n)
        {
            T* y = (T*)at[0], x = (T*)at[1];
            nint sy = strides[0], sx = strides[1];
            if (sy == 1 && sx == 1 && n > 8) System.Buffer.MemoryCopy(x, y, n * sizeof(T), n * sizeof(T));
            else if (sy == 1 && sx == 0) new Span<T>(y, (int)n).Fill(*x);
            else for (nint i = 0; i < n; i++) y[i * sy] = x[i * sx];
        }
    }

    private readonly unsafe struct FillRow<T>(T value) : IRowBody where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void Run(byte** at, nint* strides, nint n)
        {
            T* y = (T*)at[0];
            if (strides[0] == 1) new Span<T>(y, (int)n).Fill(value);
            else for (nint i = 0; i < n; i++) y[i * strides[0]] = value;
        }
    }

    /// <summary>By way of the computing type, which nearly always is one of the two.</summary>
    private readonly unsafe struct ConvertRow<T>(DType from, DType to) : IRowBody where T : unmanaged, INumber<T>
    {
        private const int BufferLength = 512;

        [SkipLocalsInit]
        public void Run(byte** at, nint* strides, nint n)
        {
            byte* y = at[0], x = at[1];
            nint sy = strides[0], sx = strides[1];
            DType compute = DType.Of<T>();
            if (to == compute && sy == 1)
            {
                Convert.Load(from, x, sx, (T*)y, n);
                return;
            }
            if (from == compute && sx == 1)
            {
                Convert.Store((T*)x, to, y, sy, n);
                return;
            }
            T* buffer = stackalloc T[BufferLength];
            for (nint i = 0; i < n; i += BufferLength)
            {
                nint length = Math.Min(BufferLength, n - i);
                Convert.Load(from, x + i * sx * from.Size, sx, buffer, length);
                Convert.Store(buffer, to, y + i * sy * to.Size, sy, length);
            }
        }
    }
}
