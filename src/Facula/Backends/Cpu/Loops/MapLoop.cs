using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Runs a row kernel over operands of any layout and type. Contiguous operands of the computing type go straight to the kernel; others
/// pass through short rows in the first-level cache, so that a kernel is compiled once for each computing type and nothing else.
/// </summary>
internal static unsafe class MapLoop
{
    /// <summary>Elements that one part of a parallel run gets; below it a run stays on the caller's thread.</summary>
    public const int Grain = 16 * 1024;
    private const int RowLength = 512;
    private const long SmallestStream = 8L << 20;
    private const int MaxOperands = 5;

    public static void Run<TKernel>(TKernel kernel, DType compute, in Operand y, in Operand a, in Operand b = default, in Operand c = default,
        in Operand d = default) where TKernel : struct, IRowKernel
    {
        long n = y.Layout.Count;
        if (n == 0) return;
        int inputs = kernel.Inputs;
        using Hold heldY = y.Hold(), heldA = a.Hold(), heldB = b.Hold(), heldC = c.Hold(), heldD = d.Hold();
        fixed (byte* py = heldY, pa = heldA, pb = heldB, pc = heldC, pd = heldD)
        {
            byte** x = stackalloc byte*[MaxOperands - 1];
            int constants = 0;
            if (IsDense(y, y.Layout, compute) && IsPlain(a, y.Layout, compute, pa, 0, x, ref constants)
                && (inputs < 2 || IsPlain(b, y.Layout, compute, pb, 1, x, ref constants))
                && (inputs < 3 || IsPlain(c, y.Layout, compute, pc, 2, x, ref constants))
                && (inputs < 4 || IsPlain(d, y.Layout, compute, pd, 3, x, ref constants)))
            {
                byte* to = py + y.Layout.Offset * y.DType.Size;
                uint types = (uint)a.DType.Kind | (uint)b.DType.Kind << 8 | (uint)c.DType.Kind << 16 | (uint)d.DType.Kind << 24;
                if (compute == DType.Float32) Contiguous(kernel, inputs, x, (float*)to, n, constants, types);
                else if (compute == DType.Float64) Contiguous(kernel, inputs, x, (double*)to, n, constants, types);
                else Contiguous(kernel, inputs, x, (long*)to, n, constants, types);
            }
            else
            {
                var set = new OperandSet { Inputs = inputs };
                set.Set(0, py, y);
                set.Set(1, pa, a);
                if (inputs > 1) set.Set(2, pb, b);
                if (inputs > 2) set.Set(3, pc, c);
                if (inputs > 3) set.Set(4, pd, d);
                int rank = Math.Max(1, y.Layout.Rank);
                int* shape = stackalloc int[rank];
                long* strides = stackalloc long[MaxOperands * rank];
                set.Collapse(y, a, b, c, d, shape, strides, rank);
                if (compute == DType.Float32) Strided<TKernel, float>(kernel, set, n);
                else if (compute == DType.Float64) Strided<TKernel, double>(kernel, set, n);
                else Strided<TKernel, long>(kernel, set, n);
            }
        }
    }

    private static bool IsDense(in Operand x, Layout shape, DType compute) =>
        x.DType == compute && x.Layout.IsAligned(shape);

    /// <summary>Whether an input can be read as rows: dense, or one value for all. Notes where it starts, and which kind it is.</summary>
    private static bool IsPlain(in Operand x, Layout shape, DType compute, byte* data, int i, byte** at, ref int constants)
    {
        at[i] = data + x.Layout.Offset * x.DType.Size;
        if (IsDense(x, shape, compute)) return true;
        if (x.Layout.Count != 1) return false;
        constants |= 1 << i;
        return true;
    }

