namespace Facula.NN;

/// <summary>Slides outChannels kernels over sequences, [n, inChannels, length], and sums the products. torch.nn.Conv1d.</summary>
/// <param name="inChannels">The channels of the input.</param>
/// <param name="outChannels">The channels of the output: the number of kernels.</param>
/// <param name="kernelSize">The kernel's size.</param>
/// <param name="stride">Steps between positions; 1 if left out.</param>
/// <param name="padding">What is put around the input: nothing if left out.</param>
/// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
/// <param name="groups">Parts into which channels are cut, each with kernels of its own; as many as channels for a depthwise convolution.</param>
/// <param name="bias">Whether something is added to each output channel.</param>
/// <param name="paddingMode">What the padding is made of.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where the parameters are; the processor if left out.</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class Conv1d(int inChannels, int outChannels, SpatialSize kernelSize, SpatialSize stride = default, Padding padding = default,
    SpatialSize dilation = default, int groups = 1,
    bool bias = true, PaddingMode paddingMode = PaddingMode.Constant, DType? dtype = null, Device? device = null, Generator? generator = null)
    : ForwardConvolution(1, inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias, paddingMode, dtype, device, generator);

/// <summary>Slides outChannels kernels over images, [n, inChannels, height, width], and sums the products. torch.nn.Conv2d.</summary>
/// <param name="inChannels">The channels of the input.</param>
/// <param name="outChannels">The channels of the output: the number of kernels.</param>
/// <param name="kernelSize">The kernel's size.</param>
/// <param name="stride">Steps between positions; 1 if left out.</param>
/// <param name="padding">What is put around the input: nothing if left out.</param>
/// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
/// <param name="groups">Parts into which channels are cut, each with kernels of its own; as many as channels for a depthwise convolution.</param>
/// <param name="bias">Whether something is added to each output channel.</param>
/// <param name="paddingMode">What the padding is made of.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where the parameters are; the processor if left out.</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class Conv2d(int inChannels, int outChannels, SpatialSize kernelSize, SpatialSize stride = default, Padding padding = default,
    SpatialSize dilation = default, int groups = 1,
    bool bias = true, PaddingMode paddingMode = PaddingMode.Constant, DType? dtype = null, Device? device = null, Generator? generator = null)
    : ForwardConvolution(2, inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias, paddingMode, dtype, device, generator);

/// <summary>Slides outChannels kernels over volumes, [n, inChannels, depth, height, width], and sums the products. torch.nn.Conv3d.</summary>
/// <param name="inChannels">The channels of the input.</param>
/// <param name="outChannels">The channels of the output: the number of kernels.</param>
/// <param name="kernelSize">The kernel's size.</param>
/// <param name="stride">Steps between positions; 1 if left out.</param>
/// <param name="padding">What is put around the input: nothing if left out.</param>
/// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
/// <param name="groups">Parts into which channels are cut, each with kernels of its own; as many as channels for a depthwise convolution.</param>
/// <param name="bias">Whether something is added to each output channel.</param>
/// <param name="paddingMode">What the padding is made of.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where the parameters are; the processor if left out.</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class Conv3d(int inChannels, int outChannels, SpatialSize kernelSize, SpatialSize stride = default, Padding padding = default,
    SpatialSize dilation = default, int groups = 1,
    bool bias = true, PaddingMode paddingMode = PaddingMode.Constant, DType? dtype = null, Device? device = null, Generator? generator = null)
    : ForwardConvolution(3, inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias, paddingMode, dtype, device, generator);

/// <summary>Spreads each element of sequences, [n, inChannels, length], over a kernel's size and sums what overlaps: a convolution turned round.
/// torch.nn.ConvTranspose1d.</summary>
/// <param name="inChannels">The channels of the input.</param>
/// <param name="outChannels">The channels of the output.</param>
/// <param name="kernelSize">The kernel's size.</param>
/// <param name="stride">Steps between the places that neighbouring inputs are spread to; 1 if left out.</param>
/// <param name="padding">Elements cut off on all sides of the output; none if left out.</param>
/// <param name="outputPadding">Elements added at the end of each dimension of the output; less than stride or dilation.</param>
/// <param name="groups">Parts into which channels are cut, each with kernels of its own.</param>
/// <param name="bias">Whether something is added to each output channel.</param>
/// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where the parameters are; the processor if left out.</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class ConvTranspose1d(int inChannels, int outChannels, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default,
    SpatialSize outputPadding = default,
    int groups = 1, bool bias = true, SpatialSize dilation = default, DType? dtype = null, Device? device = null, Generator? generator = null)
    : TransposedConvolution(1, inChannels, outChannels, kernelSize, stride, padding, outputPadding, groups, bias, dilation, dtype, device, generator);

/// <summary>Spreads each element of images, [n, inChannels, height, width], over a kernel's size and sums what overlaps: a convolution turned round.
/// torch.nn.ConvTranspose2d.</summary>
/// <param name="inChannels">The channels of the input.</param>
/// <param name="outChannels">The channels of the output.</param>
/// <param name="kernelSize">The kernel's size.</param>
/// <param name="stride">Steps between the places that neighbouring inputs are spread to; 1 if left out.</param>
/// <param name="padding">Elements cut off on all sides of the output; none if left out.</param>
/// <param name="outputPadding">Elements added at the end of each dimension of the output; less than stride or dilation.</param>
/// <param name="groups">Parts into which channels are cut, each with kernels of its own.</param>
/// <param name="bias">Whether something is added to each output channel.</param>
/// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where the parameters are; the processor if left out.</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class ConvTranspose2d(int inChannels, int outChannels, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default,
    SpatialSize outputPadding = default,
    int groups = 1, bool bias = true, SpatialSize dilation = default, DType? dtype = null, Device? device = null, Generator? generator = null)
    : TransposedConvolution(2, inChannels, outChannels, kernelSize, stride, padding, outputPadding, groups, bias, dilation, dtype, device, generator);

/// <summary>Spreads each element of volumes, [n, inChannels, depth, height, width], over a kernel's size and sums what overlaps: a convolution turned round.
/// torch.nn.ConvTranspose3d.</summary>
/// <param name="inChannels">The channels of the input.</param>
/// <param name="outChannels">The channels of the output.</param>
/// <param name="kernelSize">The kernel's size.</param>
/// <param name="stride">Steps between the places that neighbouring inputs are spread to; 1 if left out.</param>
/// <param name="padding">Elements cut off on all sides of the output; none if left out.</param>
/// <param name="outputPadding">Elements added at the end of each dimension of the output; less than stride or dilation.</param>
/// <param name="groups">Parts into which channels are cut, each with kernels of its own.</param>
/// <param name="bias">Whether something is added to each output channel.</param>
/// <param name="dilation">Steps between elements of the kernel; 1 if left out.</param>
/// <param name="dtype">A floating-point type; Float32 if null.</param>
/// <param name="device">Where the parameters are; the processor if left out.</param>
/// <param name="generator">Where the random numbers come from; the default generator if left out.</param>
public partial class ConvTranspose3d(int inChannels, int outChannels, SpatialSize kernelSize, SpatialSize stride = default, SpatialSize padding = default,
    SpatialSize outputPadding = default,
    int groups = 1, bool bias = true, SpatialSize dilation = default, DType? dtype = null, Device? device = null, Generator? generator = null)
    : TransposedConvolution(3, inChannels, outChannels, kernelSize, stride, padding, outputPadding, groups, bias, dilation, dtype, device, generator);
