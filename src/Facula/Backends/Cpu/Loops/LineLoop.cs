using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>One line of an operand along the dimension of a line kernel, or the operand's single element for that line.</summary>
internal unsafe struct Line
{
    public byte* At;
    /// <summary>Elements between neighbours of the line, and between neighbouring lines.</summary>
    public nint Stride, Step;
    public DType DType;
    public bool IsWhole;

    /// <summary>Whether the elements lie side by side in the computing type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsContiguous<T>() where T : unmanaged => Stride == 1 && DType == DType.Of<T>();

    /// <summary>Goes n elements on.</summary>
    public void Skip(nint n) => At += n * Stride * DType.Size;

    /// <summary>The elements side by side in the computing type: where they are, or copied to the buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly T* Read<T>(T* buffer, nint n) where T : unmanaged, INumber<T>
    {
        if (IsContiguous<T>()) return (T*)At;
        Convert.Load(DType, At, Stride, buffer, n);
        return buffer;
    }

    /// <summary>Where to put results: in place if they can be, else in the buffer, for <see cref="Write"/> to bring home.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly T* Target<T>(T* buffer) where T : unmanaged => IsContiguous<T>() ? (T*)At : buffer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Write<T>(T* row, nint n) where T : unmanaged, INumber<T>
    {
        if (row != At) Convert.Store(row, DType, At, Stride, n);
    }

    /// <summary>The first, or only, element.</summary>
    public readonly T First<T>() where T : unmanaged, INumber<T>
    {
        if (DType == DType.Of<T>()) return *(T*)At;
        T value;
        Convert.Load(DType, At, 0, &value, 1);
        return value;
    }

    public readonly void SetFirst<T>(T value) where T : unmanaged, INumber<T>
    {
        if (DType == DType.Of<T>()) *(T*)At = value;
        else Convert.Store(&value, DType, At, 0, 1);
    }
}

/// <summary>What is done to each line along a dimension.</summary>
internal unsafe interface ILineKernel
{
    /// <summary>Room in buffers that a line needs, in lines.</summary>
    int Buffers { get; }

    /// <summary>Whether <see cref="Columns"/> can do lines of n elements side by side.</summary>
    bool HasColumns(nint n);

    void Line<V, T>(Line* lines, nint n, T* buffers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>;

    /// <summary>How many lines side by side suit <see cref="Columns"/>.</summary>
    int ColumnsAtOnce { get; }

    /// <summary>Neighbouring lines, at most <see cref="ColumnsAtOnce"/>, whose elements lie side by side in the operands that have whole lines.</summary>
    void Columns<V, T>(Line* lines, nint n, nint columns) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>;
}

/// <summary>
/// Runs a line kernel over all lines of operands of any layout and type along a dimension. Operands of one rank less have one element a line.
/// A line is never cut, so results are the same for any number of threads.
/// </summary>
internal static unsafe class LineLoop
{
    /// <summary>The most lines that <see cref="ILineKernel.Columns"/> is given.</summary>
    public const int MostColumns = 1024;

    public static void Run<TKernel>(TKernel kernel, DType compute, int dim, int count, in Operand x, in Operand a, in Operand b = default,
        in Operand c = default, in Operand d = default) where TKernel : struct, ILineKernel
    {
        if (x.Layout.Count == 0) return;
        int rank = x.Layout.Rank;
        int* shape = stackalloc int[Math.Max(1, rank - 1)];
        long* strides = stackalloc long[5 * Math.Max(1, rank - 1)];
        Line* lines = stackalloc Line[5];
        using Pinned<byte> pinX = x.Pin<byte>(), pinA = a.Pin<byte>(), pinB = b.Pin<byte>(), pinC = c.Pin<byte>(), pinD = d.Pin<byte>();
        fixed (byte* px = pinX, pa = pinA, pb = pinB, pc = pinC, pd = pinD)
        {
            var iterator = new StridedIterator { Inputs = count - 1 };
            Operand x0 = Add(ref iterator, 0, px, x, dim, rank, lines), a0 = Add(ref iterator, 1, pa, a, dim, rank, lines);
            Operand b0 = count > 2 ? Add(ref iterator, 2, pb, b, dim, rank, lines) : default;
            Operand c0 = count > 3 ? Add(ref iterator, 3, pc, c, dim, rank, lines) : default;
            Operand d0 = count > 4 ? Add(ref iterator, 4, pd, d, dim, rank, lines) : default;
            iterator.Coalesce(x0, a0, b0, c0, d0, shape, strides, Math.Max(1, rank - 1));
            long number = x0.Layout.Count;
            nint n = x.Layout.Shape[dim];
            switch (compute.Kind)
            {
                case ElementType.Float32: Run<TKernel, float>(kernel, iterator, lines, n, number); break;
                case ElementType.Float64: Run<TKernel, double>(kernel, iterator, lines, n, number); break;
                default: Run<TKernel, long>(kernel, iterator, lines, n, number); break;
            }
        }
    }

