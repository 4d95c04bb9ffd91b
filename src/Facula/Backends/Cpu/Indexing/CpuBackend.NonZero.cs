using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    private const int CountGrain = 64 * 1024;

    public override long CountNonZero(in Operand x)
    {
        using StagedOperand flat = StagedOperand.Contiguous(this, x, keepsType: true);
        return CountParts(flat.Operand).Sum();
    }

    public override unsafe void NonZero(in Operand x, in Operand y)
    {
        if (x.Layout.Rank == 0) return;
        using StagedOperand copy = StagedOperand.Contiguous(this, x, keepsType: true);
        Operand flat = copy.Operand;
        long[] starts = CountParts(flat);
        // Another thread may have changed elements since they were counted for y, and may now: no part goes beyond its rows, and what is left over
        // names the first element.
        long sum = 0, rows = y.Layout.Shape[0];
        for (int part = 0; part < starts.Length; part++) (starts[part], sum) = (sum, Math.Min(rows, sum + starts[part]));
        using Pinned<byte> pinX = flat.Pin<byte>();
        using Pinned<long> pinY = y.Pin<long>();
        fixed (byte* px = pinX)
        fixed (long* py = pinY)
        fixed (long* pStarts = starts)
        fixed (int* shape = x.Layout.Shape)
        {
            var job = new FindJob
            {
                X = px,
                Y = py,
                Starts = pStarts,
                Shape = shape,
                Rank = x.Layout.Rank,
                Count = flat.Layout.Count,
                Total = sum,
                Rows = rows,
                DType = flat.DType,
            };
            Workers.For(starts.Length, job);
        }
    }

    private static unsafe long[] CountParts(in Operand flat)
    {
        var counts = new long[(flat.Layout.Count + CountGrain - 1) / CountGrain];
        using Pinned<byte> pin = flat.Pin<byte>();
        fixed (byte* px = pin)
        fixed (long* pCounts = counts)
            Workers.For(counts.Length, new CountJob { X = px, Counts = pCounts, Count = flat.Layout.Count, DType = flat.DType });
        return counts;
    }

    private unsafe struct CountJob : IJob
    {
        public byte* X;
        public long* Counts;
        public long Count;
        public DType DType;

        public readonly void Run(int part)
        {
            long start = (long)part * CountGrain, n = Math.Min(Count, start + CountGrain) - start;
            Counts[part] = DType.Kind switch
            {
                ElementType.Float32 => CountOf((float*)X + start, n),
                ElementType.Float64 => CountOf((double*)X + start, n),
                ElementType.Int64 => CountOf((long*)X + start, n),
                ElementType.Int32 => CountOf((int*)X + start, n),
                ElementType.Int16 => CountOf((short*)X + start, n),
                ElementType.Float16 or ElementType.BFloat16 => CountOf((ushort*)X + start, n),
                _ => CountOfBytes(X + start, n),
            };
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private static long CountOf<T>(T* x, long n) where T : unmanaged, INumber<T>
        {
            long count = 0;
            for (long i = 0; i < n; i++) count += IsNonZero(x[i]) ? 1 : 0;
            return count;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private static long CountOfBytes(byte* x, long n)
        {
            long i = 0, zeros = 0;
            while (i <= n - Vector<byte>.Count)
            {
                // A lane counts to 255.
                long end = Math.Min(n - Vector<byte>.Count, i + 254L * Vector<byte>.Count);
                Vector<byte> counts = default;
                for (; i <= end; i += Vector<byte>.Count) counts -= Vector.Equals(Vector.Load(x + i), Vector<byte>.Zero);
                Vector.Widen(counts, out Vector<ushort> low, out Vector<ushort> high);
                zeros += Vector.Sum(low + high);
            }
            for (; i < n; i++) zeros += x[i] == 0 ? 1 : 0;
            return n - zeros;
        }
    }

    private unsafe struct FindJob : IJob
    {
        public byte* X;
        public long* Y, Starts;
        public int* Shape;
        public int Rank;
        public long Count, Total, Rows;
        public DType DType;

        public readonly void Run(int part)
        {
            long start = (long)part * CountGrain, end = Math.Min(Count, start + CountGrain);
            long* row = Y + Starts[part] * Rank;
            switch (DType.Kind)
            {
                case ElementType.Float32: Find((float*)X, start, end, row); break;
                case ElementType.Float64: Find((double*)X, start, end, row); break;
                case ElementType.Int64: Find((long*)X, start, end, row); break;
                case ElementType.Int32: Find((int*)X, start, end, row); break;
                case ElementType.Int16: Find((short*)X, start, end, row); break;
                case ElementType.Float16 or ElementType.BFloat16: Find((ushort*)X, start, end, row); break;
                default: Find(X, start, end, row); break;
            }
        }

        /// <summary>Writes every index and moves on past those that count: which ones do is hard to predict.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void Find<T>(T* x, long start, long end, long* row) where T : unmanaged, INumber<T>
        {
            int rank = Rank, inner = Shape[rank - 1];
            // The next part's rows begin where this one's end, so writing stops there.
            long* stop = row + PartCount(start) * rank;
            long* index = stackalloc long[rank];
            for (long i = start; row < stop && i < end;)
            {
                long rest = i;
                for (int d = rank - 1; d > 0; d--)
                {
                    index[d] = rest % Shape[d];
                    rest /= Shape[d];
                }
                index[0] = rest;
                long column = index[rank - 1], last = Math.Min(inner, column + end - i);
                i += last - column;
                if (rank == 1)
                {
                    for (; column < last && row < stop; column++)
                    {
                        *row = column;
                        row += IsNonZero(x[column]) ? 1 : 0;
                    }
                    continue;
                }
                T* line = x + i - last;
                for (; column < last && row < stop; column++)
                {
                    for (int d = 0; d < rank - 1; d++) row[d] = index[d];
                    row[rank - 1] = column;
                    row += IsNonZero(line[column]) ? rank : 0;
                }
            }
            if (end == Count) stop = Y + Rows * rank;
            if (row < stop) NativeMemory.Clear(row, (nuint)((byte*)stop - (byte*)row));
        }

        private readonly long PartCount(long start)
        {
            long part = start / CountGrain, next = part + 1;
            return (next * CountGrain < Count ? Starts[next] : Total) - Starts[part];
        }
    }

    // Both zeros of a 16-bit float are zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsNonZero<T>(T value) where T : unmanaged, INumber<T> =>
        typeof(T) == typeof(ushort) ? (Unsafe.BitCast<T, ushort>(value) & 0x7FFF) != 0 : value != T.Zero;
}
