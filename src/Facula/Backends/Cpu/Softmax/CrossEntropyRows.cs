using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
    public static bool Fit(in CrossEntropyOptions options, in Operand? weights, in Operand logits, in Operand labels) =>
        weights is null && options.LabelSmoothing == 0 && logits.Layout.Count > 0 && logits.DType.Kind is ElementType.Float32 or ElementType.Float64 && logits.Layout.IsContiguous
        && labels.DType == DType.Int64 && labels.Layout.IsContiguous;

    public static void Forward(long ignored, in Operand logits, in Operand labels, in Operand losses, in Operand logNorms)
    {
        if (logits.DType == DType.Float32) Forward<float>(ignored, logits, labels, losses, logNorms);
        else Forward<double>(ignored, logits, labels, losses, logNorms);
    }

    public static void Backward(long ignored, in Operand gradients, in Operand logits, in Operand labels, in Operand logNorms, in Operand result)
    {
        if (logits.DType == DType.Float32) Backward<float>(ignored, gradients, logits, labels, logNorms, result);
        else Backward<double>(ignored, gradients, logits, labels, logNorms, result);
    }

    private static void Forward<T>(long ignored, in Operand logits, in Operand labels, in Operand losses, in Operand logNorms) where T : unmanaged, INumber<T>
    {
        using Hold heldX = logits.Hold(), heldL = labels.Hold(), heldY = losses.Hold(), heldN = logNorms.Hold();
        fixed (byte* px = heldX, pl = heldL, py = heldY, pn = heldN)
        {
            var job = new ForwardJob<T>
            {
                X = (T*)px + logits.Layout.Offset,
                Y = (T*)py + losses.Layout.Offset,
                Labels = (long*)pl + labels.Layout.Offset,
                Norms = (double*)pn + logNorms.Layout.Offset,
                Rows = logits.Layout.Shape[0],
                Classes = logits.Layout.Shape[1],
                Ignored = ignored,
                PerPart = PerPart(logits.Layout),
            };
            Start<ForwardJob<T>, T>(job, job.Rows, job.PerPart);
        }
    }

    private static void Backward<T>(long ignored, in Operand gradients, in Operand logits, in Operand labels, in Operand logNorms, in Operand result)
        where T : unmanaged, INumber<T>
    {
        using Hold heldX = logits.Hold(), heldL = labels.Hold(), heldY = result.Hold(), heldN = logNorms.Hold(), heldG = gradients.Hold();
        fixed (byte* px = heldX, pl = heldL, py = heldY, pn = heldN, pg = heldG)
        {
            var job = new BackwardJob<T>
            {
                X = (T*)px + logits.Layout.Offset,
                Y = (T*)py + result.Layout.Offset,
                G = (T*)pg + gradients.Layout.Offset,
                GStep = (nint)gradients.Layout.Strides[0],
                Labels = (long*)pl + labels.Layout.Offset,
                Norms = (double*)pn + logNorms.Layout.Offset,
                Rows = logits.Layout.Shape[0],
                Classes = logits.Layout.Shape[1],
                Ignored = ignored,
                PerPart = PerPart(logits.Layout),
            };
            Start<BackwardJob<T>, T>(job, job.Rows, job.PerPart);
        }
    }

    private static int PerPart(Layout layout) => Math.Max(1, MapLoop.Grain / layout.Shape[1]);

    private static void Start<TJob, T>(TJob job, int rows, int perPart) where TJob : struct, IWideJob<T> where T : unmanaged, INumber<T>
    {
        if (rows <= perPart) new Wide<TJob, T>(job).Run(0);
        else Workers.For((int)(((long)rows + perPart - 1) / perPart), new Wide<TJob, T>(job));
    }

    private struct ForwardJob<T> : IWideJob<T> where T : unmanaged, INumber<T>
    {
        public T* X, Y;
        public long* Labels;
        public double* Norms;
        public int Rows, Classes, PerPart;
        public long Ignored;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        [SkipLocalsInit]
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
        {
            double* max = stackalloc double[2 * Block], sum = max + Block;
            int end = (int)Math.Min(Rows, (long)(part + 1) * PerPart);
            for (int start = part * PerPart; start < end; start += Block)
            {
                int rows = Math.Min(Block, end - start);
                T* x = X + (nint)start * Classes;
                if (Classes <= V.Count) ShortRows<V, T>(x, Classes, rows, max, sum);
                else
                {
                    for (int i = 0; i < rows; i++)
                    {
                        T most = Exponentials.Max<V, T>(x + (nint)i * Classes, Classes);
                        max[i] = double.CreateTruncating(most);
                        sum[i] = Exponentials.Sum<V, T>(x + (nint)i * Classes, Classes, most);
                    }
                }
                // All logarithms at once: they come to more than the rest of a short row.
                if (Vector512.IsHardwareAccelerated) Logs<Simd512<double>>(sum, rows);
                else if (Vector256.IsHardwareAccelerated) Logs<Simd256<double>>(sum, rows);
                else if (Vector128.IsHardwareAccelerated) Logs<Simd128<double>>(sum, rows);
                else Logs<Num<double>>(sum, rows);
                for (int i = 0; i < rows; i++)
                {
                    long label = Labels[start + i];
                    bool counts = label != Ignored;
                    label = IndexCheck.Within(label, Classes);
                    Y[start + i] = counts ? T.CreateTruncating(max[i] - double.CreateTruncating(x[(nint)i * Classes + (nint)label]) + sum[i]) : T.Zero;
                    Norms[start + i] = counts ? max[i] + sum[i] : 0;
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
            V row = n == V.Count ? V.Load(x) : Lanes.Load(x, n, least);
            T most = Lanes.Fold<Larger, V, T>(default, row);
            max[i] = double.CreateTruncating(most);
            sum[i] = Lanes.Sum<V, T>(V.Exp(row - V.Create(most)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Logs<W>(double* x, int n) where W : unmanaged, ISimd<W, double>
    {
        if (sizeof(W) == 0) Inlining.Allow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        // The room is a whole number of vectors; what comes of the lanes after the last row is not looked at.
        for (int i = 0; i < n; i += W.Count) W.Log(W.Load(x + i)).Store(x + i);
    }

    private struct BackwardJob<T> : IWideJob<T> where T : unmanaged, INumber<T>
    {
        public T* X, Y, G;
        public nint GStep;
        public long* Labels;
        public double* Norms;
        public int Rows, Classes, PerPart;
        public long Ignored;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
        {
            int end = (int)Math.Min(Rows, (long)(part + 1) * PerPart);
            for (int row = part * PerPart; row < end; row++)
            {
                T* x = X + (nint)row * Classes, y = Y + (nint)row * Classes;
                long label = Labels[row];
                if (label == Ignored)
                {
                    new Span<T>(y, Classes).Clear();
                    continue;
                }
                // The logarithm in two parts: one number of the computing type would lose the digits that a large logit has before the point.
                T gradient = G[row * GStep], high = T.CreateTruncating(Norms[row]), low = T.CreateTruncating(Norms[row] - double.CreateTruncating(high));
                V factor = V.Create(gradient), first = V.Create(high), second = V.Create(low);
                nint i = 0, n = Classes;
                for (; i <= n - V.Count; i += V.Count) (V.Exp(V.Load(x + i) - first - second) * factor).Store(y + i);
                if (i < n) Lanes.Store(V.Exp(Lanes.Load(x + i, n - i, V.Zero) - first - second) * factor, y + i, n - i);
                y[IndexCheck.Within(label, Classes)] -= gradient;
            }
        }
    }
}