    [SkipLocalsInit]
    private static void Contiguous<TKernel, T>(TKernel kernel, int inputs, byte** x, T* y, long n, int constants, uint types)
        where TKernel : struct, IRowKernel where T : unmanaged, INumber<T>
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
        var job = new ContiguousJob<TKernel, T> { Kernel = kernel, Inputs = inputs, X = (T**)x, Y = y, Count = n, Constants = constants, Streams = Streams(inputs, x, (byte*)y, n * sizeof(T)) };
        if (n <= Grain) job.Run(0);
        else Workers.For((int)((n + Grain - 1) / Grain), job);
    }

    /// <summary>Whether the result is too large for the caches, aligned, and not written over an input, which is there already.</summary>
    private static bool Streams(int inputs, byte** x, byte* y, long bytes)
    {
        bool streams = Streams(y, bytes);
        for (int i = 0; i < inputs; i++) streams &= x[i] != y;
        return streams;
    }

    /// <summary>Whether a result is too large for the caches, and aligned.</summary>
    public static bool Streams<T>(T* y, long count) where T : unmanaged => count * sizeof(T) >= SmallestStream && ((nint)y & (Vector512<byte>.Count - 1)) == 0;

    private static void Strided<TKernel, T>(TKernel kernel, OperandSet set, long n) where TKernel : struct, IRowKernel where T : unmanaged, INumber<T>
    {
        int inner = set.Shape[set.Rank - 1];
        var job = new StridedJob<TKernel, T> { Kernel = kernel, Set = set, Rows = n / inner, RowsPerPart = Math.Max(1, Grain / inner) };
        long parts = (job.Rows + job.RowsPerPart - 1) / job.RowsPerPart;
        if (n <= Grain || parts > int.MaxValue)
        {
            job.RowsPerPart = job.Rows;
            job.Run(0);
        }
        else Workers.For((int)parts, job);
    }

    /// <summary>One row, in the widest vectors the machine has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<TKernel, T, TStore>(TKernel kernel, T** x, T* y, nint n)
        where TKernel : struct, IRowKernel where T : unmanaged, INumber<T> where TStore : IStore
    {
        if (typeof(T) == typeof(long)) kernel.Row<Num<T>, T, TStore>(x, y, n);
        else if (Vector512.IsHardwareAccelerated) kernel.Row<Simd512<T>, T, TStore>(x, y, n);
        else if (Vector256.IsHardwareAccelerated) kernel.Row<Simd256<T>, T, TStore>(x, y, n);
        else if (Vector128.IsHardwareAccelerated) kernel.Row<Simd128<T>, T, TStore>(x, y, n);
        else kernel.Row<Num<T>, T, TStore>(x, y, n);
    }

    private struct ContiguousJob<TKernel, T> : IJob where TKernel : struct, IRowKernel where T : unmanaged, INumber<T>
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
            long start = (long)part * Grain, end = Math.Min(Count, start + Grain);
            // Of an input that is one value for all there is only one row to read.
            long length = Constants == 0 ? Grain : RowLength;
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

    private struct StridedJob<TKernel, T> : IJob where TKernel : struct, IRowKernel where T : unmanaged, INumber<T>
    {
        public TKernel Kernel;
        public OperandSet Set;
        public long Rows;
        public long RowsPerPart;

        [SkipLocalsInit]
        public readonly void Run(int part)
        {
            DType compute = DType.Of<T>();
            int count = Set.Inputs + 1, last = Set.Rank - 1;
            T* buffers = stackalloc T[MaxOperands * RowLength];
            T** x = stackalloc T*[MaxOperands];
            int* index = stackalloc int[Set.Rank];
            bool* filled = stackalloc bool[MaxOperands];
            byte** at = stackalloc byte*[MaxOperands];
            for (int i = 0; i < count; i++) filled[i] = false;

            long first = part * RowsPerPart, end = Math.Min(Rows, first + RowsPerPart);
            Set.Seek(first, index, at);
            int inner = Set.Shape[last];
            for (long row = first; row < end; row++)
            {
                for (int start = 0; start < inner; start += RowLength)
                {
                    int n = Math.Min(RowLength, inner - start);
                    for (int i = 1; i < count; i++)
                    {
                        ref Entry e = ref Set.At(i);
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
                    ref Entry y = ref Set.At(0);
                    byte* to = at[0] + start * (nint)y.Strides[last] * y.Size;
                    bool straight = y.Strides[last] == 1 && y.DType == compute;
                    T* target = straight ? (T*)to : buffers;
                    Row<TKernel, T, Cached>(Kernel, x, target, n);
                    if (!straight) Convert.Store(target, y.DType, to, (nint)y.Strides[last], n);
                }
                Set.Next(index, at);
            }
        }
    }

    /// <summary>One operand: where it starts and how it is strided over the collapsed shape.</summary>
    internal struct Entry
    {
        public byte* Data;
        public long* Strides;
        public DType DType;
        public int Size;
        public bool IsConstant;
    }

    [InlineArray(MaxOperands)]
    private struct Entries
    {
        private Entry _first;
    }

    /// <summary>The operands of a run, output first, over a shape in which neighbouring dimensions that lie evenly have been merged.</summary>
    internal struct OperandSet
    {
        public int Inputs;
        public int Rank;
        public int* Shape;
        private Entries _entries;

        public readonly Entry this[int i] => _entries[i];

        [UnscopedRef]
        public readonly ref Entry At(int i) => ref Unsafe.AsRef(in _entries[i]);

        public void Set(int i, byte* data, in Operand x) =>
            _entries[i] = new Entry { Data = data + x.Layout.Offset * x.DType.Size, DType = x.DType, Size = x.DType.Size };

        public void Collapse(in Operand y, in Operand a, in Operand b, in Operand c, in Operand d, int* shape, long* strides, int rank)
        {
            Layout of = y.Layout;
            for (int i = 0; i <= Inputs; i++)
            {
                _entries[i].Strides = strides + i * rank;
                Layout layout = (i switch { 0 => y, 1 => a, 2 => b, 3 => c, _ => d }).Layout;
                int extra = of.Rank - layout.Rank;
                for (int k = 0; k < of.Rank; k++)
                    strides[i * rank + k] = k < extra || layout.Shape[k - extra] == 1 ? 0 : layout.Strides[k - extra];
            }
            Rank = 0;
            Shape = shape;
            for (int k = 0; k < of.Rank; k++)
            {
                int size = of.Shape[k];
                if (size == 1) continue;
                bool merge = Rank > 0 && (long)shape[Rank - 1] * size <= int.MaxValue;
                for (int i = 0; merge && i <= Inputs; i++) merge = strides[i * rank + Rank - 1] == strides[i * rank + k] * size;
                if (!merge) shape[Rank++] = size;
                else shape[Rank - 1] *= size;
                for (int i = 0; i <= Inputs; i++) strides[i * rank + Rank - 1] = strides[i * rank + k];
            }
            if (Rank == 0)
            {
                shape[Rank++] = 1;
                for (int i = 0; i <= Inputs; i++) strides[i * rank] = 0;
            }
            for (int i = 0; i <= Inputs; i++)
            {
                bool constant = true;
                for (int k = 0; k < Rank; k++) constant &= strides[i * rank + k] == 0;
                _entries[i].IsConstant = constant;
            }
        }

        /// <summary>Goes to a row: its index in the outer dimensions and each operand's address there.</summary>
        public readonly void Seek(long row, int* index, byte** at)
        {
            for (int i = 0; i <= Inputs; i++) at[i] = _entries[i].Data;
            for (int k = Rank - 2; k >= 0; k--)
            {
                index[k] = (int)(row % Shape[k]);
                row /= Shape[k];
                for (int i = 0; i <= Inputs; i++) at[i] += index[k] * _entries[i].Strides[k] * _entries[i].Size;
            }
        }

        public readonly void Next(int* index, byte** at)
        {
            for (int k = Rank - 2; k >= 0; k--)
            {
                bool carry = ++index[k] == Shape[k];
                if (carry) index[k] = 0;
                for (int i = 0; i <= Inputs; i++)
                    at[i] += (carry ? 1 - Shape[k] : 1) * _entries[i].Strides[k] * _entries[i].Size;
                if (!carry) return;
            }
        }
    }
}
