namespace Facula.Backends.Cpu;

/// <summary>The sizes of a convolution in three dimensions of space; those that it has fewer are 1 and come first.</summary>
internal readonly struct ConvolutionShape
{
    public const string Name = "Convolution";

    public readonly int Samples, Channels, Outputs, Groups;
    public readonly int Depth, Height, Width, OutDepth, OutHeight, OutWidth, KernelDepth, KernelHeight, KernelWidth;
    public readonly int StrideDepth, StrideHeight, StrideWidth, PadDepth, PadHeight, PadWidth, StepDepth, StepHeight, StepWidth;

    /// <summary>Elements of a kernel in one channel.</summary>
    public readonly int Taps;

    /// <summary>Elements of the input that go into one of the output: tap by tap, the channels of a group.</summary>
    public readonly int Columns;

    /// <summary>Places in a channel of the input, and of the output.</summary>
    public readonly int Area, OutArea;

    public ConvolutionShape(int[] x, int[] y, Window window, int groups)
    {
        (Samples, Channels, Outputs, Groups) = (x[0], x[1], y[1], groups);
        Window w = window.Spatial3();
        (KernelDepth, KernelHeight, KernelWidth) = (w.Kernel[0], w.Kernel[1], w.Kernel[2]);
        (StrideDepth, StrideHeight, StrideWidth) = (w.Stride[0], w.Stride[1], w.Stride[2]);
        (PadDepth, PadHeight, PadWidth) = (w.Padding[0], w.Padding[1], w.Padding[2]);
        (StepDepth, StepHeight, StepWidth) = (w.Dilation[0], w.Dilation[1], w.Dilation[2]);
        (Depth, OutDepth) = x.Length > 4 ? (x[^3], y[^3]) : (1, 1);
        (Height, OutHeight) = x.Length > 3 ? (x[^2], y[^2]) : (1, 1);
        (Width, OutWidth) = (x[^1], y[^1]);
        Taps = Check.Product(Name, "the number of elements of a kernel", w.Kernel);
        Columns = Check.Product(Name, "the number of elements that a kernel reads", Taps, GroupChannels);
        Area = Check.Product(Name, "the number of places in the input", Depth, Height, Width);
        OutArea = Check.Product(Name, "the number of places in the output", OutDepth, OutHeight, OutWidth);
    }

    /// <summary>Channels that one kernel reads.</summary>
    public int GroupChannels => Channels / Groups;

    /// <summary>Kernels that read the same channels.</summary>
    public int GroupOutputs => Outputs / Groups;

    public long Pixels => (long)Samples * OutArea;

    /// <summary>
    /// Whether each output position is made of the input at that position alone, so that a convolution is a product of matrices. The input may have places that no kernel
    /// reads, which a transposed convolution with output padding makes: then it is none.
    /// </summary>
    public bool IsPointwise => Taps == 1 && StrideDepth == 1 && StrideHeight == 1 && StrideWidth == 1 && PadDepth == 0 && PadHeight == 0 && PadWidth == 0
        && Depth == OutDepth && Height == OutHeight && Width == OutWidth;

    /// <summary>
    /// The convolution of the output's gradient that gives the input's, with the taps reversed; null where there is none, because steps between positions leave gaps.
    /// </summary>
    public ConvolutionShape? Transposed(Window window)
    {
        var padding = new int[window.Rank];
        for (int d = 0; d < padding.Length; d++)
        {
            // A kernel has stood in the padded output, so its span fits.
            padding[d] = (int)(window.Span(d) - 1) - window.Padding[d];
            if (window.Stride[d] != 1 || padding[d] < 0) return null;
        }
        return new([Samples, Outputs, OutDepth, OutHeight, OutWidth], [Samples, Channels, Depth, Height, Width], (window with { Padding = padding }).Spatial3(), Groups);
    }
}
