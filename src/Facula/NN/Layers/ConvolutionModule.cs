namespace Facula.NN;

/// <summary>What the convolutions of one, two and three dimensions have in common.</summary>
public abstract partial class ConvolutionModule : Module<Tensor, Tensor>
{
    private protected ConvolutionModule(int rank, bool isTransposed, int inChannels, int outChannels, SpatialSize kernelSize, SpatialSize stride,
        SpatialSize dilation, int groups, bool bias, DType? dtype, Device? device, Generator? generator)
    {
        string name = GetType().Name;
        if (groups < 1 || inChannels < 1 || outChannels < 1 || inChannels % groups != 0 || outChannels % groups != 0)
        {
            throw new ArgumentException($"{name}: {inChannels} input and {outChannels} output channels cannot be cut into {groups} group(s); " +
                "both must be positive multiples of the number of groups.");
        }
        Rank = rank;
        Kernel = kernelSize.Of(rank, name, "kernelSize", 1);
        Stride = stride.IsGiven ? stride : 1;
        Dilation = dilation.IsGiven ? dilation : 1;
        (InChannels, OutChannels, Groups) = (inChannels, outChannels, groups);
        int[] shape = isTransposed ? [inChannels, outChannels / groups, .. Kernel] : [outChannels, inChannels / groups, .. Kernel];
        Weight = new(Init.KaimingUniform(Tensor.Empty(new Shape(shape), dtype, device), Math.Sqrt(5), generator: generator));
        double fanIn = Weight.Count / (double)shape[0];
        if (bias) Bias = new(Init.UniformWithin(Tensor.Empty([outChannels], dtype, device), 1 / Math.Sqrt(fanIn), generator));
    }

    /// <summary>The number of dimensions of space.</summary>
    private protected int Rank { get; }

    private protected int[] Kernel { get; }

    /// <summary>[outChannels, inChannels / groups, kernel..]; of a transposed convolution [inChannels, outChannels / groups, kernel..].</summary>
    public Parameter Weight { get; set => field = Check.NotNull(value, operation: TypeName); }

    /// <summary>[outChannels]; null where there is none.</summary>
    public Parameter? Bias { get; set; }

    /// <summary>The channels of the input.</summary>
    public int InChannels { get; }

    /// <summary>The channels of the output.</summary>
    public int OutChannels { get; }

    /// <summary>Steps between positions of the kernel.</summary>
    public SpatialSize Stride { get; }

    /// <summary>Steps between elements of the kernel.</summary>
    public SpatialSize Dilation { get; }

    /// <summary>Parts into which channels are cut, each with kernels of its own.</summary>
    public int Groups { get; }

    private protected string TextOf(string padding, string outputPadding, bool isPadded, string mode)
    {
        string Tuple(int[] values) => $"({string.Join(", ", values)}{(values.Length == 1 ? "," : "")})";
        string name = GetType().Name, text = $"{InChannels}, {OutChannels}, kernel_size={Tuple(Kernel)}, stride={Tuple(Stride.Of(Rank, name, "stride", 1))}";
        if (isPadded) text += $", padding={padding}";
        if (Dilation.Of(Rank, name, "dilation", 1).AsSpan().IndexOfAnyExcept(1) >= 0) text += $", dilation={Tuple(Dilation.Of(Rank, name, "dilation", 1))}";
        if (outputPadding.Length > 0) text += $", output_padding={outputPadding}";
        if (Groups != 1) text += $", groups={Groups}";
        if (Bias is null) text += ", bias=False";
        return mode.Length > 0 ? $"{text}, padding_mode={mode}" : text;
    }

    private protected string TextOf(SpatialSize values)
    {
        int[] numbers = values.Of(Rank, GetType().Name, "padding", 0);
        return $"({string.Join(", ", numbers)}{(numbers.Length == 1 ? "," : "")})";
    }
}

/// <summary>What the forward convolutions have in common.</summary>
public abstract partial class ForwardConvolution : ConvolutionModule, IFusion
{
    private readonly PaddingMode _mode;

    private protected ForwardConvolution(int rank, int inChannels, int outChannels, SpatialSize kernelSize, SpatialSize stride, Padding padding,
        SpatialSize dilation, int groups, bool bias, PaddingMode paddingMode, DType? dtype, Device? device, Generator? generator)
        : base(rank, false, inChannels, outChannels, kernelSize, stride, dilation, groups, bias, dtype, device, generator)
    {
        (Padding, _mode) = (padding, paddingMode);
        padding.Of(rank, GetType().Name, Kernel, Stride.Of(rank, GetType().Name, "stride", 1), Dilation.Of(rank, GetType().Name, "dilation", 1));
    }

    /// <summary>What is put around the input.</summary>
    public Padding Padding { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, Weight, Bias, false);

    Tensor IFusion.Forward(Tensor input, ref Followers followers)
    {
        if (GradMode.IsEnabled || followers.Peek<BatchNorm>() is not { IsTraining: false, RunningMean: not null } norm)
            return Forward(input, Weight, Bias, followers.TakeRelu());
        followers.Take();
        (Tensor weight, Tensor bias) = norm.FoldInto(Weight, Bias);
        return Forward(input, weight, bias, followers.TakeRelu());
    }

    private Tensor Forward(Tensor input, Tensor weight, Tensor? bias, bool relu) =>
        Functional.Convolution(this, Rank, input, weight, bias, Stride, Padding, Dilation, Groups, _mode, relu);

    /// <inheritdoc/>
    protected override string ExtraText
    {
        get
        {
            string padding = Padding.IsSame ? "same" : TextOf(Padding.Widths);
            bool isPadded = Padding.IsSame || Padding.Widths.Of(Rank, GetType().Name, "padding", 0).AsSpan().IndexOfAnyExcept(0) >= 0;
            return TextOf(padding, "", isPadded, _mode == PaddingMode.Constant ? "" : _mode.ToString().ToLowerInvariant());
        }
    }
}

/// <summary>What the transposed convolutions have in common.</summary>
public abstract partial class TransposedConvolution : ConvolutionModule
{
    private protected TransposedConvolution(int rank, int inChannels, int outChannels, SpatialSize kernelSize, SpatialSize stride, SpatialSize padding,
        SpatialSize outputPadding, int groups, bool bias, SpatialSize dilation, DType? dtype, Device? device, Generator? generator)
        : base(rank, true, inChannels, outChannels, kernelSize, stride, dilation, groups, bias, dtype, device, generator)
    {
        (Padding, OutputPadding) = (padding.IsGiven ? padding : 0, outputPadding.IsGiven ? outputPadding : 0);
        Padding.Of(rank, GetType().Name, "padding", 0);
        OutputPadding.Of(rank, GetType().Name, "outputPadding", 0);
    }

    /// <summary>Elements cut off on all sides of the output.</summary>
    public SpatialSize Padding { get; }

    /// <summary>Elements added at the end of each dimension of the output.</summary>
    public SpatialSize OutputPadding { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.ConvolutionTranspose(this, Rank, input, Weight, Bias, Stride, Padding, OutputPadding, Groups, Dilation);

    /// <inheritdoc/>
    protected override string ExtraText
    {
        get
        {
            bool isPadded = Padding.Of(Rank, GetType().Name, "padding", 0).AsSpan().IndexOfAnyExcept(0) >= 0;
            bool isExtended = OutputPadding.Of(Rank, GetType().Name, "outputPadding", 0).AsSpan().IndexOfAnyExcept(0) >= 0;
            return TextOf(TextOf(Padding), isExtended ? TextOf(OutputPadding) : "", isPadded, "");
        }
    }
}
