using System.Numerics;

namespace Facula.Backends;

/// <summary>
/// How a pooling's windows lie along one dimension of space: a kernel that moves by its stride over input and padding, its elements a dilation apart,
/// or as many windows as asked for of almost equal size, which together cover the input. Those are equal that are the same geometry.
/// </summary>
internal sealed record PoolAxis
{
    /// <summary>A dimension that is not there.</summary>
    public static readonly PoolAxis None = Sliding(1, 1, 1, 1, 0, 1, false);

    private PoolAxis(int input, int output, int kernel) => (Input, Output, Kernel) = (input, output, kernel);

    public int Input { get; }
    public int Output { get; }

    /// <summary>The elements of the kernel, of adaptive windows those of the largest.</summary>
    public int Kernel { get; }

    /// <summary>Whether the windows are adaptive: from floor(o input / output) to the ceiling of (o + 1) input / output. Then stride and padding are 0,
    /// and the dilation 1.</summary>
    public bool IsAdaptive { get; private init; }

    public int Stride { get; private init; }
    public int Padding { get; private init; }
    public int Dilation { get; private init; } = 1;

    /// <summary>Whether averages count what lies in the padding.</summary>
    public bool CountsPadding { get; private init; }

    /// <summary>A kernel that moves by its stride over input and padding. Averages count the padding or not.</summary>
    public static PoolAxis Sliding(int input, int output, int kernel, int stride, int padding, int dilation, bool countsPadding) =>
        new(input, output, kernel) { Stride = stride, Padding = padding, Dilation = dilation, CountsPadding = countsPadding };

    /// <summary>As many windows as asked for, of almost equal size, which together cover the input.</summary>
    public static PoolAxis Adaptive(int input, int output)
    {
        // Window o covers ceil((r + input) / output) elements, r being the remainder of o input / output, which is at most output less their divisor.
        long most = output == 0 ? 1 : 1 + (input - (long)BigInteger.GreatestCommonDivisor(input, output) + output - 1) / output;
        return new(input, output, (int)Math.Max(1, most)) { IsAdaptive = true };
    }

    internal static int AdaptiveStart(int input, int output, int o) => (int)((long)o * input / output);

    internal static int AdaptiveEnd(int input, int output, int o) => (int)(((long)(o + 1) * input + output - 1) / output);
}

/// <summary>
/// A geometry spelt out: output o reads Taps[o] elements of the input from First[o] on, Step apart;
/// the first of them stands under element Skip[o] of the kernel.
/// An average is
/// divided by the product of the Divisor[o] of its dimensions.
/// </summary>
internal sealed class PoolTable
{
    public readonly int Input, Output, Kernel, Step;
    public readonly int[] First, Taps, Skip, Divisor;
    private PoolCover? _cover;

    public PoolTable(PoolAxis axis)
    {
        (Input, Output, Kernel, Step) = (axis.Input, axis.Output, axis.Kernel, axis.Dilation);
        (First, Taps, Skip, Divisor) = (new int[Output], new int[Output], new int[Output], new int[Output]);
        for (int o = 0; o < Output; o++)
        {
            if (axis.IsAdaptive)
            {
                First[o] = PoolAxis.AdaptiveStart(Input, Output, o);
                Taps[o] = Divisor[o] = PoolAxis.AdaptiveEnd(Input, Output, o) - First[o];
                continue;
            }
            long start = (long)o * axis.Stride - axis.Padding, skip = start < 0 ? Math.Min(Kernel, (-start + Step - 1) / Step) : 0, first = start + skip * Step;
            Skip[o] = (int)skip;
            Taps[o] = (int)Math.Clamp((Input - first + Step - 1) / Step, 0, Kernel - skip);
            First[o] = Taps[o] > 0 ? (int)first : 0;
            Divisor[o] = (int)Math.Max(1, axis.CountsPadding ? Math.Min(Kernel, Input + axis.Padding - start) : Taps[o]);
        }
    }

    /// <summary>The same the other way round: which outputs read an input.</summary>
    public PoolCover Cover => _cover ??= new(this);
}

/// <summary>For input i, entries Start[i] .. Start[i + 1] - 1: the outputs that read it, in order, and the element of the kernel that stands
/// over it then.</summary>
internal sealed class PoolCover
{
    public readonly int[] Start, Output, Tap;

    /// <summary>The largest number of outputs that read one input.</summary>
    public int Most { get; }

    public PoolCover(PoolTable axis)
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

/// <summary>
/// How a pooling's windows lie in three dimensions of space. Averages are divided by the number of elements that they count, unless by a given number.
/// Those are equal that are the same geometry.
/// </summary>
internal sealed record PoolPlan(PoolAxis DepthAxis, PoolAxis HeightAxis, PoolAxis WidthAxis, int? Divisor = null)
{
    // For kernels that go by tables; those that go by the geometry never make them.
    private PoolTable? _depth, _height, _width;

    /// <summary>Of one to three dimensions.</summary>
    public static PoolPlan Of(ReadOnlySpan<PoolAxis> axes, int? divisor = null) =>
        new(axes.Length > 2 ? axes[0] : PoolAxis.None, axes.Length > 1 ? axes[^2] : PoolAxis.None, axes[^1], divisor);

    public PoolTable Depth => _depth ??= new(DepthAxis);

    public PoolTable Height => _height ??= new(HeightAxis);

    public PoolTable Width => _width ??= new(WidthAxis);

    /// <summary>Elements of the kernel.</summary>
    public int Taps => Check.Size("Pool", (long)DepthAxis.Kernel * HeightAxis.Kernel * WidthAxis.Kernel is var taps and >= 0 ? taps : long.MaxValue);

    public long InputArea => (long)DepthAxis.Input * HeightAxis.Input * WidthAxis.Input;

    public long OutputArea => (long)DepthAxis.Output * HeightAxis.Output * WidthAxis.Output;

    /// <summary>The type in which it is kept which element of the kernel was the largest.</summary>
    public DType TapType => Taps <= 255 ? DType.UInt8 : DType.Int32;

    /// <summary>Instead of an element of the kernel: none.</summary>
    public int Nowhere => Taps <= 255 ? 255 : -1;

    public bool Equals(PoolPlan? other) =>
        other is not null && DepthAxis == other.DepthAxis && HeightAxis == other.HeightAxis && WidthAxis == other.WidthAxis && Divisor == other.Divisor;

    public override int GetHashCode() => HashCode.Combine(DepthAxis, HeightAxis, WidthAxis, Divisor);
}
