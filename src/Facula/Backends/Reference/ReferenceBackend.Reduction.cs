using Facula.Numerics;

namespace Facula.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    public override void Reduce<TReduce>(TReduce reduce, DType compute, in Operand y, in Operand x)
    {
        Elements from = new(x), to = new(y);
        var sums = new double[y.Layout.Count];
        var wholes = new long[y.Layout.Count];
        bool real = compute.IsFloatingPoint;
        Array.Fill(sums, reduce.Identity);
        Array.Fill(wholes, Num<long>.Const(reduce.Identity).Value);
        for (long i = 0; i < x.Layout.Count; i++)
        {
            long at = Target(i, x.Layout, y.Layout);
            if (real) sums[at] = reduce.Combine<Real>(new(sums[at]), reduce.Prepare<Real>(Read(from, i, compute))).Value;
            else wholes[at] = reduce.Combine<Num<long>>(new(wholes[at]), reduce.Prepare<Num<long>>(Whole(from, i))).Value;
        }
        for (long i = 0; i < y.Layout.Count; i++)
        {
            if (real) to.Set(i, reduce.Finish<Real>(new(sums[i])).Value);
            else to.Set(i, reduce.Finish<Num<long>>(new(wholes[i])).Value);
        }
    }

    /// <summary>Which element of y (some of whose sizes are 1, or of rank 0) element i of x goes to.</summary>
    private static long Target(long i, Layout x, Layout y)
    {
        if (y.Rank == 0) return 0;
        long target = 0, stride = 1;
        for (int d = x.Rank - 1; d >= 0; d--)
        {
            if (y.Shape[d] != 1) target += i % x.Shape[d] * stride;
            stride *= y.Shape[d];
            i /= x.Shape[d];
        }
        return target;
    }
}
