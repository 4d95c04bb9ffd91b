namespace Facula.Backends;

/// <summary>
/// What pooling reads along one dimension of space: output o reads Taps[o] elements of the input from First[o] on, Step apart; the first of them stands under element
/// Skip[o] of the kernel. An average counts it as Extent[o] elements.
/// </summary>
internal sealed class PoolAxis
{
    /// <summary>A dimension that is not there.</summary>
    public static readonly PoolAxis None = new(1, 1, 1, 1);

    public readonly int Input, Output, Kernel, Step;
    public readonly int[] First, Taps, Skip, Extent;
    private PoolCover? _cover;

    private PoolAxis(int input, int output, int kernel, int step)
    {
        (Input, Output, Kernel, Step) = (input, output, kernel, step);
        (First, Taps, Skip, Extent) = (new int[output], new int[output], new int[output], new int[output]);
        Array.Fill(Taps, 1);
        Array.Fill(Extent, 1);
    }

    /// <summary>A kernel that moves by its stride over input and padding. Averages count the padding or not.</summary>
    public static PoolAxis Sliding(int input, int output, int kernel, int stride, int padding, int dilation, bool countsPadding)
    {
        var axis = new PoolAxis(input, output, kernel, dilation);
        for (int o = 0; o < output; o++)
        {
            long start = (long)o * stride - padding, skip = start < 0 ? Math.Min(kernel, (-start + dilation - 1) / dilation) : 0, first = start + skip * dilation;
            axis.Skip[o] = (int)skip;
            axis.Taps[o] = (int)Math.Clamp((input - first + dilation - 1) / dilation, 0, kernel - skip);
            axis.First[o] = axis.Taps[o] > 0 ? (int)first : 0;
            axis.Extent[o] = (int)Math.Max(1, countsPadding ? Math.Min(kernel, input + padding - start) : axis.Taps[o]);
        }
        return axis;
    }

    /// <summary>As many windows as asked for, of almost equal size, which together cover the input.</summary>
    public static PoolAxis Adaptive(int input, int output)
    {
        int kernel = 1;
        int Start(int o) => (int)((long)o * input / output);
        int End(int o) => (int)(((long)(o + 1) * input + output - 1) / output);
        for (int o = 0; o < output; o++) kernel = Math.Max(kernel, End(o) - Start(o));
        var axis = new PoolAxis(input, output, kernel, 1);
        for (int o = 0; o < output; o++)
        {
            axis.First[o] = Start(o);
            axis.Taps[o] = axis.Extent[o] = End(o) - Start(o);
        }
        return axis;
    }

    /// <summary>The same the other way round: which outputs read an input.</summary>
    public PoolCover Cover => _cover ??= new(this);
}

/// <summary>For input i, entries Start[i] .. Start[i + 1] - 1: the outputs that read it, in order, and the element of the kernel that stands over it then.</summary>
internal sealed class PoolCover
{
    public readonly int[] Start, Output, Tap;

    /// <summary>The largest number of outputs that read one input.</summary>
    public int Most { get; }

    public PoolCover(PoolAxis axis)
    {
        Start = new int[axis.Input + 1];
        for (int o = 0; o < axis.Output; o++)
        {
            for (int k = 0; k < axis.Taps[o]; k++) Start[axis.First[o] + k * axis.Step + 1]++;
        }
        foreach (int count in Start) Most = Math.Max(Most, count);
        for (int i = 0; i < axis.Input; i++) Start[i + 1] += Start[i];
        (Output, Tap) = (new int[Start[^1]], new int[Start[^1]]);
        var next = (int[])Start.Clone();
        for (int o = 0; o < axis.Output; o++)
        {
            for (int k = 0; k < axis.Taps[o]; k++)
            {
                int at = next[axis.First[o] + k * axis.Step]++;
                (Output[at], Tap[at]) = (o, axis.Skip[o] + k);
            }
        }
    }
}

/// <summary>What pooling reads in three dimensions of space. Averages are divided by the number of elements that they count, unless by a given number.</summary>
internal sealed record PoolPlan(PoolAxis Depth, PoolAxis Height, PoolAxis Width, int? Divisor = null)
{
    /// <summary>Of one to three dimensions.</summary>
    public static PoolPlan Of(ReadOnlySpan<PoolAxis> axes, int? divisor = null) =>
        new(axes.Length > 2 ? axes[0] : PoolAxis.None, axes.Length > 1 ? axes[^2] : PoolAxis.None, axes[^1], divisor);

    /// <summary>Elements of the kernel.</summary>
    public int Taps => Check.Size("Pool", (long)Depth.Kernel * Height.Kernel * Width.Kernel is var taps and >= 0 ? taps : long.MaxValue);

    public long InputArea => (long)Depth.Input * Height.Input * Width.Input;

    public long OutputArea => (long)Depth.Output * Height.Output * Width.Output;

    /// <summary>The type in which it is kept which element of the kernel was the largest.</summary>
    public DType TapType => Taps <= 255 ? DType.UInt8 : DType.Int32;

    /// <summary>Instead of an element of the kernel: none.</summary>
    public int Nowhere => Taps <= 255 ? 255 : -1;
}
