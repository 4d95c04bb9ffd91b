using System.Numerics;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    private const int CountGrain = 64 * 1024;

    public override long CountNonZero(in Operand x)
    {
        Operand flat = Flat(x);
        long total = 0;
        foreach (long count in CountParts(flat)) total += count;
        GC.KeepAlive(flat.Storage);
        return total;
    }

    public override unsafe void NonZero(in Operand x, in Operand y)
    {
        Operand flat = Flat(x);
        long[] starts = CountParts(flat);
        long sum = 0;
        for (int part = 0; part < starts.Length; part++) (starts[part], sum) = (sum, sum + starts[part]);
        fixed (byte* px = &flat.Storage.Reference)
        fixed (byte* py = &y.Storage.Reference)
        fixed (long* pStarts = starts)
        fixed (int* shape = x.Layout.Shape)
        {
            var job = new FindJob
            {
                X = px + flat.Layout.Offset * flat.DType.Size,
                Y = (long*)py + y.Layout.Offset,
                Starts = pStarts,
                Shape = shape,
                Rank = x.Layout.Rank,
                Count = flat.Layout.Count,
                DType = flat.DType,
            };
            Workers.For(starts.Length, job);
        }
        GC.KeepAlive(flat.Storage);
        GC.KeepAlive(y.Storage);
    }

    /// <summary>The operand itself where it is contiguous, else a copy.</summary>
    private static Operand Flat(in Operand x)
    {
        if (x.Layout.IsContiguous) return x;
        Operand copy = Temporary(x.Layout, x.DType);
        Device.Cpu.Backend.Copy(x, copy);
        return copy;
    }

    private static unsafe long[] CountParts(in Operand flat)
    {
        var counts = new long[(flat.Layout.Count + CountGrain - 1) / CountGrain];
        fixed (byte* px = &flat.Storage.Reference)
        fixed (long* pCounts = counts)
        {
            Workers.For(counts.Length, new CountJob { X = px + flat.Layout.Offset * flat.DType.Size, Counts = pCounts, Count = flat.Layout.Count, DType = flat.DType });
        }
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
            long start = (long)part * CountGrain, end = Math.Min(Count, start + CountGrain);
            Counts[part] = DType switch
            {
                DType.Float32 => CountOf((float*)X + start, end - start),
                DType.Float64 => CountOf((double*)X + start, end - start),
                DType.Int64 => CountOf((long*)X + start, end - start),
                DType.Int32 => CountOf((int*)X + start, end - start),
                DType.Int16 => CountOf((short*)X + start, end - start),
                DType.Float16 or DType.BFloat16 => CountOfHalf((ushort*)X + start, end - start),
                _ => CountOf(X + start, end - start),
            };
        }

        private static long CountOf<T>(T* x, long n) where T : unmanaged, INumber<T>
        {
            long count = 0;
            for (long i = 0; i < n; i++) count += x[i] != T.Zero ? 1 : 0;
            return count;
        }

        // Both zeros of a 16-bit float are zero.
        private static long CountOfHalf(ushort* x, long n)
        {
            long count = 0;
            for (long i = 0; i < n; i++) count += (x[i] & 0x7FFF) != 0 ? 1 : 0;
            return count;
        }
    }

    private unsafe struct FindJob : IJob
    {
        public byte* X;
        public long* Y, Starts;
        public int* Shape;
        public int Rank;
        public long Count;
        public DType DType;

        public readonly void Run(int part)
        {
            long start = (long)part * CountGrain, end = Math.Min(Count, start + CountGrain);
            long* row = Y + Starts[part] * Rank;
            switch (DType)
            {
                case DType.Float32: Find((float*)X, start, end, row); break;
                case DType.Float64: Find((double*)X, start, end, row); break;
                case DType.Int64: Find((long*)X, start, end, row); break;
                case DType.Int32: Find((int*)X, start, end, row); break;
                case DType.Int16: Find((short*)X, start, end, row); break;
                case DType.Float16: Find((Half*)X, start, end, row); break;
                case DType.BFloat16:
                    for (long i = start; i < end; i++)
                    {
                        if ((((ushort*)X)[i] & 0x7FFF) != 0) row = Put(row, i);
                    }
                    break;
                default: Find(X, start, end, row); break;
            }
        }

        private readonly void Find<T>(T* x, long start, long end, long* row) where T : unmanaged, INumber<T>
        {
            for (long i = start; i < end; i++)
            {
                if (x[i] != T.Zero) row = Put(row, i);
            }
        }

        private readonly long* Put(long* row, long i)
        {
            for (int d = Rank - 1; d > 0; d--)
            {
                row[d] = i % Shape[d];
                i /= Shape[d];
            }
            if (Rank > 0) row[0] = i;
            return row + Rank;
        }
    }
}
