using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

internal sealed partial class CpuBackend
{
    // So many results are looked at here; a kernel costs more to start.
    private const int FewResults = 512;

    public override void Reduce<TReduce>(TReduce reduce, DType compute, in Operand y, in Operand x)
    {
        compute = compute.Compute;
        ReduceLoop.Run(reduce, compute, y, x);
        // How far float32 gets before a sum overflows or a power underflows hangs on the order of the terms, and so on the machine; float64 holds them all.
        if (reduce.IsSum && compute == DType.Float32 && HasOutside(y, reduce.Least)) ReduceLoop.Run(reduce, DType.Float64, y, x);
    }

    public override void Variance(in Operand x, in Operand y, long count, double divisor, bool root)
    {
        Variance(x.DType.Compute, x, y, count, divisor, root);
        // Squares may be too large for float32, and so may be what rounding has left of large numbers that are equal.
        if (x.DType.Compute == DType.Float32 && divisor > 0 && HasOutside(y, 0)) Variance(DType.Float64, x, y, count, divisor, root);
    }

    // Two passes, so that a large mean costs no digits.
    private void Variance(DType compute, in Operand x, in Operand y, long count, double divisor, bool root)
    {
        using var mean = new Scratch(this, y.Layout.Shape, compute);
        ReduceLoop.Run(new MeanReduce(count), compute, mean.Operand, x);
        if (y.Layout.Count == 1)
        {
            ReduceLoop.Run(new SpreadReduce(First(mean.Operand), divisor, root), compute, y, x);
            return;
        }
        using var difference = new Scratch(this, x.Layout.Shape, compute);
        Map2(new SubtractMap(), compute, difference.Operand, x, mean.Operand);
        ReduceLoop.Run(new SpreadReduce(0, divisor, root), compute, y, difference.Operand);
    }

    private static unsafe double First(in Operand x)
    {
        using Pinned<byte> pin = x.Pin<byte>();
        fixed (byte* p = pin) return x.DType == DType.Float64 ? *(double*)p : *(float*)p;
    }

    /// <summary>Whether an element is infinite, NaN, or less than some number in magnitude.</summary>
    private unsafe bool HasOutside(in Operand y, double least)
    {
        if (y.Layout.Count == 0) return false;
        if (y.DType == DType.Float32 && y.Layout.Count <= FewResults && y.Layout.IsContiguous)
        {
            bool any = false;
            using Pinned<float> pin = y.Pin<float>();
            fixed (float* elements = pin)
            {
                for (int i = 0; i < (int)y.Layout.Count; i++) any |= !(MathF.Abs(elements[i]) >= least && MathF.Abs(elements[i]) < float.PositiveInfinity);
            }
            return any;
        }
        using var outside = new Scratch(this, [], DType.Float32);
        ReduceLoop.Run(new OutsideReduce(least), DType.Float32, outside.Operand, y);
        return First(outside.Operand) != 0;
    }

    /// <summary>1 if an element is infinite, NaN or of a magnitude below the least, else 0.</summary>
    private readonly struct OutsideReduce(double least) : IReduce
    {
        public double Identity => 0;
        public bool IsSum => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Prepare<T>(T x) where T : INum<T> =>
            T.Select(T.And(T.Abs(x) >= T.Parameter(least), T.Abs(x) < T.Const(double.PositiveInfinity)), T.Zero, T.One);

        public T Combine<T>(T a, T b) where T : INum<T> => T.Max(a, b);
        public T Finish<T>(T y) where T : INum<T> => y;
    }

    public override void ArgReduce(in Operand x, in Operand values, in Operand indices, int dim, bool largest) =>
        LineLoop.Run(new ExtremeKernel(largest), x.DType.Compute, dim, 3,
            x, values.With(values.Layout.Squeeze(dim)), indices.With(indices.Layout.Squeeze(dim)));

    public override void CumSum(in Operand x, in Operand y, int dim) => LineLoop.Run(new CumSumKernel(), y.DType.Compute, dim, 2, y, x);

    public override void Softmax(in Operand x, in Operand y, int dim, bool log) => LineLoop.Run(new SoftmaxKernel(log), y.DType.Compute, dim, 2, y, x);

    public override void SoftmaxGrad(in Operand gradient, in Operand y, in Operand result, int dim, bool log) =>
        LineLoop.Run(new SoftmaxGradKernel(log), result.DType.Compute, dim, 3, result, gradient, y);
}
