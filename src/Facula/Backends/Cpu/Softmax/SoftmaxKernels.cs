using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>y = e^x / sum(e^x), or its logarithm: the maximum, the exponentials and their sum, the scaling.</summary>
internal readonly unsafe struct SoftmaxKernel(bool log) : ILineKernel
{
    public int Buffers => 2;
    public bool HasColumns(nint n) => true;
    public int ColumnsAtOnce => LineLoop.MostColumns;

    public void Line<V, T>(Line* lines, nint n, T* buffers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* y = lines[0].Target(buffers), x = lines[1].Read(buffers + n, n);
        if (log)
        {
            T max = Exponentials.Max<V, T>(x, n);
            Exponentials.Subtract<V, T>(x, y, n, max, T.CreateTruncating(Math.Log(Exponentials.Sum<V, T>(x, n, max))));
        }
        else if (n < V.Count) Exponentials.Shares<V, T>(x, y, n);
        else Exponentials.Scale<V, T>(y, n, T.CreateTruncating(1 / Exponentials.Fill<V, T>(x, y, n, Exponentials.Max<V, T>(x, n))));
        lines[0].Write(y, n);
    }

    // Row by row, so that memory is gone through in its order.
    [SkipLocalsInit]
    public void Columns<V, T>(Line* lines, nint n, nint columns) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* max = stackalloc T[3 * LineLoop.MostColumns], sum = max + LineLoop.MostColumns, lost = sum + LineLoop.MostColumns;
        T* y = (T*)lines[0].At, x = (T*)lines[1].At;
        nint strideY = lines[0].Stride, strideX = lines[1].Stride;
        new ReadOnlySpan<T>(x, (int)columns).CopyTo(new(max, (int)columns));
        new Span<T>(sum, (int)columns).Clear();
        new Span<T>(lost, (int)columns).Clear();
        for (nint i = 1; i < n; i++) ExponentialRows.Max<V, T>(x + i * strideX, max, columns);
        for (nint i = 0; i < n; i++) ExponentialRows.Add<V, T>(x + i * strideX, log ? null : y + i * strideY, max, sum, lost, columns);
        ExponentialRows.Norm(sum, lost, columns, log);
        for (nint i = 0; i < n; i++)
        {
            if (log) ExponentialRows.Subtract<V, T>(x + i * strideX, y + i * strideY, max, sum, columns);
            else ExponentialRows.Scale<V, T>(y + i * strideY, sum, columns);
        }
    }
}

/// <summary>y (g - sum(g y)), or g - e^y sum(g) for the logarithm.</summary>
internal readonly unsafe struct SoftmaxGradKernel(bool log) : ILineKernel
{
    public int Buffers => 3;
    public bool HasColumns(nint n) => true;
    public int ColumnsAtOnce => LineLoop.MostColumns;

    public void Line<V, T>(Line* lines, nint n, T* buffers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* result = lines[0].Target(buffers), g = lines[1].Read(buffers + n, n), y = lines[2].Read(buffers + 2 * n, n);
        double total = log ? ReduceKernels.Row<SumReduce, V, T, double>(default, g, n) : Exponentials.Dot<V, T>(g, y, n);
        Apply<V, T>(g, y, result, n, T.CreateTruncating(total));
        lines[0].Write(result, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Apply<V, T>(T* g, T* y, T* result, nint n, T sum) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V total = V.Create(sum);
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) Rule(V.Load(g + i), V.Load(y + i), total).Store(result + i);
        if (i < n) Simd.Store(Rule(Simd.Load(g + i, n - i, V.Zero), Simd.Load(y + i, n - i, V.Zero), total), result + i, n - i);
    }

    [SkipLocalsInit]
    public void Columns<V, T>(Line* lines, nint n, nint columns) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* sum = stackalloc T[2 * LineLoop.MostColumns], lost = sum + LineLoop.MostColumns;
        T* result = (T*)lines[0].At, g = (T*)lines[1].At, y = (T*)lines[2].At;
        nint stride = lines[0].Stride, strideG = lines[1].Stride, strideY = lines[2].Stride;
        new Span<T>(sum, (int)columns).Clear();
        new Span<T>(lost, (int)columns).Clear();
        for (nint i = 0; i < n; i++) ExponentialRows.AddProducts<V, T>(g + i * strideG, log ? null : y + i * strideY, sum, lost, columns);
        ExponentialRows.AddLost(sum, lost, columns);
        for (nint i = 0; i < n; i++) ApplyRow<V, T>(g + i * strideG, y + i * strideY, sum, result + i * stride, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void ApplyRow<V, T>(T* g, T* y, T* sum, T* result, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) Rule(V.Load(g + i), V.Load(y + i), V.Load(sum + i)).Store(result + i);
        if (i < n) Simd.Store(Rule(Simd.Load(g + i, n - i, V.Zero), Simd.Load(y + i, n - i, V.Zero), Simd.Load(sum + i, n - i, V.Zero)), result + i, n - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Rule<V>(V g, V y, V sum) where V : INum<V> => log ? g - V.Exp(y) * sum : y * (g - sum);
}
