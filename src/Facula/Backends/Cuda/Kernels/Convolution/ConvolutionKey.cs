namespace Facula.Backends.Cuda;

/// <summary>The three products of a convolution.</summary>
internal enum ConvolutionPass : byte
{
    /// <summary>Rows are places of the output, columns its channels, and the depth what a kernel reads.</summary>
    Forward,
    /// <summary>Rows are places of the input, columns its channels, and the depth the kernels that read them.</summary>
    InputGrad,
    /// <summary>Rows are channels of the output, columns elements of a kernel, and the depth places of the output.</summary>
    WeightGrad,
}

/// <summary>What a dimension of a product counts.</summary>
internal enum WindowRole : byte
{
    /// <summary>Channels of a group.</summary>
    Channels,
    /// <summary>Samples, and places in them.</summary>
    Places,
    /// <summary>Elements of a kernel, and for each the channels of a group.</summary>
    Taps,
}

/// <summary>How an operand of a convolution is read.</summary>
/// <param name="Rank">Dimensions of space.</param>
/// <param name="Outer">What rows or columns are.</param>
/// <param name="Depth">What the depth is.</param>
/// <param name="IsWindow">Whether places and taps together say where to read, so that it may be outside.</param>
/// <param name="IsBack">Whether taps lead back.</param>
/// <param name="Divides">Whether that is to be divided by the strides, and there is something only where that leaves nothing over.</param>
/// <param name="HasOnes">Whether there is one more column, of ones.</param>
internal readonly record struct WindowAccess(int Rank, WindowRole Outer, WindowRole Depth, bool IsWindow, bool IsBack = false, bool Divides = false, bool HasOnes = false);

/// <summary>What tells one kernel of convolutions from another.</summary>
/// <param name="Pass">Which product.</param>
/// <param name="A">How the left operand is read.</param>
/// <param name="B">How the right operand is read.</param>
/// <param name="Product">All that products of matrices have too.</param>
internal readonly record struct ConvolutionKey(ConvolutionPass Pass, WindowAccess A, WindowAccess B, ProductKey Product)
{
    public string Name =>
        $"convolution_{Pass}{A.Rank}d{(A.Divides ? "_steps" : "")}{(B.HasOnes ? "_ones" : "")}_{Product.Name}".ToLowerInvariant();
}
