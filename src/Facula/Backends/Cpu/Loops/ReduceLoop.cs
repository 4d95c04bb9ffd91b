using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Reductions over any dimensions of any layout. The work is cut by sizes alone, into units (one result, or neighbouring columns of results)
/// and, where a unit is large and there are few, into segments whose partial results are combined in their order: the bits never depend
/// on the number of threads. Sums of float and double are exact to about the last bit: short blocks in vectors, blocks compensated.
/// </summary>
internal static unsafe partial class ReduceLoop
{
    /// <summary>Columns that are reduced together, in buffers on the stack.</summary>
    private const int Columns = 1024;
    /// <summary>Rows that are added up before rounding is looked after.</summary>
    private const int BlockRows = 32;
    private const int WideRow = 512;
    private const int SegmentSize = 64 * 1024;
    private const int SegmentRows = 256;
    private const int ManyUnits = 64;
    private const int RowsAtOnce = 64;
    private const int GatherRow = 512;
    private const int GatherColumns = 64;

    public static void Run<TReduce>(TReduce reduce, DType compute, in Operand y, in Operand x) where TReduce : struct, IReduce
    {
        if (y.Layout.Count == 0) return;
        ReduceDim* kept = stackalloc ReduceDim[Math.Max(1, x.Layout.Rank)], reduced = stackalloc ReduceDim[Math.Max(1, x.Layout.Rank)];
        using Hold heldX = x.Hold(), heldY = y.Hold();
        fixed (byte* px = heldX, py = heldY)
        {
            byte* from = px + x.Layout.Offset * x.DType.Size, to = py + y.Layout.Offset * y.DType.Size;
            if (x.Layout.Count == 0) Nothing(reduce, compute, y, to);
            else if (y.Layout.Count == 1 && x.DType == compute && x.Layout.IsContiguous && x.Layout.Count < 2 * SegmentSize)
            {
                // Small tensors are common, and this is most of what they need.
                switch (compute.Kind)
                {
                    case ElementType.Float32: Whole<TReduce, float, double>(reduce, from, x.Layout.Count, to, y.DType); break;
                    case ElementType.Float64: Whole<TReduce, double, double>(reduce, from, x.Layout.Count, to, y.DType); break;
                    default: Whole<TReduce, long, long>(reduce, from, x.Layout.Count, to, y.DType); break;
                }
            }
            else
            {
                ReducePlan plan = ReducePlan.Make(x.Layout, y.Layout, x.DType == compute, kept, reduced);
                switch (compute.Kind)
                {
                    case ElementType.Float32: Run<TReduce, float, double>(reduce, plan, from, x.DType, to, y.DType); break;
                    case ElementType.Float64: Run<TReduce, double, double>(reduce, plan, from, x.DType, to, y.DType); break;
                    default: Run<TReduce, long, long>(reduce, plan, from, x.DType, to, y.DType); break;
                }
            }
        }
    }

    private static void Whole<TReduce, T, P>(TReduce reduce, byte* x, long n, byte* y, DType yType)
        where TReduce : struct, IReduce where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        P total;
        if (typeof(T) == typeof(long)) total = ReduceRow<TReduce, Num<T>, T, P>(reduce, (T*)x, (nint)n);
        else if (Vector512.IsHardwareAccelerated) total = ReduceRow<TReduce, Simd512<T>, T, P>(reduce, (T*)x, (nint)n);
        else if (Vector256.IsHardwareAccelerated) total = ReduceRow<TReduce, Simd256<T>, T, P>(reduce, (T*)x, (nint)n);
        else if (Vector128.IsHardwareAccelerated) total = ReduceRow<TReduce, Simd128<T>, T, P>(reduce, (T*)x, (nint)n);
        else total = ReduceRow<TReduce, Num<T>, T, P>(reduce, (T*)x, (nint)n);
        Write(reduce, total, y, yType);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TReduce, P>(TReduce reduce, P total, byte* y, DType yType) where TReduce : struct, IReduce where P : unmanaged, INumber<P>
    {
        P result = reduce.Finish(new Num<P>(total)).Value;
        if (yType == DType.Float32 && typeof(P) == typeof(double)) *(float*)y = (float)Unsafe.BitCast<P, double>(result);
        else Convert.Store(&result, yType, y, 0, 1);
    }

    private static void Nothing<TReduce>(TReduce reduce, DType compute, in Operand y, byte* to) where TReduce : struct, IReduce
    {
        double real = reduce.Finish(new Num<double>(reduce.Identity)).Value;
        Scalar value = compute.IsFloatingPoint ? real : reduce.Finish(Num<long>.Const(reduce.Identity)).Value;
        Device.Cpu.Backend.Fill(y, value);
    }

