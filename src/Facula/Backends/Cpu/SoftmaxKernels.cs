using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>y = e^x / sum(e^x), or its logarithm: the maximum, the exponentials and their sum, the scaling.</summary>
internal readonly unsafe struct SoftmaxKernel(bool log) : ILineKernel
{
    public int Buffers => 2;
    public bool HasColumns(nint n) => true;
    public int ColumnsAtOnce => 64;

    public void Line<V, T>(Line* lines, nint n, T* buffers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* y = lines[0].Target(buffers), x = lines[1].Read(buffers + n, n);
        T max = Exponentials.Max<V, T>(x, n);
        if (log) Exponentials.Subtract<V, T>(x, y, n, max, T.CreateTruncating(Math.Log(Exponentials.Sum<V, T>(x, n, max))));
        else Exponentials.Scale<V, T>(y, n, T.CreateTruncating(1 / Exponentials.Fill<V, T>(x, y, n, max)));
        lines[0].Write(y, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Columns<V, T>(Line* lines, nint n, nint columns) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        nint k = 0;
        for (; k <= columns - V.Count; k += V.Count) Column<V, T>((T*)lines[1].At + k, lines[1].Stride, (T*)lines[0].At + k, lines[0].Stride, n);
        for (; k < columns; k++) Column<Num<T>, T>((T*)lines[1].At + k, lines[1].Stride, (T*)lines[0].At + k, lines[0].Stride, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Column<V, T>(T* x, nint strideX, T* y, nint strideY, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V max = V.Load(x), sum = V.Zero, lost = V.Zero;
        for (nint i = 1; i < n; i++) max = V.Max(max, V.Load(x + i * strideX));
        for (nint i = 0; i < n; i++)
        {
            V difference = V.Load(x + i * strideX) - max, e = V.Exp(difference);
            Lanes.AddExactly(ref sum, ref lost, e);
            (log ? difference : e).Store(y + i * strideY);
        }
        V total = sum + lost, norm = log ? V.Log(total) : V.One / total;
        for (nint i = 0; i < n; i++)
        {
            V value = V.Load(y + i * strideY);
            (log ? value - norm : value * norm).Store(y + i * strideY);
        }
    }
}

/// <summary>y (g - sum(g y)), or g - e^y sum(g) for the logarithm.</summary>
internal readonly unsafe struct SoftmaxGradKernel(bool log) : ILineKernel
{
    public int Buffers => 3;
    public bool HasColumns(nint n) => true;
    public int ColumnsAtOnce => 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Line<V, T>(Line* lines, nint n, T* buffers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* result = lines[0].Target(buffers), g = lines[1].Read(buffers + n, n), y = lines[2].Read(buffers + 2 * n, n);
        double total = log ? ReduceLoop.ReduceRow<SumOp, V, T, double>(default, g, n) : Exponentials.Dot<V, T>(g, y, n);
        T sum = T.CreateTruncating(total);
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) Rule(V.Load(g + i), V.Load(y + i), V.Create(sum)).Store(result + i);
        if (i < n) Lanes.Store(Rule(Lanes.Load(g + i, n - i, V.Zero), Lanes.Load(y + i, n - i, V.Zero), V.Create(sum)), result + i, n - i);
        lines[0].Write(result, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Columns<V, T>(Line* lines, nint n, nint columns) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        nint k = 0;
        for (; k <= columns - V.Count; k += V.Count) Column<V, T>(lines, n, k);
        for (; k < columns; k++) Column<Num<T>, T>(lines, n, k);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Column<V, T>(Line* lines, nint n, nint k) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* result = (T*)lines[0].At + k, g = (T*)lines[1].At + k, y = (T*)lines[2].At + k;
        nint stride = lines[0].Stride, strideG = lines[1].Stride, strideY = lines[2].Stride;
        V sum = V.Zero, lost = V.Zero;
        for (nint i = 0; i < n; i++)
        {
            V gradient = V.Load(g + i * strideG);
            Lanes.AddExactly(ref sum, ref lost, log ? gradient : gradient * V.Load(y + i * strideY));
        }
        sum += lost;
        for (nint i = 0; i < n; i++) Rule(V.Load(g + i * strideG), V.Load(y + i * strideY), sum).Store(result + i * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Rule<V>(V g, V y, V sum) where V : INum<V> => log ? g - V.Exp(y) * sum : y * (g - sum);
}

/// <summary>Passes over rows of numbers whose exponentials are wanted.</summary>
internal static unsafe class Exponentials
{
    // Vectors that are added up before rounding is looked after.
    private const int BlockSteps = 32;

    /// <summary>The largest; NaN if any is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Max<V, T>(T* x, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V lowest = V.Const(double.NegativeInfinity), a = lowest, b = lowest, c = lowest, d = lowest;
        nint i = 0;
        for (; i <= n - 4 * V.Count; i += 4 * V.Count)
        {
            a = V.Max(a, V.Load(x + i));
            b = V.Max(b, V.Load(x + i + V.Count));
            c = V.Max(c, V.Load(x + i + 2 * V.Count));
            d = V.Max(d, V.Load(x + i + 3 * V.Count));
        }
        for (; i <= n - V.Count; i += V.Count) a = V.Max(a, V.Load(x + i));
        if (i < n) b = V.Max(b, Lanes.Load(x + i, n - i, lowest));
        return Lanes.Fold<Larger, V, T>(default, V.Max(V.Max(a, b), V.Max(c, d)));
    }

    /// <summary>y = e^(x - max), and the sum of that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Fill<V, T>(T* x, T* y, nint n, T max) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V most = V.Create(max), sum = V.Zero, lost = V.Zero;
        nint i = 0, whole = n - n % V.Count;
        while (i < whole)
        {
            nint end = Math.Min(whole, i + BlockSteps * V.Count);
            V a = V.Zero, b = V.Zero;
            for (; i <= end - 2 * V.Count; i += 2 * V.Count)
            {
                V p = V.Exp(V.Load(x + i) - most), q = V.Exp(V.Load(x + i + V.Count) - most);
                p.Store(y + i);
                q.Store(y + i + V.Count);
                a += p;
                b += q;
            }
            if (i < end)
            {
                V p = V.Exp(V.Load(x + i) - most);
                p.Store(y + i);
                a += p;
                i += V.Count;
            }
            Lanes.AddExactly(ref sum, ref lost, a + b);
        }
        if (i < n)
        {
            V p = V.Exp(Lanes.Load(x + i, n - i, V.Const(double.NegativeInfinity)) - most);
            Lanes.Store(p, y + i, n - i);
            Lanes.AddExactly(ref sum, ref lost, p);
        }
        return Lanes.Sum<V, T>(sum) + Lanes.Sum<V, T>(lost);
    }

    /// <summary>The sum of e^(x - max).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum<V, T>(T* x, nint n, T max) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V most = V.Create(max), sum = V.Zero, lost = V.Zero;
        nint i = 0, whole = n - n % V.Count;
        while (i < whole)
        {
            nint end = Math.Min(whole, i + BlockSteps * V.Count);
            V a = V.Zero, b = V.Zero;
            for (; i <= end - 2 * V.Count; i += 2 * V.Count)
            {
                a += V.Exp(V.Load(x + i) - most);
                b += V.Exp(V.Load(x + i + V.Count) - most);
            }
            for (; i < end; i += V.Count) a += V.Exp(V.Load(x + i) - most);
            Lanes.AddExactly(ref sum, ref lost, a + b);
        }
        if (i < n)
        {
            V rest = Lanes.Load(x + i, n - i, V.Const(double.NegativeInfinity));
            Lanes.AddExactly(ref sum, ref lost, V.Exp(rest - most));
        }
        return Lanes.Sum<V, T>(sum) + Lanes.Sum<V, T>(lost);
    }

    /// <summary>y *= factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale<V, T>(T* y, nint n, T factor) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V f = V.Create(factor);
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) (V.Load(y + i) * f).Store(y + i);
        if (i < n) Lanes.Store(Lanes.Load(y + i, n - i, V.Zero) * f, y + i, n - i);
    }

    /// <summary>y = x - a - b, in this order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract<V, T>(T* x, T* y, nint n, T a, T b) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V first = V.Create(a), second = V.Create(b);
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) (V.Load(x + i) - first - second).Store(y + i);
        if (i < n) Lanes.Store(Lanes.Load(x + i, n - i, V.Zero) - first - second, y + i, n - i);
    }

    /// <summary>The sum of x y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot<V, T>(T* x, T* y, nint n) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        V sum = V.Zero, lost = V.Zero;
        nint i = 0, whole = n - n % V.Count;
        while (i < whole)
        {
            nint end = Math.Min(whole, i + BlockSteps * V.Count);
            V a = V.Zero, b = V.Zero;
            for (; i <= end - 2 * V.Count; i += 2 * V.Count)
            {
                a = V.MultiplyAdd(V.Load(x + i), V.Load(y + i), a);
                b = V.MultiplyAdd(V.Load(x + i + V.Count), V.Load(y + i + V.Count), b);
            }
            for (; i < end; i += V.Count) a = V.MultiplyAdd(V.Load(x + i), V.Load(y + i), a);
            Lanes.AddExactly(ref sum, ref lost, a + b);
        }
        if (i < n) Lanes.AddExactly(ref sum, ref lost, Lanes.Load(x + i, n - i, V.Zero) * Lanes.Load(y + i, n - i, V.Zero));
        double total = Lanes.Sum<V, T>(sum);
        return double.IsFinite(total) ? total + Lanes.Sum<V, T>(lost) : total;
    }
}
