namespace Facula.Backends.Cuda;

internal enum PoolOperation : byte
{
    Max,
    MaxGrad,
    Average,
    AverageGrad,
}

/// <summary>What is known of a dimension of windows when a kernel is written: see <see cref="PoolAxis"/>.</summary>
internal readonly record struct PoolAxisKey(int Kernel, int Stride, int Dilation, bool IsAdaptive, bool CountsPadding)
{
    public PoolAxisKey(PoolAxis axis) : this(axis.Kernel, axis.Stride, axis.Dilation, axis.IsAdaptive, axis.CountsPadding) { }

    /// <summary>How much of the input a window spans.</summary>
    public int Span => (Kernel - 1) * Dilation + 1;

    /// <summary>The most windows that reach an element of the input.</summary>
    public int MostWindows => (Span - 1) / Stride + 1;

    public string Name => IsAdaptive ? $"a{Kernel}" : $"{Kernel}s{Stride}d{Dilation}{(CountsPadding ? "p" : "")}";
}

/// <summary>What tells one kernel of pooling from another.</summary>
/// <param name="Operation">Which.</param>
/// <param name="Type">Of the elements.</param>
/// <param name="Taps">Of what says which element of a window was the largest, if there is that.</param>
/// <param name="IsRelu">Whether that is the activation.</param>
/// <param name="HasDivisor">Whether averages are divided by an argument.</param>
/// <param name="IsChannelsLast">Whether threads side by side have neighbouring channels, not places.</param>
/// <param name="IsWide">Whether elements are counted in 64 bits.</param>
/// <param name="Rank">Dimensions of space.</param>
/// <param name="Depth">The first of three.</param>
/// <param name="Height">The last but one.</param>
/// <param name="Width">The last.</param>
internal readonly record struct PoolKey(PoolOperation Operation, DType Type, DType? Taps, bool IsRelu, bool HasDivisor, bool IsChannelsLast, bool IsWide, int Rank,
    PoolAxisKey Depth, PoolAxisKey Height, PoolAxisKey Width)
{
    // Windows of so few elements are written out, so that a thread can have them all on their way.
    private const int MostWrittenOut = 16;

    public bool IsGrad => Operation is PoolOperation.MaxGrad or PoolOperation.AverageGrad;

    /// <summary>Those that there are.</summary>
    public PoolAxisKey[] Axes => ((PoolAxisKey[])[Depth, Height, Width])[^Rank..];

    /// <summary>Whether there are no loops.</summary>
    public bool IsWrittenOut
    {
        get
        {
            long steps = 1;
            foreach (PoolAxisKey axis in Axes) steps *= axis.IsAdaptive ? MostWrittenOut + 1 : IsGrad ? axis.MostWindows : axis.Kernel;
            return steps <= MostWrittenOut;
        }
    }

    public string Name => ($"pool_{Operation}_{Type.PyTorchName}_{Taps?.PyTorchName ?? "none"}_{string.Join("_", Axes.Select(axis => axis.Name))}" +
        $"{(IsRelu ? "_relu" : "")}{(HasDivisor ? "_divisor" : "")}{(IsChannelsLast ? "_last" : "")}{(IsWide ? "_wide" : "")}").ToLowerInvariant();
}
