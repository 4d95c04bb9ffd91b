namespace Facula.Backends;

/// <summary>
/// Where a kernel of convolution or pooling stands: one entry for each dimension of space. Of output position o it reads the input at
/// o * Stride - Padding + k * Dilation for k = 0 .. Kernel - 1; what lies outside the input is left out.
/// </summary>
internal sealed record Window(int[] Kernel, int[] Stride, int[] Padding, int[] Dilation)
{
    public int Rank => Kernel.Length;

    /// <summary>How much of the input the kernel spans along a dimension of space.</summary>
    public long Span(int d) => SpanOf(Kernel[d], Dilation[d]);

    /// <summary>The same for one dimension.</summary>
    public static long SpanOf(int kernel, int dilation) => (long)(kernel - 1) * dilation + 1;

    /// <summary>
    /// How many places a kernel has in an input with its padding, or 0 if it does not fit. Kernels compute places in 32 bits, so what they move along
    /// must have so few: this is where that is checked for all of them.
    /// </summary>
    public static int Places(object caller, int size, int kernel, int stride, int padding, int dilation, bool ceil = false)
    {
        long room = Check.Padded(caller, size, 2L * padding) - SpanOf(kernel, dilation);
        // Rounded up, there is a window wherever one begins inside.
        if (room < (ceil ? 1 - stride : 0)) return 0;
        int places = (int)((room + (ceil ? stride - 1L : 0)) / stride) + 1;
        // A window that would begin beyond input and padding is not there.
        return ceil && (places - 1L) * stride >= (long)size + padding ? places - 1 : places;
    }

    /// <summary>The same with dimensions of size 1 in front, so that there are three.</summary>
    public Window Spatial3() => Rank == 3 ? this : new(Pad(Kernel, 1), Pad(Stride, 1), Pad(Padding, 0), Pad(Dilation, 1));

    private static int[] Pad(int[] values, int value)
    {
        int[] padded = [value, value, value];
        values.CopyTo(padded, 3 - values.Length);
        return padded;
    }
}
