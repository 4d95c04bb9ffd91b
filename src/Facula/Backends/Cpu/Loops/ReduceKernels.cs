using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>The loops of a reduction over rows of contiguous elements, and over rows side by side.</summary>
internal static unsafe class ReduceKernels
{
    // A lane takes this many elements in float before it is added to the compensated sum.
    private const int BlockSteps = 16;

    /// <summary>A row of contiguous elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static P Row<TReduce, V, T, P>(TReduce reduce, T* x, nint n)
        where TReduce : struct, IReduce where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        if (V.Count == 1) return Scalars<TReduce, T, P>(reduce, x, n);
        return n <= 4 * BlockSteps * V.Count ? Block<TReduce, V, T, P>(reduce, x, n) : Blocks<TReduce, V, T, P>(reduce, x, n);
    }

    /// <summary>Several rows, each to a number of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Rows<TReduce, V, T, P>(TReduce reduce, T* x, nint stride, nint rows, nint n, P* totals)
        where TReduce : struct, IReduce where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        if (V.Count == 1)
        {
            for (nint row = 0; row < rows; row++) totals[row] = Scalars<TReduce, T, P>(reduce, x + row * stride, n);
        }
        else if (n <= 4 * BlockSteps * V.Count)
        {
            for (nint row = 0; row < rows; row++) totals[row] = Block<TReduce, V, T, P>(reduce, x + row * stride, n);
        }
        else
        {
            for (nint row = 0; row < rows; row++) totals[row] = Blocks<TReduce, V, T, P>(reduce, x + row * stride, n);
        }
    }

    /// <summary>A row that is short enough to be added up without looking after rounding, by four vectors side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static P Block<TReduce, V, T, P>(TReduce reduce, T* x, nint n)
        where TReduce : struct, IReduce where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        V identity = V.Const(reduce.Identity), sum;
        if (n < V.Count) sum = V.Select(Simd.First<V, T>(n), reduce.Prepare(Simd.Load<V, T>(x, n, V.Zero)), identity);
        else
        {
            V a = identity, b = identity, c = identity, d = identity;
            nint i = 0, step = 4 * V.Count;
            for (; i <= n - step; i += step)
            {
                a = reduce.Combine(a, reduce.Prepare(V.Load(x + i)));
                b = reduce.Combine(b, reduce.Prepare(V.Load(x + i + V.Count)));
                c = reduce.Combine(c, reduce.Prepare(V.Load(x + i + 2 * V.Count)));
                d = reduce.Combine(d, reduce.Prepare(V.Load(x + i + 3 * V.Count)));
            }
            for (; i <= n - V.Count; i += V.Count) a = reduce.Combine(a, reduce.Prepare(V.Load(x + i)));
            // The last whole vector of the row, without the lanes that have had their turn.
            if (i < n) b = reduce.Combine(b, V.Select(Simd.Last<V, T>(n - i), reduce.Prepare(V.Load(x + n - V.Count)), identity));
            sum = reduce.Combine(reduce.Combine(a, b), reduce.Combine(c, d));
        }
        return reduce.IsSum ? P.CreateTruncating(Simd.Sum<V, T>(sum)) : P.CreateTruncating(Simd.Fold<TReduce, V, T>(reduce, sum));
    }

    /// <summary>A long row, in such blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static P Blocks<TReduce, V, T, P>(TReduce reduce, T* x, nint n)
        where TReduce : struct, IReduce where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        V identity = V.Const(reduce.Identity), sum = identity, lost = V.Zero;
        nint whole = n - n % V.Count, step = 4 * V.Count, i = 0;
        while (i < whole)
        {
            nint end = reduce.IsSum ? Math.Min(whole, i + BlockSteps * step) : whole;
            V a = identity, b = identity, c = identity, d = identity;
            for (; i <= end - step; i += step)
            {
                a = reduce.Combine(a, reduce.Prepare(V.Load(x + i)));
                b = reduce.Combine(b, reduce.Prepare(V.Load(x + i + V.Count)));
                c = reduce.Combine(c, reduce.Prepare(V.Load(x + i + 2 * V.Count)));
                d = reduce.Combine(d, reduce.Prepare(V.Load(x + i + 3 * V.Count)));
            }
            for (; i < end; i += V.Count) a = reduce.Combine(a, reduce.Prepare(V.Load(x + i)));
            Add(reduce, ref sum, ref lost, reduce.Combine(reduce.Combine(a, b), reduce.Combine(c, d)));
        }
        if (whole < n) Add(reduce, ref sum, ref lost, V.Select(Simd.Last<V, T>(n - whole), reduce.Prepare(V.Load(x + n - V.Count)), identity));
        if (!reduce.IsSum) return P.CreateTruncating(Simd.Fold<TReduce, V, T>(reduce, sum));
        double total = Simd.Sum<V, T>(sum);
        return P.CreateTruncating(double.IsFinite(total) ? total + Simd.Sum<V, T>(lost) : total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TReduce, V>(TReduce reduce, ref V sum, ref V lost, V block) where TReduce : struct, IReduce where V : INum<V>
    {
        if (reduce.IsSum) Simd.AddExactly(ref sum, ref lost, block);
        else sum = reduce.Combine(sum, block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static P Scalars<TReduce, T, P>(TReduce reduce, T* x, nint n)
        where TReduce : struct, IReduce where T : unmanaged, INumber<T> where P : unmanaged, INumber<P>
    {
        Num<P> identity = Num<P>.Const(reduce.Identity), a = identity, b = identity, c = identity, d = identity;
        nint i = 0;
        for (; i <= n - 4; i += 4)
        {
            a = reduce.Combine(a, reduce.Prepare(new Num<P>(P.CreateTruncating(x[i]))));
            b = reduce.Combine(b, reduce.Prepare(new Num<P>(P.CreateTruncating(x[i + 1]))));
            c = reduce.Combine(c, reduce.Prepare(new Num<P>(P.CreateTruncating(x[i + 2]))));
            d = reduce.Combine(d, reduce.Prepare(new Num<P>(P.CreateTruncating(x[i + 3]))));
        }
        for (; i < n; i++) a = reduce.Combine(a, reduce.Prepare(new Num<P>(P.CreateTruncating(x[i]))));
        return reduce.Combine(reduce.Combine(a, b), reduce.Combine(c, d)).Value;
    }

    /// <summary>A few rows added to the sums of their columns, or starting them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Columns<TReduce, V, T>(TReduce reduce, T* x, nint stride, nint rows, nint columns, T* sums, T* lost, bool fresh)
        where TReduce : struct, IReduce where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V identity = V.Const(reduce.Identity);
        nint k = 0;
        for (; k <= columns - 4 * V.Count; k += 4 * V.Count)
        {
            V a = identity, b = identity, c = identity, d = identity, e = identity, f = identity, g = identity, h = identity;
            T* p = x + k;
            nint row = 0;
            for (; row < rows - 1; row += 2, p += 2 * stride)
            {
                a = reduce.Combine(a, reduce.Prepare(V.Load(p)));
                b = reduce.Combine(b, reduce.Prepare(V.Load(p + V.Count)));
                c = reduce.Combine(c, reduce.Prepare(V.Load(p + 2 * V.Count)));
                d = reduce.Combine(d, reduce.Prepare(V.Load(p + 3 * V.Count)));
                e = reduce.Combine(e, reduce.Prepare(V.Load(p + stride)));
                f = reduce.Combine(f, reduce.Prepare(V.Load(p + stride + V.Count)));
                g = reduce.Combine(g, reduce.Prepare(V.Load(p + stride + 2 * V.Count)));
                h = reduce.Combine(h, reduce.Prepare(V.Load(p + stride + 3 * V.Count)));
            }
            if (row < rows)
            {
                a = reduce.Combine(a, reduce.Prepare(V.Load(p)));
                b = reduce.Combine(b, reduce.Prepare(V.Load(p + V.Count)));
                c = reduce.Combine(c, reduce.Prepare(V.Load(p + 2 * V.Count)));
                d = reduce.Combine(d, reduce.Prepare(V.Load(p + 3 * V.Count)));
            }
            AddBlock<TReduce, V, T>(reduce, reduce.Combine(a, e), sums + k, lost + k, fresh);
            AddBlock<TReduce, V, T>(reduce, reduce.Combine(b, f), sums + k + V.Count, lost + k + V.Count, fresh);
            AddBlock<TReduce, V, T>(reduce, reduce.Combine(c, g), sums + k + 2 * V.Count, lost + k + 2 * V.Count, fresh);
            AddBlock<TReduce, V, T>(reduce, reduce.Combine(d, h), sums + k + 3 * V.Count, lost + k + 3 * V.Count, fresh);
        }
        for (; k <= columns - V.Count; k += V.Count)
        {
            V a = identity, b = identity;
            T* p = x + k;
            nint row = 0;
            for (; row < rows - 1; row += 2, p += 2 * stride)
            {
                a = reduce.Combine(a, reduce.Prepare(V.Load(p)));
                b = reduce.Combine(b, reduce.Prepare(V.Load(p + stride)));
            }
            if (row < rows) a = reduce.Combine(a, reduce.Prepare(V.Load(p)));
            AddBlock<TReduce, V, T>(reduce, reduce.Combine(a, b), sums + k, lost + k, fresh);
        }
        for (; k < columns; k++)
        {
            Num<T> a = Num<T>.Const(reduce.Identity), b = a;
            T* p = x + k;
            nint row = 0;
            for (; row < rows - 1; row += 2, p += 2 * stride)
            {
                a = reduce.Combine(a, reduce.Prepare(new Num<T>(*p)));
                b = reduce.Combine(b, reduce.Prepare(new Num<T>(p[stride])));
            }
            if (row < rows) a = reduce.Combine(a, reduce.Prepare(new Num<T>(*p)));
            AddBlock<TReduce, Num<T>, T>(reduce, reduce.Combine(a, b), sums + k, lost + k, fresh);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddBlock<TReduce, V, T>(TReduce reduce, V block, T* sums, T* lost, bool fresh)
        where TReduce : struct, IReduce where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (fresh)
        {
            block.Store(sums);
            if (reduce.IsSum) V.Zero.Store(lost);
        }
        else if (!reduce.IsSum) reduce.Combine(V.Load(sums), block).Store(sums);
        else
        {
            V sum = V.Load(sums), less = V.Load(lost);
            Simd.AddExactly(ref sum, ref less, block);
            sum.Store(sums);
            less.Store(lost);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Finish<TReduce, V, T>(TReduce reduce, T* sums, T* lost, T* y, nint n)
        where TReduce : struct, IReduce where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) reduce.Finish(Total<TReduce, V, T>(reduce, sums + i, lost + i)).Store(y + i);
        for (; i < n; i++) reduce.Finish(Total<TReduce, Num<T>, T>(reduce, sums + i, lost + i)).Store(y + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Total<TReduce, V, T>(TReduce reduce, T* sums, T* lost)
        where TReduce : struct, IReduce where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V sum = V.Load(sums);
        if (!reduce.IsSum || typeof(T) == typeof(long)) return sum;
        V total = sum + V.Load(lost);
        // What was lost from an infinite sum is no number.
        return V.Select(V.Equal(sum - sum, V.Zero), total, sum);
    }
}
