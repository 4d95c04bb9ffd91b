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
internal static unsafe class ReduceLoop
{
    /// <summary>Elements that a part of a large result gets.</summary>
    public const int SegmentSize = 64 * 1024;

    public static void Run<TReduce>(TReduce reduce, DType compute, in Operand y, in Operand x) where TReduce : struct, IReduce
    {
        if (y.Layout.Count == 0) return;
        ReduceDim* kept = stackalloc ReduceDim[Math.Max(1, x.Layout.Rank)], reduced = stackalloc ReduceDim[Math.Max(1, x.Layout.Rank)];
        using Pinned<byte> pinX = x.Pin<byte>(), pinY = y.Pin<byte>();
        fixed (byte* from = pinX, to = pinY)
        {
            if (x.Layout.Count == 0) Nothing(reduce, compute, y);
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
        var job = new WholeJob<TReduce, T, P> { Reduce = reduce, X = (T*)x, Count = (nint)n, Total = &total };
        SimdJob<WholeJob<TReduce, T, P>, T>.Run(ref job, 0);
        Write(reduce, total, y, yType);
    }

    /// <summary>All elements of what is contiguous.</summary>
    private struct WholeJob<TReduce, T, P> : ISimdJob<T>
        where TReduce : struct, IReduce where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        public TReduce Reduce;
        public T* X;
        public nint Count;
        public P* Total;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T> => *Total = ReduceKernels.Row<TReduce, V, T, P>(Reduce, X, Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<TReduce, P>(TReduce reduce, P total, byte* y, DType yType) where TReduce : struct, IReduce where P : unmanaged, INumber<P>
    {
        P result = reduce.Finish(new Num<P>(total)).Value;
        if (yType == DType.Float32 && typeof(P) == typeof(double)) *(float*)y = (float)Unsafe.BitCast<P, double>(result);
        else Convert.Store(&result, yType, y, 0, 1);
    }

    private static void Nothing<TReduce>(TReduce reduce, DType compute, in Operand y) where TReduce : struct, IReduce
    {
        double real = reduce.Finish(new Num<double>(reduce.Identity)).Value;
        Scalar value = compute.IsFloatingPoint ? real : reduce.Finish(Num<long>.Const(reduce.Identity)).Value;
        CpuBackend.Instance.Fill(y, value);
    }

    private static void Run<TReduce, T, P>(TReduce reduce, in ReducePlan plan, byte* x, DType xType, byte* y, DType yType)
        where TReduce : struct, IReduce where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        var job = new ReduceJob<TReduce, T, P> { Reduce = reduce, Plan = plan, X = x, Y = y };
        (job.XType, job.XSize, job.YType, job.YSize) = (xType, xType.Size, yType, yType.Size);
        job.Cut();
        if (job.Segments == 1)
        {
            long parts = (job.Units + job.UnitsPerPart - 1) / job.UnitsPerPart;
            Workers.For((int)parts, new SimdJob<ReduceJob<TReduce, T, P>, T>(job));
            return;
        }
        P[] rented = ArrayPool<P>.Shared.Rent(Check.Count((job.Units * job.Segments) * job.Width));
        fixed (P* partials = rented)
        {
            job.Partials = partials;
            Workers.For((int)(job.Units * job.Segments), new SimdJob<ReduceJob<TReduce, T, P>, T>(job));
            job.Combine();
        }
        ArrayPool<P>.Shared.Return(rented);
    }
}
