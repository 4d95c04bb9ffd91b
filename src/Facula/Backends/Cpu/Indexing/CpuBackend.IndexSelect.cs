using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    // Below this a slice is moved element by element: a block copy costs more than it moves.
    private const int SmallestBlock = 16;
    private const int BytesPerPart = 128 * 1024;

    public override unsafe void IndexSelect(in Operand x, in Operand index, in Operand y, int dim, [CallerMemberName] string operation = "")
    {
        IndexCheck.Run(index, x.Layout.Shape[dim], dim, operation);
        if (y.Layout.Count == 0) return;
        if (!Blocks(x.Layout, dim, out long inner, out long outerX) || !Blocks(y.Layout, dim, out _, out long outerY) || inner * x.DType.Size < SmallestBlock)
        {
            GatherChecked(x, Along(index, y.Layout.Shape, dim), y, dim);
            return;
        }
        int size = x.DType.Size, n = y.Layout.Shape[dim];
        using Pinned<byte> pinX = x.Pin<byte>(), pinY = y.Pin<byte>();
        using Pinned<long> pinIndex = index.Pin<long>();
        fixed (byte* px = pinX, py = pinY)
        fixed (long* pi = pinIndex)
        {
            var job = new SelectJob
            {
                X = px,
                Y = py,
                Index = pi,
                IndexStride = index.Layout.Strides[0],
                Size = x.Layout.Shape[dim],
                Count = n,
                Rows = y.Layout.Count / inner,
                Bytes = inner * size,
                StepX = x.Layout.Strides[dim] * size,
                StepY = y.Layout.Strides[dim] * size,
                OuterX = outerX * size,
                OuterY = outerY * size,
            };
            job.RowsPerPart = Math.Max(1, BytesPerPart / job.Bytes);
            Workers.For(Check.Count((job.Rows + job.RowsPerPart - 1) / job.RowsPerPart), job);
        }
    }

    public override unsafe void IndexPut(in Operand x, in Operand index, in Operand y, int dim, bool add, [CallerMemberName] string operation = "")
    {
        IndexCheck.Run(index, y.Layout.Shape[dim], dim, operation);
        if (x.Layout.Count == 0) return;
        if (!Blocks(x.Layout, dim, out long inner, out _) || !Blocks(y.Layout, dim, out _, out _) || inner * x.DType.Size < SmallestBlock
            || (add && AccumulationType(y.DType) != y.DType))
        {
            ScatterChecked(x, Along(index, x.Layout.Shape, dim), y, dim, add);
            return;
        }
        if (!add) PutBlocks<byte, Write>(x, index, y, dim);
        else
        {
            switch (y.DType.Kind)
            {
                case ElementType.Float32: PutBlocks<float, Add>(x, index, y, dim); break;
                case ElementType.Float64: PutBlocks<double, Add>(x, index, y, dim); break;
                case ElementType.Int64: PutBlocks<long, Add>(x, index, y, dim); break;
                case ElementType.Int32: PutBlocks<int, Add>(x, index, y, dim); break;
                case ElementType.Int16: PutBlocks<short, Add>(x, index, y, dim); break;
                case ElementType.Int8: PutBlocks<sbyte, Add>(x, index, y, dim); break;
                default: PutBlocks<byte, Add>(x, index, y, dim); break;
            }
        }
    }

    /// <summary>Each part goes through the whole index and serves the slices of y that are its own, so that each gets its terms in order.</summary>
    private static unsafe void PutBlocks<T, TPut>(in Operand x, in Operand index, in Operand y, int dim)
        where T : unmanaged, INumber<T> where TPut : struct, IPut
    {
        Blocks(x.Layout, dim, out long inner, out long outerX);
        Blocks(y.Layout, dim, out _, out long outerY);
        int size = x.DType.Size;
        using Pinned<byte> pinX = x.Pin<byte>(), pinY = y.Pin<byte>();
        using Pinned<long> pinIndex = index.Pin<long>();
        fixed (byte* px = pinX, py = pinY)
        fixed (long* pi = pinIndex)
        {
            var job = new PutJob<T, TPut>
            {
                X = px,
                Y = py,
                Index = pi,
                IndexStride = index.Layout.Strides[0],
                Size = y.Layout.Shape[dim],
                Count = x.Layout.Shape[dim],
                Outer = x.Layout.Count / inner / x.Layout.Shape[dim],
                Elements = (nint)(inner * size / sizeof(T)),
                StepX = x.Layout.Strides[dim] * size,
                StepY = y.Layout.Strides[dim] * size,
                OuterX = outerX * size,
                OuterY = outerY * size,
            };
            job.Parts = x.Layout.Count <= Workers.Grain ? 1 : Math.Max(1, Math.Min(CpuSettings.ThreadCount, y.Layout.Shape[dim] / PutJob<T, TPut>.Share + 1));
            Workers.For(job.Parts, job);
        }
    }

    /// <summary>A rank-1 index over a whole shape: the same for every coordinate but one.</summary>
    private static Operand Along(in Operand index, int[] shape, int dim)
    {
        var strides = new long[shape.Length];
        strides[dim] = index.Layout.Strides[0];
        return index.With(new(shape, strides, index.Layout.Offset));
    }

    /// <summary>Whether the dimensions after one lie without gaps, and those before it evenly: then slices are blocks of memory.</summary>
    private static bool Blocks(Layout x, int dim, out long inner, out long outerStride)
    {
        inner = 1;
        outerStride = 0;
        for (int d = x.Rank - 1; d > dim; d--)
        {
            if (x.Shape[d] != 1 && x.Strides[d] != inner) return false;
            inner *= x.Shape[d];
        }
        long count = 1;
        for (int d = dim - 1; d >= 0; d--)
        {
            if (x.Shape[d] == 1) continue;
            if (count == 1) outerStride = x.Strides[d];
            else if (x.Strides[d] != outerStride * count) return false;
            count *= x.Shape[d];
        }
        return true;
    }

    private unsafe struct SelectJob : IJob
    {
        public byte* X, Y;
        public long* Index;
        public nint Size;
        public long IndexStride, Count, Rows, RowsPerPart, Bytes, StepX, StepY, OuterX, OuterY;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int part)
        {
            long first = part * RowsPerPart, end = Math.Min(Rows, first + RowsPerPart);
            long outer = first / Count, i = first % Count;
            for (long row = first; row < end; row++)
            {
                byte* from = X + outer * OuterX + IndexCheck.Within(Index[i * IndexStride], Size) * StepX;
                Unsafe.CopyBlockUnaligned(Y + outer * OuterY + i * StepY, from, (uint)Bytes);
                if (++i < Count) continue;
                i = 0;
                outer++;
            }
        }
    }

    private unsafe struct PutJob<T, TPut> : IJob where T : unmanaged, INumber<T> where TPut : struct, IPut
    {
        /// <summary>Neighbouring slices that one part owns, so that parts seldom write to the same cache line.</summary>
        public const int Share = 16;

        public byte* X, Y;
        public long* Index;
        public nint Size;
        public long IndexStride, Count, Outer, StepX, StepY, OuterX, OuterY;
        public nint Elements;
        public int Parts;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int part)
        {
            for (long outer = 0; outer < Outer; outer++)
            {
                byte* x = X + outer * OuterX, y = Y + outer * OuterY;
                for (long i = 0; i < Count; i++)
                {
                    long target = IndexCheck.Within(Index[i * IndexStride], Size);
                    if (Parts > 1 && (uint)target / Share % (uint)Parts != (uint)part) continue;
                    if (typeof(TPut) == typeof(Write)) Unsafe.CopyBlockUnaligned(y + target * StepY, x + i * StepX, (uint)(Elements * sizeof(T)));
                    else AddBlock((T*)(x + i * StepX), (T*)(y + target * StepY), Elements);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void AddBlock(T* x, T* y, nint n)
        {
            nint i = 0;
            for (; i <= n - Vector<T>.Count; i += Vector<T>.Count) Vector.Store(Vector.Load(y + i) + Vector.Load(x + i), y + i);
            for (; i < n; i++) y[i] += x[i];
        }
    }
}
