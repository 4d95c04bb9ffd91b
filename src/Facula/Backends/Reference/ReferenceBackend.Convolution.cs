namespace Facula.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    public override void Convolution(in Operand x, in Operand w, in Operand y, Window window, int groups, in Epilogue epilogue)
    {
        (Operand? bias, bool relu) = (epilogue.Bias, epilogue.FirstActivation == ActivationKind.Relu);
        Elements input = new(x), weight = new(w), result = new(y), added = new(bias ?? y);
        var sums = new double[y.Layout.Count];
        foreach (Tap tap in Taps(x.Layout, w.Layout, y.Layout, window, groups)) sums[tap.Y] += input.Float(tap.X) * weight.Float(tap.W);
        long area = y.Layout.Count == 0 ? 1 : y.Layout.Count / y.Layout.Shape[0] / y.Layout.Shape[1];
        for (long i = 0; i < sums.Length; i++)
        {
            double value = sums[i] + (bias is null ? 0 : added.Float(i / area % y.Layout.Shape[1]));
            result.Set(i, relu && value < 0 ? 0 : value);
        }
        Finish(y, epilogue);
    }

    public override void ConvolutionInputGrad(in Operand g, in Operand w, in Operand x, Window window, int groups)
    {
        Elements gradient = new(g), weight = new(w), result = new(x);
        var sums = new double[x.Layout.Count];
        foreach (Tap tap in Taps(x.Layout, w.Layout, g.Layout, window, groups)) sums[tap.X] += gradient.Float(tap.Y) * weight.Float(tap.W);
        for (long i = 0; i < sums.Length; i++) result.Set(i, sums[i]);
    }

    public override void ConvolutionWeightGrad(in Operand g, in Operand x, in Operand w, in Operand? bias, Window window, int groups)
    {
        Elements gradient = new(g), input = new(x), result = new(w);
        var sums = new double[w.Layout.Count];
        foreach (Tap tap in Taps(x.Layout, w.Layout, g.Layout, window, groups)) sums[tap.W] += gradient.Float(tap.Y) * input.Float(tap.X);
        for (long i = 0; i < sums.Length; i++) result.Set(i, sums[i]);
        if (bias is not { } added) return;
        var ofBias = new double[w.Layout.Shape[0]];
        for (long i = 0; i < g.Layout.Count; i++) ofBias[i / Area(g.Layout) % ofBias.Length] += gradient.Float(i);
        for (int k = 0; k < ofBias.Length; k++) new Elements(added).Set(k, ofBias[k]);
    }

    /// <summary>One product of a convolution: the indices, in row-major order, of what is multiplied and of what it adds to.</summary>
    private readonly record struct Tap(long X, long W, long Y);

    private static IEnumerable<Tap> Taps(Layout x, Layout w, Layout y, Window window, int groups)
    {
        int outputs = w.Shape[0], inputs = w.Shape[1], perGroup = outputs / groups;
        foreach ((long at, long tap, long from) in Positions(x.Shape[2..], y.Shape[2..], window))
        {
            for (int n = 0; n < y.Shape[0]; n++)
            {
                for (int k = 0; k < outputs; k++)
                {
                    for (int c = 0; c < inputs; c++)
                    {
                        yield return new(
                            ((long)n * x.Shape[1] + k / perGroup * inputs + c) * Area(x) + from,
                            ((long)k * inputs + c) * Area(w) + tap,
                            ((long)n * outputs + k) * Area(y) + at);
                    }
                }
            }
        }
    }

    /// <summary>The positions of a window's output, with each element of the kernel that finds an input there: indices of output, kernel and input.</summary>
    private static IEnumerable<(long Output, long Kernel, long Input)> Positions(int[] input, int[] output, Window window)
    {
        long outputs = Product(output), kernels = Product(window.Kernel);
        for (long o = 0; o < outputs; o++)
        {
            for (long k = 0; k < kernels; k++)
            {
                long rest = o, kernel = k, from = 0, stride = 1;
                bool inside = true;
                for (int d = input.Length - 1; d >= 0; d--)
                {
                    long i = rest % output[d] * window.Stride[d] - window.Padding[d] + kernel % window.Kernel[d] * window.Dilation[d];
                    inside &= i >= 0 && i < input[d];
                    from += i * stride;
                    stride *= input[d];
                    rest /= output[d];
                    kernel /= window.Kernel[d];
                }
                if (inside) yield return (o, k, from);
            }
        }
    }

    private static long Product(ReadOnlySpan<int> sizes)
    {
        long product = 1;
        foreach (int size in sizes) product *= size;
        return product;
    }

    private static long Area(Layout layout) => Product(layout.Shape.AsSpan(2));
}
