using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    public override void CrossEntropy(in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options, in Operand losses,
        in Operand logNorms, in Operand totals)
    {
        double[]? each = weights is { } given ? Convert.ToArray<double>(given) : null;
        double total = CheckedTotal(logits.Layout.Shape[1], labels, each, options.IgnoreIndex);
        Convert.Store(&total, totals);
        if (CrossEntropyRows.Fits(options, weights, logits, labels) && losses.DType == logits.DType && losses.Layout.IsContiguous
            && logNorms.Layout.IsContiguous)
        {
            CrossEntropyRows.Run(options.IgnoreIndex, logits, labels, logNorms, null, losses);
            return;
        }
        fixed (double* w = each)
            LineLoop.Run(new CrossEntropyKernel(options, w), logits.DType.Compute, 1, 4, logits, labels, losses, logNorms);
    }

    public override void CrossEntropyGrad(in Operand gradients, in Operand logits, in Operand labels, in Operand? weights, in CrossEntropyOptions options,
        in Operand logNorms, in Operand result)
    {
        double[]? each = weights is { } given ? Convert.ToArray<double>(given) : null;
        // Again: a span may have changed the labels since the forward pass, and they say where this one writes.
        CheckedTotal(logits.Layout.Shape[1], labels, each, options.IgnoreIndex);
        if (CrossEntropyRows.Fits(options, weights, logits, labels) && gradients.DType == logits.DType && result.DType == logits.DType
            && result.Layout.IsContiguous && logNorms.Layout.IsContiguous)
        {
            CrossEntropyRows.Run(options.IgnoreIndex, logits, labels, logNorms, gradients, result);
            return;
        }
        double sum = each?.Sum() ?? logits.Layout.Shape[1];
        fixed (double* w = each)
            LineLoop.Run(new CrossEntropyGradKernel(options, w, sum), logits.DType.Compute, 1, 5, result, logits, labels, gradients, logNorms);
    }

    /// <summary>The sum of the weights of all labels, each of which is checked before anything is read with it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double CheckedTotal(int classes, in Operand labels, double[]? weights, long ignored)
    {
        const int Row = 256;
        long* row = stackalloc long[Row];
        double total = 0;
        long counted = 0;
        using Pinned<byte> pin = labels.Pin<byte>();
        fixed (byte* p = pin)
        {
            int size = labels.DType.Size, n = labels.Layout.Shape[0];
            nint stride = (nint)labels.Layout.Strides[0];
            for (int at = 0; at < n; at += Row)
            {
                int count = Math.Min(Row, n - at);
                Convert.Load(labels.DType, p + at * stride * size, stride, row, count);
                for (int i = 0; i < count; i++)
                {
                    long label = row[i];
                    if (label == ignored) continue;
                    if ((ulong)label >= (ulong)classes) IndexError.ThrowLabel(label, at + i, classes);
                    if (weights is null) counted++;
                    else total += weights[label];
                }
            }
        }
        return weights is null ? counted : total;
    }
}