    private static void Run<TReduce, T, P>(TReduce reduce, in ReducePlan plan, byte* x, DType xType, byte* y, DType yType)
        where TReduce : struct, IReduce where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        var job = new Job<TReduce, T, P> { Reduce = reduce, Plan = plan, X = x, XType = xType, XSize = xType.Size, Y = y, YType = yType, YSize = yType.Size };
        job.Cut();
        if (job.Segments == 1)
        {
            long parts = (job.Units + job.UnitsPerPart - 1) / job.UnitsPerPart;
            if (parts == 1) new Wide<Job<TReduce, T, P>, T>(job).Run(0);
            else Workers.For((int)parts, new Wide<Job<TReduce, T, P>, T>(job));
            return;
        }
        P[] rented = ArrayPool<P>.Shared.Rent(Check.Count((job.Units * job.Segments) * job.Width));
        fixed (P* partials = rented)
        {
            job.Partials = partials;
            Workers.For((int)(job.Units * job.Segments), new Wide<Job<TReduce, T, P>, T>(job));
            job.Combine();
        }
        ArrayPool<P>.Shared.Return(rented);
    }

    // All that goes through elements is compiled at once: these are generic, so each new reduction would run for a second as the JIT's first, slow draft.
    private partial struct Job<TReduce, T, P> : IWideJob<T>
        where TReduce : struct, IReduce where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        public TReduce Reduce;
        public ReducePlan Plan;
        public byte* X, Y;
        public DType XType, YType;
        public int XSize, YSize;

        public long Units;
        public long UnitsPerPart;
        public int Segments;
        public int Width;
        public P* Partials;

        // Units along the columns; segments along an inner row; outer rows in a segment.
        private long _chunks;
        private long _cuts;
        private long _rows;

        private readonly long InnerSize => Plan.Inner.Size * Plan.Fold;
        private readonly bool IsStraight => Plan.Inner.X == 1 && XType == DType.Of<T>();

        public void Cut()
        {
            bool byRows = Plan.Inner.IsReduced;
            Width = byRows ? 1 : (int)Math.Min(Columns, InnerSize);
            _chunks = byRows ? 1 : (InnerSize + Columns - 1) / Columns;
            Units = Plan.KeptCount * _chunks;
            long unitSize = Plan.ReducedCount * (byRows ? InnerSize : Width);
            (Segments, _cuts, _rows) = (1, 1, Plan.ReducedCount);
            UnitsPerPart = Math.Max(1, MapLoop.Grain / unitSize);
            if (unitSize < 2 * SegmentSize || Units >= ManyUnits) return;
            long segments;
            if (!byRows)
            {
                _rows = Math.Max(SegmentRows, SegmentSize / Width / BlockRows * BlockRows);
                segments = (Plan.ReducedCount + _rows - 1) / _rows;
            }
            else if (InnerSize >= SegmentSize)
            {
                (_rows, _cuts) = (1, (InnerSize + SegmentSize - 1) / SegmentSize);
                segments = Plan.ReducedCount * _cuts;
            }
            else
            {
                _rows = SegmentSize / InnerSize;
                segments = (Plan.ReducedCount + _rows - 1) / _rows;
            }
            Segments = Check.Count(segments);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        [SkipLocalsInit]
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
        {
            long* keptIndex = stackalloc long[Plan.KeptRank + 1], reducedIndex = stackalloc long[Plan.ReducedRank + 1];
            ReduceWalk kept = new(Plan.Kept, Plan.KeptRank, keptIndex), reduced = new(Plan.Reduced, Plan.ReducedRank, reducedIndex);
            if (Segments > 1)
            {
                long unit = part / Segments, segment = part % Segments;
                kept.Seek(unit / _chunks);
                P* partial = Partials + (long)part * Width;
                long first = segment / _cuts * _rows, last = Math.Min(Plan.ReducedCount, first + _rows);
                if (!Plan.Inner.IsReduced) ColumnUnit<V>(X + kept.X * XSize, unit % _chunks, reduced, first, last, partial, null);
                else
                {
                    long from = segment % _cuts * SegmentSize, to = _cuts == 1 ? InnerSize : Math.Min(InnerSize, from + SegmentSize);
                    *partial = RowUnit<V>(X + kept.X * XSize, reduced, first, last, from, to);
                }
                return;
            }
            long start = part * UnitsPerPart, end = Math.Min(Units, start + UnitsPerPart);
            if (Plan.Inner.IsReduced)
            {
                kept.Seek(start);
                if (IsStraight && Plan.ReducedRank == 0) RowUnits<V>(kept, end - start);
                else
                {
                    for (long unit = start; unit < end; unit++, kept.Next())
                        Write(RowUnit<V>(X + kept.X * XSize, reduced, 0, Plan.ReducedCount, 0, InnerSize), Y + kept.Y * YSize);
                }
                return;
            }
            for (long unit = start; unit < end; unit++)
            {
                kept.Seek(unit / _chunks);
                ColumnUnit<V>(X + kept.X * XSize, unit % _chunks, reduced, 0, Plan.ReducedCount, null, Y + kept.Y * YSize);
            }
        }

        /// <summary>Results that are one straight row each.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        [SkipLocalsInit]
        private readonly void RowUnits<V>(ReduceWalk kept, long units) where V : unmanaged, ISimd<V, T>
        {
            P* totals = stackalloc P[RowsAtOnce];
            nint strideX = Plan.KeptRank == 0 ? 0 : (nint)Plan.Kept[Plan.KeptRank - 1].X;
            nint strideY = Plan.KeptRank == 0 ? 0 : (nint)Plan.Kept[Plan.KeptRank - 1].Y * YSize;
            for (long left = units; left > 0;)
            {
                nint rows = (nint)kept.Run(Math.Min(RowsAtOnce, left));
                ReduceRows<TReduce, V, T, P>(Reduce, (T*)(X + kept.X * XSize), strideX, rows, (nint)InnerSize, totals);
                byte* y = Y + kept.Y * YSize;
                for (nint i = 0; i < rows; i++) Write(totals[i], y + i * strideY);
                kept.Skip(rows);
                left -= rows;
            }
        }

        /// <summary>Outer rows first to last of one result, elements from to to of each.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly P RowUnit<V>(byte* x, ReduceWalk walk, long first, long last, long from, long to) where V : unmanaged, ISimd<V, T>
        {
            x += from * Plan.Inner.X * XSize;
            if (Plan.ReducedRank == 0) return Row<V>(x, to - from);
            Num<P> total = Num<P>.Const(Reduce.Identity);
            walk.Seek(first);
            for (long row = first; row < last; row++, walk.Next()) total = Reduce.Combine(total, new Num<P>(Row<V>(x + walk.X * XSize, to - from)));
            return total.Value;
        }

        private readonly P Row<V>(byte* x, long n) where V : unmanaged, ISimd<V, T> =>
            IsStraight ? ReduceRow<TReduce, V, T, P>(Reduce, (T*)x, (nint)n) : GatheredRow<V>(x, n);

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        [SkipLocalsInit]
        private readonly P GatheredRow<V>(byte* x, long n) where V : unmanaged, ISimd<V, T>
        {
            T* buffer = stackalloc T[GatherRow];
            Num<P> total = Num<P>.Const(Reduce.Identity);
            for (long at = 0; at < n; at += GatherRow)
            {
                nint count = (nint)Math.Min(GatherRow, n - at);
                Convert.Load(XType, x + at * Plan.Inner.X * XSize, (nint)Plan.Inner.X, buffer, count);
                total = Reduce.Combine(total, new Num<P>(ReduceRow<TReduce, V, T, P>(Reduce, buffer, count)));
            }
            return total.Value;
        }

        /// <summary>Outer rows first to last of neighbouring columns: into partial results, or finished ones where there is but one segment.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        [SkipLocalsInit]
        private readonly void ColumnUnit<V>(byte* x, long chunk, ReduceWalk walk, long first, long last, P* partial, byte* y) where V : unmanaged, ISimd<V, T>
        {
            T* room = stackalloc T[2 * Columns + 64 / sizeof(T)];
            T* sums = (T*)(((nint)room + 63) & ~63), lost = sums + Columns;
            int width = (int)Math.Min(Columns, InnerSize - chunk * Columns);
            x += chunk * Columns * Plan.Inner.X * XSize;
            long stride = Plan.ReducedRank == 0 ? 0 : Plan.Reduced[Plan.ReducedRank - 1].X;
            // Of wide rows fewer at a time: so many streams, often at the same place of a page, crowd each other out of the cache.
            int block = width < WideRow ? BlockRows : BlockRows / 2;
            bool fresh = true;
            walk.Seek(first);
            for (long row = first; row < last;)
            {
                int rows = (int)walk.Run(Math.Min(block, last - row));
                byte* at = x + walk.X * XSize;
                if (IsStraight) ReduceColumns<TReduce, V, T>(Reduce, (T*)at, (nint)stride, rows, width, sums, lost, fresh);
                else GatheredColumns<V>(at, stride, rows, width, sums, lost, fresh);
                fresh = false;
                walk.Skip(rows);
                row += rows;
            }
            if (y is null)
            {
                Widen(sums, lost, partial, width);
                return;
            }
            y += chunk * Columns * Plan.Inner.Y * YSize;
            if (Plan.Fold > 1)
            {
                P* totals = stackalloc P[Columns];
                Widen(sums, lost, totals, width);
                WriteFolded(x, totals, y);
                return;
            }
            bool inPlace = Plan.Inner.Y == 1 && YType == DType.Of<T>();
            T* result = inPlace ? (T*)y : sums;
            FinishColumns<TReduce, V, T>(Reduce, sums, lost, result, width);
            if (!inPlace) Convert.Store(result, YType, y, (nint)Plan.Inner.Y, width);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        [SkipLocalsInit]
        private readonly void GatheredColumns<V>(byte* x, long stride, int rows, int width, T* sums, T* lost, bool fresh) where V : unmanaged, ISimd<V, T>
        {
            T* buffer = stackalloc T[BlockRows * GatherColumns], line = stackalloc T[BlockRows];
            for (int column = 0; column < width; column += GatherColumns)
            {
                int count = Math.Min(GatherColumns, width - column);
                byte* at = x + column * Plan.Inner.X * XSize;
                // Along whichever side is longer: a call converts a line.
                if (rows < count || XType == DType.Of<T>() && stride != 1)
                {
                    for (int row = 0; row < rows; row++) Convert.Load(XType, at + row * stride * XSize, (nint)Plan.Inner.X, buffer + row * count, count);
                }
                else
                {
                    for (int k = 0; k < count; k++)
                    {
                        Convert.Load(XType, at + k * Plan.Inner.X * XSize, (nint)stride, line, rows);
                        for (int row = 0; row < rows; row++) buffer[row * count + k] = line[row];
                    }
                }
                ReduceColumns<TReduce, V, T>(Reduce, buffer, count, rows, count, sums + column, lost + column, fresh);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void Widen(T* sums, T* lost, P* totals, int n)
        {
            for (int i = 0; i < n; i++)
            {
                P sum = P.CreateTruncating(sums[i]);
                totals[i] = Reduce.IsSum && P.IsFinite(sum) ? sum + P.CreateTruncating(lost[i]) : sum;
            }
        }

        /// <summary>Combines the segments of each unit in their order.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public readonly void Combine()
        {
            long* index = stackalloc long[Plan.KeptRank + 1];
            ReduceWalk kept = new(Plan.Kept, Plan.KeptRank, index);
            for (long unit = 0; unit < Units; unit++)
            {
                kept.Seek(unit / _chunks);
                P* totals = Partials + unit * Segments * Width;
                long chunk = unit % _chunks;
                int width = Plan.Inner.IsReduced ? 1 : (int)Math.Min(Columns, InnerSize - chunk * Columns);
                for (int segment = 1; segment < Segments; segment++)
                {
                    P* next = totals + (long)segment * Width;
                    for (int i = 0; i < width; i++) totals[i] = Reduce.Combine(new Num<P>(totals[i]), new Num<P>(next[i])).Value;
                }
                byte* y = Y + (kept.Y + chunk * Columns * Plan.Inner.Y) * YSize;
                if (Plan.Fold > 1) WriteFolded(X + kept.X * XSize, totals, y);
                else
                {
                    for (int i = 0; i < width; i++) Write(totals[i], y + i * Plan.Inner.Y * YSize);
                }
            }
        }

        /// <summary>The columns of a folded matrix combined, with the rows that were left over.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void WriteFolded(byte* x, P* totals, byte* y)
        {
            int width = (int)Plan.Inner.Size;
            T* rest = (T*)x + Plan.ReducedCount * InnerSize;
            for (int i = 0; i < width; i++)
            {
                Num<P> total = new(totals[i]);
                for (int k = 1; k < Plan.Fold; k++) total = Reduce.Combine(total, new Num<P>(totals[k * width + i]));
                for (long row = 0; row < Plan.LeftOver; row++)
                    total = Reduce.Combine(total, Reduce.Prepare(new Num<P>(P.CreateTruncating(rest[row * width + i]))));
                Write(total.Value, y + i * Plan.Inner.Y * YSize);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Write(P total, byte* y) => ReduceLoop.Write(Reduce, total, y, YType);
    }
}
