namespace Facula.Backends.Cuda;

/// <summary>An operand of a convolution with what <see cref="WindowLoader"/> is given of it.</summary>
internal sealed class WindowOperand
{
    private readonly Operand _operand;
    private readonly WindowDimension[] _outer, _depth;
    private readonly WindowDimension _channels;
    private readonly WindowSpace _space;
    private readonly int _groups;

    /// <param name="operand">In memory.</param>
    /// <param name="access">How it is read.</param>
    /// <param name="outer">The dimensions that rows or columns count, the innermost last.</param>
    /// <param name="depth">Those that the depth counts.</param>
    /// <param name="groups">How many groups there are.</param>
    /// <param name="channels">The dimension that is cut into groups.</param>
    /// <param name="space">Of a window.</param>
    /// <param name="element">The type of elements in shared memory.</param>
    /// <param name="hasCopies">Whether the device can copy to shared memory.</param>
    public WindowOperand(in Operand operand, WindowAccess access, WindowDimension[] outer, WindowDimension[] depth, int groups, WindowDimension channels,
        WindowSpace space, DType element, bool hasCopies)
    {
        (_operand, _outer, _depth, _groups, _channels, _space, Access) = (operand, outer, depth, groups, channels, space, access);
        // Threads side by side read what lies so, or nearly.
        bool alongDepth = depth[^1].Step <= outer[^1].Step;
        WindowRole role = alongDepth ? access.Depth : access.Outer;
        int chunk = operand.DType == element && role != WindowRole.Places ? ChunkOf(alongDepth ? depth : outer, alongDepth ? outer : depth, hasCopies) : 1;
        Source = new(operand.DType, alongDepth, chunk, hasCopies && operand.DType == element && chunk * element.Size >= 4);
    }

    public WindowAccess Access { get; }

    public ProductSource Source { get; }

    private int ChunkOf(WindowDimension[] along, WindowDimension[] across, bool hasCopies)
    {
        int size = _operand.DType.Size;
        foreach (int bytes in hasCopies ? (ReadOnlySpan<int>)[16, 8, 4] : [16])
        {
            int elements = bytes / size;
            if (elements < 2 || along[^1].Stride != 1 || along[^1].Size % elements != 0 || _operand.Layout.Offset % elements != 0) continue;
            bool fits = (_groups == 1 || GroupStride % elements == 0) && _space.Strides.All(stride => stride % elements == 0);
            foreach (WindowDimension dimension in (WindowDimension[])[.. along[..^1], .. across])
                fits &= dimension.Size <= 1 || dimension.Stride % elements == 0;
            if (fits) return elements;
        }
        return 1;
    }

    private long GroupStride => (long)_channels.Size * _channels.Stride;

    public void Add(in CudaLaunch launch, Operand ones)
    {
        int chunk = Source.Chunk;
        launch.Add(_operand);
        launch.Add(_groups == 1 ? 0 : GroupStride / chunk);
        if (Access.IsWindow) launch.Add(Access.Divides ? 0 : _space.Strides.Zip(_space.Moved, (stride, moved) => stride * moved).Sum() / chunk);
        AddIndex(launch, _outer, Source.AlongDepth ? 1 : chunk);
        AddIndex(launch, _depth, Source.AlongDepth ? chunk : 1);
        if (Access.IsWindow)
        {
            foreach (int moved in _space.Moved) launch.Add(moved);
            foreach (int size in _space.Sizes) launch.Add((uint)size);
            if (Access.Divides)
            {
                foreach (int step in _space.Divisors) CoordinateWalk.AddSize(in launch, step, false);
                foreach (long stride in _space.Strides) launch.Add(stride / chunk);
            }
        }
        if (Access.HasOnes) launch.Add(ones);
    }

    private void AddIndex(in CudaLaunch launch, WindowDimension[] dimensions, int chunk)
    {
        for (int d = 1; d < dimensions.Length; d++)
            CoordinateWalk.AddSize(in launch, d == dimensions.Length - 1 ? dimensions[d].Size / chunk : dimensions[d].Size, false);
        for (int d = 0; d < dimensions.Length; d++)
        {
            bool isChunked = chunk > 1 && d == dimensions.Length - 1, isOfSpace = Access.Divides && dimensions[d].IsOfSpace;
            launch.Add(isChunked ? 1 : isOfSpace ? 0 : dimensions[d].Stride / Source.Chunk);
        }
        if (!Access.IsWindow) return;
        foreach (WindowDimension dimension in dimensions)
        {
            if (dimension.IsOfSpace) launch.Add(dimension.Scale);
        }
    }
}

/// <summary>A dimension that an index counts.</summary>
/// <param name="Size">How many.</param>
/// <param name="Stride">From one to the next, in elements.</param>
/// <param name="Scale">How far each moves a window; 0 where it does not.</param>
/// <param name="IsOfSpace">Whether it does.</param>
internal readonly record struct WindowDimension(int Size, long Stride, int Scale = 0, bool IsOfSpace = false)
{
    /// <summary>How near neighbours are; far where there are none.</summary>
    public long Step => Size > 1 ? Math.Abs(Stride) : long.MaxValue;
}

/// <summary>The space in which a window moves: for each dimension the size, the step in memory, what places are moved by, and divided by where that is not 1.</summary>
internal readonly record struct WindowSpace(int[] Sizes, long[] Strides, int[] Moved, int[] Divisors)
{
    public static readonly WindowSpace None = new([], [], [], []);
}
