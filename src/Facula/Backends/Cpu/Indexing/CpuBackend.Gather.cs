using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public override void Gather(in Operand x, in Operand index, in Operand y, int dim, [CallerMemberName] string operation = "")
    {
        IndexCheck.Run(index, x.Layout.Shape[dim], dim, operation);
        GatherChecked(x, index, y, dim);
    }

    private static void GatherChecked(in Operand x, in Operand index, in Operand y, int dim)
    {
        // Where the dimension is gone from its strides, x is walked along with y; the index adds the step.
        Operand lines = x.With(WithoutStep(x.Layout, y.Layout.Shape, dim));
        nint step = (nint)x.Layout.Strides[dim];
        int size = x.Layout.Shape[dim];
        switch (x.DType.Size)
        {
            case 1: RowLoop.Run(new GatherRow<byte>(step, size), y, index, lines); break;
            case 2: RowLoop.Run(new GatherRow<ushort>(step, size), y, index, lines); break;
            case 4: RowLoop.Run(new GatherRow<uint>(step, size), y, index, lines); break;
            default: RowLoop.Run(new GatherRow<ulong>(step, size), y, index, lines); break;
        }
    }

    public override void Scatter(in Operand x, in Operand index, in Operand y, int dim, bool add, [CallerMemberName] string operation = "")
    {
        IndexCheck.Run(index, y.Layout.Shape[dim], dim, operation);
        ScatterChecked(x, index, y, dim, add);
    }

    private static void ScatterChecked(in Operand x, in Operand index, in Operand y, int dim, bool add)
    {
        if (index.Layout.Count == 0) return;
        DType wide = AccumulationType(y.DType);
        if (add && wide != y.DType)
        {
            Operand sums = Temporary(y.Layout, wide), terms = Temporary(x.Layout, wide);
            Instance.Copy(y, sums);
            Instance.Copy(x, terms);
            ScatterChecked(terms, index, sums, dim, add);
            Instance.Copy(sums, y);
            sums.Buffer.Release();
            terms.Buffer.Release();
            return;
        }
        if (!add)
        {
            switch (y.DType.Size)
            {
                case 1: ScatterRows<byte, Write>(x, index, y, dim); break;
                case 2: ScatterRows<ushort, Write>(x, index, y, dim); break;
                case 4: ScatterRows<uint, Write>(x, index, y, dim); break;
                default: ScatterRows<ulong, Write>(x, index, y, dim); break;
            }
            return;
        }
        switch (y.DType.Kind)
        {
            case ElementType.Float32: ScatterRows<float, Add>(x, index, y, dim); break;
            case ElementType.Float64: ScatterRows<double, Add>(x, index, y, dim); break;
            case ElementType.Int64: ScatterRows<long, Add>(x, index, y, dim); break;
            case ElementType.Int32: ScatterRows<int, Add>(x, index, y, dim); break;
            case ElementType.Int16: ScatterRows<short, Add>(x, index, y, dim); break;
            case ElementType.Int8: ScatterRows<sbyte, Add>(x, index, y, dim); break;
            default: ScatterRows<byte, Add>(x, index, y, dim); break;
        }
    }

    /// <summary>
    /// Elements with different coordinates in another dimension never meet, so the longest such dimension is cut, and within a part each target
    /// gets its terms in order. Where there is none, one thread does it: for others to pass over what is not theirs takes as long.
    /// </summary>
    private static void ScatterRows<T, TPut>(in Operand x, in Operand index, in Operand y, int dim) where T : unmanaged, INumber<T> where TPut : struct, IPut
    {
        Layout shape = index.Layout;
        int cut = -1;
        for (int d = 0; d < shape.Rank; d++)
        {
            if (d != dim && (cut < 0 || shape.Shape[d] > shape.Shape[cut])) cut = d;
        }
        var job = new ScatterJob<T, TPut>
        {
            X = x,
            Index = index,
            Y = y.With(WithoutStep(y.Layout, shape.Shape, dim)),
            Step = (nint)y.Layout.Strides[dim],
            Size = y.Layout.Shape[dim],
            Cut = cut,
            Parts = cut < 0 || shape.Count <= Workers.Grain ? 1 : (int)Math.Min(shape.Shape[cut], shape.Count / Workers.Grain + 1),
        };
        Workers.For(job.Parts, job);
    }

    private struct ScatterJob<T, TPut> : IJob where T : unmanaged, INumber<T> where TPut : struct, IPut
    {
        public Operand X, Index, Y;
        public nint Step;
        public int Size, Cut, Parts;

        public readonly void Run(int part)
        {
            Operand x = X, index = Index, y = Y;
            if (Parts > 1)
            {
                int size = Index.Layout.Shape[Cut], start = (int)((long)size * part / Parts), length = (int)((long)size * (part + 1) / Parts) - start;
                x = x.With(x.Layout.Slice(Cut, start, length));
                index = index.With(index.Layout.Slice(Cut, start, length));
                y = y.With(y.Layout.Slice(Cut, start, length));
            }
            RowLoop.RunInOrder(new ScatterRow<T, TPut>(Step, Size), y, index, x);
        }
    }

    /// <summary>A layout over the shape of an index, standing still along the dimension that the index chooses in.</summary>
    private static Layout WithoutStep(Layout x, int[] shape, int dim)
    {
        var strides = (long[])x.Strides.Clone();
        strides[dim] = 0;
        return new(shape, strides, x.Offset);
    }

    /// <summary>The type in which terms are added up: 16-bit floats in float, truth values as numbers, the others in their own.</summary>
    private static DType AccumulationType(DType type) => type.Kind switch
    {
        ElementType.Float16 or ElementType.BFloat16 => DType.Float32,
        ElementType.Bool => DType.Int64,
        _ => type,
    };

    private static Operand Temporary(Layout layout, DType type, [CallerMemberName] string operation = "")
    {
        Layout dense = layout.Dense(operation);
        return new(Instance.Allocate(dense, type, operation), dense, type);
    }

    private readonly unsafe struct GatherRow<T>(nint step, nint size) : IRowBody where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void Run(byte** at, nint* strides, nint n)
        {
            T* y = (T*)at[0], x = (T*)at[2];
            long* index = (long*)at[1];
            nint sy = strides[0], si = strides[1], sx = strides[2], step1 = step, bound = size;
            if (si == 0)
            {
                x += IndexCheck.Within(index[0], bound) * step1;
                for (nint i = 0; i < n; i++) y[i * sy] = x[i * sx];
            }
            else if (sy == 1 && si == 1 && sx == 0)
            {
                if (step1 == 1) for (nint i = 0; i < n; i++) y[i] = x[IndexCheck.Within(index[i], bound)];
                else for (nint i = 0; i < n; i++) y[i] = x[IndexCheck.Within(index[i], bound) * step1];
            }
            else for (nint i = 0; i < n; i++) y[i * sy] = x[IndexCheck.Within(index[i * si], bound) * step1 + i * sx];
        }
    }

    private readonly unsafe struct ScatterRow<T, TPut>(nint step, nint size) : IRowBody where T : unmanaged, INumber<T> where TPut : struct, IPut
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void Run(byte** at, nint* strides, nint n)
        {
            T* y = (T*)at[0], x = (T*)at[2];
            long* index = (long*)at[1];
            nint sy = strides[0], si = strides[1], sx = strides[2], step1 = step, bound = size;
            if (sy == 0) for (nint i = 0; i < n; i++) TPut.Put(ref y[IndexCheck.Within(index[i * si], bound) * step1], x[i * sx]);
            else for (nint i = 0; i < n; i++) TPut.Put(ref y[IndexCheck.Within(index[i * si], bound) * step1 + i * sy], x[i * sx]);
        }
    }

    private interface IPut
    {
        static abstract void Put<T>(ref T target, T value) where T : unmanaged, INumber<T>;
    }

    private readonly struct Write : IPut
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Put<T>(ref T target, T value) where T : unmanaged, INumber<T> => target = value;
    }

    private readonly struct Add : IPut
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Put<T>(ref T target, T value) where T : unmanaged, INumber<T> => target += value;
    }
}
