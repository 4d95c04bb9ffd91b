using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>
/// Cross-entropy where everything lies side by side and no class is weighted, smoothed or computed in another type, which is nearly always: rows are short,
/// so what counts is what a row costs besides its exponentials.
/// </summary>
internal static unsafe class CrossEntropyRows
{
    private const int Block = 64;

    /// <summary>Whether these operands are such.</summary>
    public static bool Fits(in CrossEntropyOptions options, in Operand? weights, in Operand logits, in Operand labels) =>
        weights is null && options.LabelSmoothing == 0 && logits.Layout.Count > 0 && logits.DType.Kind is ElementType.Float32 or ElementType.Float64
        && logits.Layout.IsContiguous && labels.DType == DType.Int64 && labels.Layout.IsContiguous;

    /// <summary>The losses and the logarithms of the normalisers; or, given those and the losses' gradients, the gradient of the logits.</summary>
    public static void Run(long ignored, in Operand logits, in Operand labels, in Operand logNorms, in Operand? gradients, in Operand y)
    {
        if (logits.DType == DType.Float32) Run<float>(ignored, logits, labels, logNorms, gradients, y);
        else Run<double>(ignored, logits, labels, logNorms, gradients, y);
    }

    private static void Run<T>(long ignored, in Operand logits, in Operand labels, in Operand logNorms, in Operand? gradients, in Operand y)
        where T : unmanaged, INumber<T>
    {
        using Pinned<T> pinX = logits.Pin<T>(), pinY = y.Pin<T>(), pinG = gradients.Pin<T>();
        using Pinned<long> pinLabels = labels.Pin<long>();
        using Pinned<double> pinNorms = logNorms.Pin<double>();
        fixed (T* px = pinX, py = pinY, pg = pinG)
        fixed (long* pl = pinLabels)
        fixed (double* pn = pinNorms)
        {
            int classes = logits.Layout.Shape[1];
            var rows = new Rows<T> { X = px, Labels = pl, Norms = pn, Classes = classes, Ignored = ignored, Cut = new(logits.Layout.Shape[0], classes) };
            if (gradients is not { } g) Workers.For(rows.Cut.Parts, new SimdJob<ForwardJob<T>, T>(new() { Rows = rows, Y = py }));
            else Workers.For(rows.Cut.Parts, new SimdJob<BackwardJob<T>, T>(new() { Rows = rows, Y = py, G = pg, GStep = (nint)g.Layout.Strides[0] }));
        }
    }

    /// <summary>What both passes have in common.</summary>
    private struct Rows<T> where T : unmanaged, INumber<T>
    {
        public T* X;
        public long* Labels;
        public double* Norms;
        public int Classes;
        public long Ignored;
        public LineCut Cut;
    }

    private struct ForwardJob<T> : ISimdJob<T> where T : unmanaged, INumber<T>
    {
        public Rows<T> Rows;
        public T* Y;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        [SkipLocalsInit]
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
        {
            double* max = stackalloc double[2 * Block], sum = max + Block;
            int classes = Rows.Classes;
            (long first, long end) = Rows.Cut[part];
            for (long start = first; start < end; start += Block)
            {
                int rows = (int)Math.Min(Block, end - start);
                T* x = Rows.X + (nint)start * classes;
                if (classes <= V.Count) ShortRows<V, T>(x, classes, rows, max, sum);
                else
                {
                    for (int i = 0; i < rows; i++)
                    {
                        T most = Exponentials.Max<V, T>(x + (nint)i * classes, classes);
                        max[i] = double.CreateTruncating(most);
                        sum[i] = Exponentials.Sum<V, T>(x + (nint)i * classes, classes, most);
                    }
                }
                // All logarithms at once: they come to more than the rest of a short row.
                var logarithms = new LogJob { X = sum, Count = rows };
                SimdJob<LogJob, double>.Run(ref logarithms, 0);
                for (int i = 0; i < rows; i++)
                {
                    long label = Rows.Labels[start + i];
                    bool counts = label != Rows.Ignored;
                    label = IndexCheck.Within(label, classes);
                    Y[start + i] = counts ? T.CreateTruncating(max[i] - double.CreateTruncating(x[(nint)i * classes + (nint)label]) + sum[i]) : T.Zero;
                    Rows.Norms[start + i] = counts ? max[i] + sum[i] : 0;
                }
            }
        }
    }

    /// <summary>The largest of each row of at most a vector, and the sum of e^(x - that).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ShortRows<V, T>(T* x, nint n, int rows, double* max, double* sum) where V : unmanaged, ISimd<V, T> where T : unmanaged, INumber<T>
    {
        if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        V least = V.Const(double.NegativeInfinity);
        for (int i = 0; i < rows; i++, x += n)
        {
            V row = n == V.Count ? V.Load(x) : Simd.Load(x, n, least);
            T most = Simd.Fold<Larger, V, T>(default, row);
            max[i] = double.CreateTruncating(most);
            sum[i] = Simd.Sum<V, T>(V.Exp(row - V.Create(most)));
        }
    }

    /// <summary>x = log(x).</summary>
    private struct LogJob : ISimdJob<double>
    {
        public double* X;
        public int Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, double>
        {
            if (sizeof(V) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
            double* x = X;
            // The room is a whole number of vectors; what comes of the lanes after the last row is not looked at.
            for (int i = 0; i < Count; i += V.Count) V.Log(V.Load(x + i)).Store(x + i);
        }
    }

    private struct BackwardJob<T> : ISimdJob<T> where T : unmanaged, INumber<T>
    {
        public Rows<T> Rows;
        public T* Y, G;
        public nint GStep;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
        {
            int classes = Rows.Classes;
            (long first, long end) = Rows.Cut[part];
            for (nint row = (nint)first; row < end; row++)
            {
                T* x = Rows.X + row * classes, y = Y + row * classes;
                long label = Rows.Labels[row];
                if (label == Rows.Ignored)
                {
                    new Span<T>(y, classes).Clear();
                    continue;
                }
                // The logarithm in two parts: one number of the computing type would lose the digits that a large logit has before the point.
                double norm = Rows.Norms[row];
                T gradient = G[row * GStep], high = T.CreateTruncating(norm), low = T.CreateTruncating(norm - double.CreateTruncating(high));
                V factor = V.Create(gradient), logHigh = V.Create(high), logLow = V.Create(low);
                nint i = 0, n = classes;
                for (; i <= n - V.Count; i += V.Count) (V.Exp(V.Load(x + i) - logHigh - logLow) * factor).Store(y + i);
                if (i < n) Simd.Store(V.Exp(Simd.Load(x + i, n - i, V.Zero) - logHigh - logLow) * factor, y + i, n - i);
                y[IndexCheck.Within(label, classes)] -= gradient;
            }
        }
    }
}
