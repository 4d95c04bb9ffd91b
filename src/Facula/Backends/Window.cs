namespace Facula.Backends;

/// <summary>
/// Where a kernel of convolution or pooling stands: one entry for each dimension of space. Of output position o it reads the input at
/// o * Stride - Padding + k * Dilation for k = 0 .. Kernel - 1; what lies outside the input is left out.
/// </summary>
internal sealed record Window(int[] Kernel, int[] Stride, int[] Padding, int[] Dilation)
{
    public int Rank => Kernel.Length;

    /// <summary>How much of the input the kernel spans along a dimension of space.</summary>
    public int Span(int d) => checked((Kernel[d] - 1) * Dilation[d] + 1);

    /// <summary>The same with dimensions of size 1 in front, so that there are three.</summary>
    public Window Spatial3() => Rank == 3 ? this : new(Pad(Kernel, 1), Pad(Stride, 1), Pad(Padding, 0), Pad(Dilation, 1));

    private static int[] Pad(int[] values, int value)
    {
        int[] padded = [value, value, value];
        values.CopyTo(padded, 3 - values.Length);
        return padded;
    }
}
