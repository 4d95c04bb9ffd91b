using Facula.Numerics;

namespace Facula;

internal readonly struct ProdOp : IReductionOp
{
    public static string Name => "prod";
    public static Keeps Keeps => Keeps.Input | Keeps.Output;
    public static DType ResultOf(DType x) => x.IsFloatingPoint ? x : DType.Int64;
    public double Identity => 1;
    public bool IsSum => false;
    public T Prepare<T>(T x) where T : INum<T> => x;
    public T Combine<T>(T a, T b) where T : INum<T> => a * b;
    public T Finish<T>(T y) where T : INum<T> => y;

    /// <summary>Each element's gradient is the product of the others. Only where there are zeros does that cost more than a division.</summary>
    public Tensor Grad(Tensor g, Tensor x, Tensor y)
    {
        Tensor zeros = x == 0;
        if (!zeros.Any().Item<bool>()) return g * y / x;
        return Autograd.IsGradEnabled ? g * Others(x, y.Layout) : FewZeros(g, x, y.Layout, zeros);
    }

    /// <summary>One zero has the product of the rest, which is all there is; two leave nothing to anyone.</summary>
    private static Tensor FewZeros(Tensor g, Tensor x, Layout y, Tensor zeros)
    {
        int[] dims = ReducedIn(x.Layout, y);
        Tensor product = Tensor.Where(zeros, 1.0, x).Prod(dims, keepDim: true);
        Tensor count = zeros.Sum(dims, keepDim: true);
        Tensor zero = 0.0;
        return g * Tensor.Where(count == 0, product / x, Tensor.Where((count == 1) & zeros, product, zero));
    }

    /// <summary>The products of all others, from a square of factors with 1 on its diagonal: slow, but differentiable any number of times.</summary>
    private static Tensor Others(Tensor x, Layout y)
    {
        int[] dims = ReducedIn(x.Layout, y), kept = [.. Enumerable.Range(0, x.Rank).Except(dims)];
        int[] order = [.. kept, .. dims];
        Tensor last = x.Permute(order);
        int n = 1;
        foreach (int d in dims) n *= x.Layout.Shape[d];
        Tensor flat = last.Reshape([.. kept.Select(d => x.Layout.Shape[d]), 1, n]);
        var diagonal = new bool[n * n];
        for (int i = 0; i < n; i++) diagonal[i * n + i] = true;
        Tensor others = Tensor.Where(Tensor.From<bool>(diagonal, [n, n]).To(x.Device), 1.0, flat).Prod(-1);
        var inverse = new int[order.Length];
        for (int i = 0; i < order.Length; i++) inverse[order[i]] = i;
        return others.Reshape(last.Layout.Shape).Permute(inverse);
    }

    private static int[] ReducedIn(Layout x, Layout y) => [.. Enumerable.Range(0, x.Rank).Where(d => y.Shape[d] == 1)];
}

public partial class Tensor
{
    /// <summary>The product of all elements, 1 of none; integers and bool give Int64. torch.prod.</summary>
    /// <param name="dtype">The type to multiply in and of the result.</param>
    public Tensor Prod(DType? dtype = null) => Reduction(new ProdOp(), this, [], false, dtype);

    /// <summary>Products along a dimension. torch.prod.</summary>
    public Tensor Prod(int dim, bool keepDim = false, DType? dtype = null) => Reduction(new ProdOp(), this, [dim], keepDim, dtype);

    /// <summary>Products along several dimensions; none means all.</summary>
    public Tensor Prod(ReadOnlySpan<int> dims, bool keepDim = false, DType? dtype = null) => Reduction(new ProdOp(), this, dims, keepDim, dtype);
}
