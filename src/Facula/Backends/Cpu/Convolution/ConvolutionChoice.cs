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
            Groups: 1, Depth: 1, OutDepth: 1, KernelDepth: 1, StrideHeight: 1, StrideWidth: 1, PadDepth: 0, KernelWidth: 3 or 5,
        } && s.KernelHeight == s.KernelWidth && s.Channels % lanes == 0 && s.Outputs % lanes == 0;
        if (!fits) return ConvolutionAlgorithm.Direct;
        ConvolutionAlgorithm wanted = CpuSettings.ConvolutionAlgorithm;
        if (s.KernelWidth == 3)
        {
            if (wanted != ConvolutionAlgorithm.Automatic) return wanted;
            double two = Cost<Tile2x3>(s), four = Cost<Tile4x3>(s);
            if (Direct(s) <= Math.Min(two, four)) return ConvolutionAlgorithm.Direct;
            return two < four ? ConvolutionAlgorithm.Winograd2 : ConvolutionAlgorithm.Winograd4;
        }
        if (wanted != ConvolutionAlgorithm.Automatic) return wanted == ConvolutionAlgorithm.Winograd4 ? wanted : ConvolutionAlgorithm.Direct;
        return Direct(s) <= Cost<Tile2x5>(s) ? ConvolutionAlgorithm.Direct : ConvolutionAlgorithm.Winograd4;
    }

    private static double Direct(in ConvolutionShape s) => (double)s.Taps * s.Channels * s.Outputs * s.OutArea;

    private static double Cost<F>(in ConvolutionShape s) where F : IWinogradTile
    {
        double tiles = (double)WinogradGrid.Along<F>(s.OutHeight, s.DilationHeight) * WinogradGrid.Along<F>(s.OutWidth, s.DilationWidth);
        double products = (double)s.Channels * s.Outputs;
        // The kernels are transformed once for all samples.
        return F.Inputs * F.Inputs * (tiles * (products + TransformCost * (s.Channels + s.Outputs)) + TransformCost * products / s.Samples);
    }
}
