using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>A line of the output of an average pooling: its gradients are multiplied by its share times that of their column.</summary>
internal unsafe struct AveragePoolSource<T> : IPoolSource<T> where T : unmanaged, INumber<T>
{
    public T* G;
    public double Share;

    /// <summary>For each entry of the columns' cover.</summary>
    public double* Shares;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Add<V>(V sum, nint at, int k) where V : unmanaged, ISimd<V, T> => V.MultiplyAdd(V.Load(G + at), V.Const(Share * Shares[k]), sum);
}

internal unsafe struct AveragePoolGradKernel<T> : IPoolGrad<AveragePoolSource<T>, T> where T : unmanaged, INumber<T>
{
    public PoolPlan Plan;
    public int Channels;
    public T* G;
    public double* Shares;

    /// <summary>For each window over a column, one by the number of columns that it counts; or 1 where the divisor is given.</summary>
    public static double[] ColumnShares(PoolPlan plan)
    {
        int[] outputs = plan.Width.Cover.Output;
        var shares = new double[outputs.Length];
        for (int k = 0; k < shares.Length; k++) shares[k] = plan.Divisor is null ? 1.0 / plan.Width.Divisor[outputs[k]] : 1;
        return shares;
    }

    public readonly AveragePoolSource<T> Source(PoolReader reader)
    {
        PoolTable depth = Plan.Depth, height = Plan.Height;
        double divisor = Plan.Divisor ?? (double)depth.Divisor[depth.Cover.Output[reader.Slab]] * height.Divisor[height.Cover.Output[reader.Row]];
        return new() { G = G + reader.Line * Plan.Width.Output * Channels, Share = 1.0 / divisor, Shares = Shares };
    }

    public readonly void Line<V>(in PoolColumns columns, AveragePoolSource<T>* sources, int count, T* x) where V : unmanaged, ISimd<V, T> =>
        columns.Gather<V, AveragePoolSource<T>, T>(sources, count, x);
}
