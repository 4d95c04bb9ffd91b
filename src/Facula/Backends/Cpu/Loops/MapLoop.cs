using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Runs a row kernel over operands of any layout and type. Contiguous operands of the computing type go straight to the kernel; others
/// pass through short rows in the first-level cache, so that a kernel is compiled once for each computing type and nothing else.
/// </summary>
internal static unsafe class MapLoop
{
    private const int RowLength = 512;
    private const int MaxOperands = 4;

    public static void Run<TKernel>(TKernel kernel, DType compute, in Operand y, in Operand a, in Operand b = default, in Operand c = default)
        where TKernel : struct, IMapKernel
    {
        long n = y.Layout.Count;
        if (n == 0) return;
        int inputs = kernel.Inputs;
        using Pinned<byte> pinY = y.Pin<byte>(), pinA = a.Pin<byte>(), pinB = b.Pin<byte>(), pinC = c.Pin<byte>();
        fixed (byte* py = pinY, pa = pinA, pb = pinB, pc = pinC)
        {
            byte** x = stackalloc byte*[MaxOperands - 1];
            int constants = 0;
            if (IsAligned(y, y.Layout, compute) && IsRowOrNumber(a, y.Layout, compute, pa, 0, x, ref constants)
                && (inputs < 2 || IsRowOrNumber(b, y.Layout, compute, pb, 1, x, ref constants))
                && (inputs < 3 || IsRowOrNumber(c, y.Layout, compute, pc, 2, x, ref constants)))
            {
                uint types = (uint)a.DType.Kind | (uint)b.DType.Kind << 8 | (uint)c.DType.Kind << 16;
                if (compute == DType.Float32) Contiguous(kernel, inputs, x, (float*)py, n, constants, types);
                else if (compute == DType.Float64) Contiguous(kernel, inputs, x, (double*)py, n, constants, types);
                else Contiguous(kernel, inputs, x, (long*)py, n, constants, types);
            }
            else
            {
                var iterator = new StridedIterator { Inputs = inputs };
                iterator.Add(0, py, y);
                iterator.Add(1, pa, a);
                if (inputs > 1) iterator.Add(2, pb, b);
                if (inputs > 2) iterator.Add(3, pc, c);
                int rank = Math.Max(1, y.Layout.Rank);
                int* shape = stackalloc int[rank];
                long* strides = stackalloc long[MaxOperands * rank];
                iterator.Coalesce(y, a, b, c, default, shape, strides, rank);
                if (compute == DType.Float32) Strided<TKernel, float>(kernel, iterator, n);
                else if (compute == DType.Float64) Strided<TKernel, double>(kernel, iterator, n);
                else Strided<TKernel, long>(kernel, iterator, n);
            }
        }
    }

    private static bool IsAligned(in Operand x, Layout shape, DType compute) =>
        x.DType == compute && x.Layout.IsAligned(shape);

    /// <summary>
    /// Whether an input can be read as rows: contiguous like the result, or one number for all. Notes where it starts, and which of both it is.
    /// </summary>
    private static bool IsRowOrNumber(in Operand x, Layout shape, DType compute, byte* data, int i, byte** at, ref int constants)
    {
        at[i] = data;
        if (IsAligned(x, shape, compute)) return true;
        if (x.Layout.Count != 1) return false;
        constants |= 1 << i;
        return true;
    }

    [SkipLocalsInit]
    private static void Contiguous<TKernel, T>(TKernel kernel, int inputs, byte** x, T* y, long n, int constants, uint types)
        where TKernel : struct, IMapKernel where T : unmanaged, INumber<T>
    {
        T* rows = stackalloc T[constants == 0 ? 1 : (MaxOperands - 1) * RowLength];
        for (int i = 0; constants >> i != 0; i++)
        {
            if ((constants >> i & 1) == 0) continue;
            T* row = rows + i * RowLength;
            Convert.Load(new DType((ElementType)(byte)(types >> 8 * i)), x[i], 0, row, 1);
            new Span<T>(row, (int)Math.Min(n, RowLength)).Fill(*row);
            x[i] = (byte*)row;
        }
        var job = new ContiguousJob<TKernel, T> { Kernel = kernel, Inputs = inputs, X = (T**)x, Y = y, Count = n, Constants = constants };
        job.Streams = Streams(inputs, x, (byte*)y, n * sizeof(T));
        if (n <= Workers.Grain) job.Run(0);
        else Workers.For((int)((n + Workers.Grain - 1) / Workers.Grain), job);
    }

    /// <summary>Whether the result is too large for the caches, aligned, and not written over an input, which is there already.</summary>
    private static bool Streams(int inputs, byte** x, byte* y, long bytes)
    {
        bool streams = Streaming.Pays(y, bytes);
        for (int i = 0; i < inputs; i++) streams &= x[i] != y;
        return streams;
    }