    private static Operand Add(ref StridedIterator iterator, int i, byte* data, in Operand x, int dim, int rank, Line* lines)
    {
        bool whole = x.Layout.Rank == rank;
        iterator.Add(i, data, x);
        lines[i] = new Line { Stride = whole ? (nint)x.Layout.Strides[dim] : 0, DType = x.DType, IsWhole = whole };
        return whole ? x.With(x.Layout.Squeeze(dim)) : x;
    }

    private static void Run<TKernel, T>(TKernel kernel, in StridedIterator iterator, Line* lines, nint n, long number)
        where TKernel : struct, ILineKernel where T : unmanaged, INumber<T>
    {
        int last = iterator.Rank - 1;
        bool columns = kernel.HasColumns(n) && iterator.Shape[last] >= 4, contiguous = true;
        for (int i = 0; i <= iterator.Inputs; i++)
        {
            lines[i].Step = (nint)iterator[i].Strides[last];
            if (!lines[i].IsWhole) continue;
            columns &= lines[i].Step == 1 && lines[i].DType == DType.Of<T>();
            contiguous &= lines[i].Stride == 1 && lines[i].DType == DType.Of<T>();
        }
        var job = new Job<TKernel, T> { Kernel = kernel, Iterator = iterator, Lines = lines, N = n };
        (job.ByColumns, job.Buffers) = (columns && !contiguous, contiguous ? 0 : kernel.Buffers);
        long chunk = job.ByColumns ? Math.Min(kernel.ColumnsAtOnce, iterator.Shape[last]) : 1;
        job.Chunk = chunk;
        job.Chunks = (iterator.Shape[last] + chunk - 1) / chunk;
        job.Units = number / iterator.Shape[last] * job.Chunks;
        job.UnitsPerPart = Math.Max(1, Workers.Grain / Math.Max(1, n * chunk));
        long parts = (job.Units + job.UnitsPerPart - 1) / job.UnitsPerPart;
        Workers.For(Check.Count(parts), new SimdJob<Job<TKernel, T>, T>(job));
    }

    private struct Job<TKernel, T> : ISimdJob<T> where TKernel : struct, ILineKernel where T : unmanaged, INumber<T>
    {
        public TKernel Kernel;
        public StridedIterator Iterator;
        public Line* Lines;
        public nint N;
        public bool ByColumns;
        public int Buffers;
        public long Chunk, Chunks, Units, UnitsPerPart;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
        {
            int* index = stackalloc int[Iterator.Rank];
            byte** at = stackalloc byte*[5];
            Line* lines = stackalloc Line[5];
            int count = Iterator.Inputs + 1, inner = Iterator.Shape[Iterator.Rank - 1];
            for (int i = 0; i < count; i++) lines[i] = Lines[i];
            T* buffers = Buffers == 0 ? null : (T*)NativeMemory.Alloc((nuint)(Buffers * N), (nuint)sizeof(T));

            long first = part * UnitsPerPart, end = Math.Min(Units, first + UnitsPerPart), chunk = first % Chunks;
            Iterator.Seek(first / Chunks, index, at);
            for (long unit = first; unit < end; unit++)
            {
                long line = chunk * Chunk;
                for (int i = 0; i < count; i++) lines[i].At = at[i] + line * lines[i].Step * Iterator[i].Size;
                if (ByColumns) Kernel.Columns<V, T>(lines, N, (nint)Math.Min(Chunk, inner - line));
                else Kernel.Line<V, T>(lines, N, buffers);
                if (++chunk < Chunks) continue;
                chunk = 0;
                Iterator.Next(index, at);
            }
            NativeMemory.Free(buffers);
        }
    }
}
