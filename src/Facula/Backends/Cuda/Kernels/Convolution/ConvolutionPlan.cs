namespace Facula.Backends.Cuda;

/// <summary>One of the products of a convolution: its sizes, and how its operands are read.</summary>
internal sealed class ConvolutionPlan
{
    private const string Name = "Convolution";

    private readonly ConvolutionPass _pass;

    /// <param name="pass">Which product.</param>
    /// <param name="moving">What windows move over: the input or, for its gradient, that of the output.</param>
    /// <param name="other">The weight or, for its gradient, the output's.</param>
    /// <param name="input">The shape of the input.</param>
    /// <param name="weight">The shape of the weight.</param>
    /// <param name="output">The shape of the output.</param>
    /// <param name="window">Where kernels stand.</param>
    /// <param name="groups">Of channels.</param>
    /// <param name="method">How it is computed.</param>
    /// <param name="hasCopies">Whether the device can copy to shared memory.</param>
    /// <param name="hasOnes">Whether the gradient of a bias is wanted with the weight's.</param>
    public ConvolutionPlan(ConvolutionPass pass, in Operand moving, in Operand other, int[] input, int[] weight, int[] output, Window window, int groups,
        ProductMethod method, bool hasCopies, bool hasOnes = false)
    {
        (_pass, Rank, Groups, Method, Compute) = (pass, window.Rank, groups, method, moving.DType.Compute);
        int outputs = output[1] / groups, inputs = input[1] / groups, samples = input[0], taps = Check.Product(Name, "the elements of a kernel", window.Kernel);
        bool isBack = pass == ConvolutionPass.InputGrad, isWeight = pass == ConvolutionPass.WeightGrad;
        bool divides = isBack && window.Stride.Any(stride => stride > 1);
        int[] places = isBack ? input[2..] : output[2..];
        int area = Check.Product(Name, "the number of places of all samples", [samples, .. places]), channels = isBack ? outputs : inputs;
        int depthOfTaps = Check.Product(Name, "the number of elements that a kernel reads", taps, channels);
        DType element = method == ProductMethod.Scalar ? Compute : moving.DType;

        Layout layout = moving.Layout;
        int sign = isBack ? -1 : 1;
        WindowDimension ofChannels = new(channels, StrideOf(layout, 1));
        WindowDimension[] atPlaces = [new(samples, StrideOf(layout, 0)), .. places.Select((size, d) => OfSpace(size, isBack ? 1 : window.Stride[d], d))];
        WindowDimension[] atTaps = [.. window.Kernel.Select((size, d) => OfSpace(size, sign * window.Dilation[d], d)), ofChannels];
        var space = new WindowSpace(layout.Shape[2..], [.. Enumerable.Range(0, Rank).Select(d => StrideOf(layout, d + 2))],
            [.. window.Padding.Select(padding => -sign * padding)], divides ? window.Stride : []);
        WindowRole outerRole = isWeight ? WindowRole.Taps : WindowRole.Places, depthRole = isWeight ? WindowRole.Places : WindowRole.Taps;
        var moved = new WindowOperand(moving, new(Rank, outerRole, depthRole, true, isBack, divides, hasOnes), isWeight ? atTaps : atPlaces,
            isWeight ? atPlaces : atTaps, groups, ofChannels, space, element, hasCopies);

        Layout known = other.Layout;
        WindowDimension rows = new(outputs, StrideOf(known, isWeight ? 1 : 0));
        WindowDimension[] outer, depth;
        if (isWeight) (outer, depth) = ([rows], [new(samples, StrideOf(known, 0)), .. Spatial(known)]);
        else
        {
            WindowDimension columns = new(inputs, StrideOf(known, 1));
            outer = [isBack ? columns : rows];
            depth = [.. Spatial(known), isBack ? rows : columns];
        }
        var still = new WindowOperand(other, new(Rank, WindowRole.Channels, isWeight ? WindowRole.Places : WindowRole.Taps, false), outer, depth, groups, rows,
            WindowSpace.None, element, hasCopies);

        (A, B) = isWeight ? (still, moved) : (moved, still);
        if (isWeight) (M, N, K) = (outputs, Check.Size(Name, (long)depthOfTaps + (hasOnes ? B.Source.Chunk : 0)), area);
        else (M, N, K) = (area, isBack ? inputs : outputs, depthOfTaps);

        WindowDimension OfSpace(int size, int scale, int d) => new(size, scale * StrideOf(layout, d + 2), scale, true);

        static IEnumerable<WindowDimension> Spatial(Layout layout) =>
            Enumerable.Range(2, layout.Rank - 2).Select(d => new WindowDimension(layout.Shape[d], StrideOf(layout, d)));
    }

    public int Rank { get; }

    public int Groups { get; }

    /// <summary>Rows, columns and depth of a group.</summary>
    public int M { get; }

    public int N { get; }

    public int K { get; }

    public ProductMethod Method { get; }

    public DType Compute { get; }

    public WindowOperand A { get; }

    public WindowOperand B { get; }

    /// <summary>How many columns a thread can write together.</summary>
    public int MostLanes(DType type) => Method != ProductMethod.Scalar ? 2 : B.Source.AlongDepth ? 1 : Math.Min(16 / Compute.Size, 16 / type.Size);

    public (ProductTile Tile, int Parts) Choose(int processors) => ProductChoice.Choose(Method, Compute, Groups, M, N, K, processors);

    public ConvolutionKey Key(ProductTile tile, in ProductResult result)
    {
        // What passes through registers is never further on than one slice.
        if (!A.Source.IsAsync && !B.Source.IsAsync) tile = tile with { Stages = 2 };
        return new(_pass, A.Access, B.Access, new(Method, Compute, tile, A.Source, B.Source, result));
    }

    /// <summary>
    /// Of a result [n, c, space..] the steps from place to place, samples following each other, and from channel to channel; null where places have no one step.
    /// </summary>
    public static MatrixStrides? RowsOf(Layout layout)
    {
        long next = 0;
        long? step = null;
        for (int i = layout.Rank - 1; i >= 1; i--)
        {
            int d = i == 1 ? 0 : i, size = layout.Shape[d];
            if (size == 1) continue;
            if (step is null) step = layout.Strides[d];
            else if (layout.Strides[d] != next) return null;
            next = layout.Strides[d] * size;
        }
        return new(0, step ?? 0, StrideOf(layout, 1));
    }

    private static long StrideOf(Layout layout, int d) => layout.Shape[d] > 1 ? layout.Strides[d] : 0;
}