    private static void Strided<TKernel, T>(TKernel kernel, StridedIterator iterator, long n) where TKernel : struct, IMapKernel where T : unmanaged, INumber<T>
    {
        int inner = iterator.Shape[iterator.Rank - 1];
        var job = new StridedJob<TKernel, T> { Kernel = kernel, Iterator = iterator, Rows = n / inner, RowsPerPart = Math.Max(1, Workers.Grain / inner) };
        long parts = (job.Rows + job.RowsPerPart - 1) / job.RowsPerPart;
        if (n <= Workers.Grain || parts > int.MaxValue)
        {
            job.RowsPerPart = job.Rows;
            job.Run(0);
        }
        else Workers.For((int)parts, job);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<TKernel, T, TStore>(TKernel kernel, T** x, T* y, nint n)
        where TKernel : struct, IMapKernel where T : unmanaged, INumber<T> where TStore : IStore
    {
        var job = new RowJob<TKernel, T, TStore> { Kernel = kernel, X = x, Y = y, Count = n };
        SimdJob<RowJob<TKernel, T, TStore>, T>.Run(ref job, 0);
    }

    /// <summary>One row.</summary>
    private struct RowJob<TKernel, T, TStore> : ISimdJob<T> where TKernel : struct, IMapKernel where T : unmanaged, INumber<T> where TStore : IStore
    {
        public TKernel Kernel;
        public T** X;
        public T* Y;
        public nint Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T> => Kernel.Row<V, T, TStore>(X, Y, Count);
    }

    private struct ContiguousJob<TKernel, T> : IJob where TKernel : struct, IMapKernel where T : unmanaged, INumber<T>
    {
        public TKernel Kernel;
        public int Inputs;
        public T** X;
        public T* Y;
        public long Count;
        public int Constants;
        public bool Streams;

        public readonly void Run(int part)
        {
            long start = (long)part * Workers.Grain, end = Math.Min(Count, start + Workers.Grain);
            // Of an input that is one value for all there is only one row to read.
            long length = Constants == 0 ? Workers.Grain : RowLength;
            T** x = stackalloc T*[MaxOperands - 1];
            for (; start < end; start += length)
            {
                for (int i = 0; i < Inputs; i++) x[i] = (Constants >> i & 1) != 0 ? X[i] : X[i] + start;
                nint count = (nint)Math.Min(length, end - start);
                if (Streams) Row<TKernel, T, Streaming>(Kernel, x, Y + start, count);
                else Row<TKernel, T, Cached>(Kernel, x, Y + start, count);
            }
        }
    }

    private struct StridedJob<TKernel, T> : IJob where TKernel : struct, IMapKernel where T : unmanaged, INumber<T>
    {
        public TKernel Kernel;
        public StridedIterator Iterator;
        public long Rows;
        public long RowsPerPart;

        [SkipLocalsInit]
        public readonly void Run(int part)
        {
            DType compute = DType.Of<T>();
            int count = Iterator.Inputs + 1, last = Iterator.Rank - 1;
            T* buffers = stackalloc T[MaxOperands * RowLength];
            T** x = stackalloc T*[MaxOperands];
            int* index = stackalloc int[Iterator.Rank];
            bool* filled = stackalloc bool[MaxOperands];
            byte** at = stackalloc byte*[MaxOperands];
            for (int i = 0; i < count; i++) filled[i] = false;

            long first = part * RowsPerPart, end = Math.Min(Rows, first + RowsPerPart);
            Iterator.Seek(first, index, at);
            int inner = Iterator.Shape[last];
            for (long row = first; row < end; row++)
            {
                for (int start = 0; start < inner; start += RowLength)
                {
                    int n = Math.Min(RowLength, inner - start);
                    for (int i = 1; i < count; i++)
                    {
                        ref StridedOperand e = ref Iterator[i];
                        nint stride = (nint)e.Strides[last];
                        byte* from = at[i] + start * stride * e.Size;
                        T* buffer = buffers + i * RowLength;
                        x[i - 1] = buffer;
                        if (stride == 1 && e.DType == compute) x[i - 1] = (T*)from;
                        else if (stride != 0) Convert.Load(e.DType, from, stride, buffer, n);
                        else if (!(e.IsConstant && filled[i]))
                        {
                            // One value for the whole row; where it is one for the whole operand, the row is filled once.
                            Convert.Load(e.DType, from, 0, buffer, 1);
                            new Span<T>(buffer, Math.Min(RowLength, inner)).Fill(*buffer);
                            filled[i] = true;
                        }
                    }
                    ref StridedOperand y = ref Iterator[0];
                    byte* to = at[0] + start * (nint)y.Strides[last] * y.Size;
                    bool isContiguous = y.Strides[last] == 1 && y.DType == compute;
                    T* target = isContiguous ? (T*)to : buffers;
                    Row<TKernel, T, Cached>(Kernel, x, target, n);
                    if (!isContiguous) Convert.Store(target, y.DType, to, (nint)y.Strides[last], n);
                }
                Iterator.Next(index, at);
            }
        }
    }
}
