using System.Runtime.CompilerServices;
using Facula.Backends;
using Facula.Numerics;

namespace Facula;

internal readonly struct ProdOp : IReduce, IReductionOp
{
    public static string Name => "prod";
    public static SavedForBackward SavedForBackward => SavedForBackward.Input;
    public static DType ResultOf(DType x) => x.IsFloatingPoint ? x : DType.Int64;
    public double Identity => 1;
    public bool IsSum => false;
    public T Prepare<T>(T x) where T : INum<T> => x;
    public T Combine<T>(T a, T b) where T : INum<T> => a * b;
    public T Finish<T>(T y) where T : INum<T> => y;

    /// <summary>Each element's gradient is the product of the others.</summary>
    public Tensor Grad(Tensor g, Tensor x, Tensor y) => Autograd.IsGradEnabled ? g * Others(x.To(g.DType), g.Layout) : Quotients(g, x);

    /// <summary>
    /// The product of all divided by each. Where one is zero it has the product of the rest, which is all there is; two zeros leave nothing to anyone.
    /// Whether there are any is not looked at here: that would have to wait for the device.
    /// </summary>
    private static Tensor Quotients(Tensor g, Tensor x)
    {
        Layout reduced = Layout.Contiguous(g.Layout.Shape);
        using Tensor rest = Tensor.Allocate(reduced, g.DType, x.Device), zeros = Tensor.Allocate(reduced, DType.Float32, x.Device);
        Tensor result = Tensor.Allocate(x.Layout, g.DType, x.Device);
        Backend backend = x.Device.Backend;
        backend.Reduce(new NonZeroProduct(), g.DType, rest.Operand, x.Operand);
        backend.Reduce(new ZeroCount(), g.DType, zeros.Operand, x.Operand);
        using Tensor all = g * rest;
        backend.Map3(new QuotientMap(), g.DType, result.Operand, x.Operand, all.Operand, zeros.Operand);
        return result;
    }

    private readonly struct NonZeroProduct : IReduce
    {
        public double Identity => 1;
        public bool IsSum => false;
        public T Prepare<T>(T x) where T : INum<T> => T.Select(T.Equal(x, T.Zero), T.One, x);
        public T Combine<T>(T a, T b) where T : INum<T> => a * b;
        public T Finish<T>(T y) where T : INum<T> => y;
    }

    /// <summary>How many are zero, but at most 2.</summary>
    private readonly struct ZeroCount : IReduce
    {
        public double Identity => 0;
        public bool IsSum => false;
        public T Prepare<T>(T x) where T : INum<T> => T.Select(T.Equal(x, T.Zero), T.One, T.Zero);
        public T Combine<T>(T a, T b) where T : INum<T> => T.Min(a + b, T.Const(2));
        public T Finish<T>(T y) where T : INum<T> => y;
    }

    private readonly struct QuotientMap : IMap3
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Invoke<T>(T x, T all, T zeros) where T : INum<T> =>
            T.Select(T.Equal(zeros, T.Zero), all / x, T.Select(T.And(T.Equal(x, T.Zero), T.Equal(zeros, T.One)), all, T.Zero));
    }

    /// <summary>The products of all others, of those before and those after: n log n factors, and differentiable any number of times.</summary>
    private static Tensor Others(Tensor x, Layout reduced)
    {
        int[] dims = [.. Enumerable.Range(0, x.Rank).Where(d => reduced.Shape[d] == 1)], kept = [.. Enumerable.Range(0, x.Rank).Except(dims)];
        int[] order = [.. kept, .. dims];
        Tensor last = x.Permute(order);
        int n = 1;
        foreach (int d in dims) n = Check.Size("prod", (long)n * x.Layout.Shape[d]);
        Tensor flat = last.Reshape([.. kept.Select(d => x.Layout.Shape[d]), n]);
        Tensor others = Before(flat, n) * Before(flat.Flip(-1), n).Flip(-1);
        var inverse = new int[order.Length];
        for (int i = 0; i < order.Length; i++) inverse[order[i]] = i;
        return others.Reshape(last.Layout.Shape).Permute(inverse);
    }

    /// <summary>The product of all that come before each along the last dimension, by doubling how many are taken together (Hillis and Steele 1986).</summary>
    private static Tensor Before(Tensor x, int n)
    {
        Tensor product = Shifted(x, 1);
        for (int step = 1; step < n; step *= 2) product *= Shifted(product, step);
        return product;

        Tensor Shifted(Tensor all, int by)
        {
            by = Math.Min(by, n);
            int[] shape = (int[])all.Layout.Shape.Clone();
            shape[^1] = by;
            return Tensor.Cat([Tensor.Ones(new Shape(shape), all.DType, all.Device), all.Narrow(-1, 0, n - by)], -1);
        }
    }

}

public partial class Tensor
{
    /// <summary>The product of all elements, 1 of none; integers and bool give Int64. torch.prod.</summary>
    /// <param name="dtype">The type to multiply in and of the result.</param>
    public Tensor Prod(DType? dtype = null) => Reduction(new ProdOp(), new ProdOp(), this, [], false, dtype);

    /// <summary>Products along a dimension. torch.prod.</summary>
    public Tensor Prod(int dim, bool keepDim = false, DType? dtype = null) => Reduction(new ProdOp(), new ProdOp(), this, [dim], keepDim, dtype);

    /// <summary>Products along several dimensions; none means all.</summary>
    public Tensor Prod(ReadOnlySpan<int> dims, bool keepDim = false, DType? dtype = null) => Reduction(new ProdOp(), new ProdOp(), this, dims, keepDim, dtype);
}
