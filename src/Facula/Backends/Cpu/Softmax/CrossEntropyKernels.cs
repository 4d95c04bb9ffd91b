using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Cross-entropy of a row of logits and its label: the maximum, the sum of exponentials, the pick. Lines: logits, label, loss, log of the normaliser.
/// </summary>
internal readonly unsafe struct CrossEntropyKernel(CrossEntropyOptions options, double* weights) : ILineKernel
{
    public int Buffers => 1;
    public bool HasColumns(nint n) => false;
    public int ColumnsAtOnce => 1;

    public void Columns<V, T>(Line* lines, nint n, nint columns)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => throw new NotSupportedException();

    public void Line<V, T>(Line* lines, nint n, T* buffers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        long label = lines[1].First<long>();
        if (label == options.IgnoreIndex)
        {
            lines[2].SetFirst(T.Zero);
            lines[3].SetFirst(0.0);
            return;
        }
        label = IndexCheck.Within(label, n);
        T* x = lines[0].Read(buffers, n);
        T most = Exponentials.Max<V, T>(x, n);
        double max = double.CreateTruncating(most), logSum = Math.Log(Exponentials.Sum<V, T>(x, n, most));
        double loss = max - double.CreateTruncating(x[label]) + logSum;
        if (weights is not null) loss *= weights[label];
        if (options.LabelSmoothing > 0)
        {
            double all = 0;
            if (weights is null) all = (max + logSum) * n - ReduceKernels.Row<SumReduce, V, T, double>(default, x, n);
            else
            {
                for (nint i = 0; i < n; i++) all += weights[i] * (max - double.CreateTruncating(x[i]) + logSum);
            }
            loss = (1 - options.LabelSmoothing) * loss + options.LabelSmoothing / n * all;
        }
        lines[2].SetFirst(T.CreateTruncating(loss));
        lines[3].SetFirst(max + logSum);
    }
}

/// <summary>
/// The gradient of the logits, one pass: share of the class times a, less b, less the label's own part. Lines: result, logits, label, gradient, log
/// of the normaliser.
/// </summary>
internal readonly unsafe struct CrossEntropyGradKernel(CrossEntropyOptions options, double* weights, double weightSum) : ILineKernel
{
    public int Buffers => 2;
    public bool HasColumns(nint n) => false;
    public int ColumnsAtOnce => 1;

    public void Columns<V, T>(Line* lines, nint n, nint columns)
        where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T> => throw new NotSupportedException();

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Line<V, T>(Line* lines, nint n, T* buffers) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        T* y = lines[0].Target(buffers);
        long label = lines[2].First<long>();
        if (label == options.IgnoreIndex)
        {
            new Span<T>(y, Check.Count(n)).Clear();
            lines[0].Write(y, n);
            return;
        }
        label = IndexCheck.Within(label, n);
        T* x = lines[1].Read(buffers + n, n);
        double gradient = double.CreateTruncating(lines[3].First<T>()), norm = lines[4].First<double>();
        double own = gradient * (1 - options.LabelSmoothing) * (weights is null ? 1 : weights[label]);
        double each = gradient * options.LabelSmoothing / n;
        // The logarithm in two parts: one number of the computing type would lose the digits that a large logit has before the point.
        T high = T.CreateTruncating(norm), low = T.CreateTruncating(norm - double.CreateTruncating(high));
        V a = V.Create(T.CreateTruncating(own + each * weightSum)), b = V.Create(T.CreateTruncating(weights is null ? each : 0));
        V first = V.Create(high), second = V.Create(low);
        nint i = 0;
        for (; i <= n - V.Count; i += V.Count) (V.Exp(V.Load(x + i) - first - second) * a - b).Store(y + i);
        if (i < n) Simd.Store(V.Exp(Simd.Load(x + i, n - i, V.Zero) - first - second) * a - b, y + i, n - i);
        if (weights is not null && each != 0)
        {
            for (i = 0; i < n; i++) y[i] -= T.CreateTruncating(each * weights[i]);
        }
        y[label] -= T.CreateTruncating(own);
        lines[0].Write(y, n);
    }
}
