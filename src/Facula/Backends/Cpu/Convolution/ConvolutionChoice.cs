namespace Facula.Backends.Cpu;

/// <summary>Which algorithm computes a convolution: by its shape, unless the user has pinned one.</summary>
internal static class ConvolutionChoice
{
    // Additions and memory traffic of the transforms, per channel and point, against a multiply-add of the products.
    private const double TransformCost = 12;

    public static ConvolutionAlgorithm Of<T>(in ConvolutionShape s, int lanes) where T : unmanaged
    {
        bool fits = typeof(T) == typeof(float) && s is
        {
            Groups: 1, Depth: 1, OutDepth: 1, KernelDepth: 1, KernelHeight: 3, KernelWidth: 3, StrideHeight: 1, StrideWidth: 1, StepHeight: 1, StepWidth: 1, PadDepth: 0,
        } && s.Channels % lanes == 0 && s.Outputs % lanes == 0;
        if (!fits) return ConvolutionAlgorithm.Direct;
        if (Convolution.Algorithm != ConvolutionAlgorithm.Automatic) return Convolution.Algorithm;
        double products = (double)s.Channels * s.Outputs, direct = 9 * products * s.OutArea;
        double two = Cost(s, 2, products), four = Cost(s, 4, products);
        return direct <= Math.Min(two, four) ? ConvolutionAlgorithm.Direct : two < four ? ConvolutionAlgorithm.Winograd2 : ConvolutionAlgorithm.Winograd4;
    }

    private static double Cost(in ConvolutionShape s, int tile, double products)
    {
        double tiles = (double)((s.OutHeight + tile - 1) / tile) * ((s.OutWidth + tile - 1) / tile), points = (tile + 2) * (tile + 2);
        // The kernels are transformed once for all samples.
        return points * (tiles * (products + TransformCost * (s.Channels + s.Outputs)) + TransformCost * products / s.Samples);
    }
}
