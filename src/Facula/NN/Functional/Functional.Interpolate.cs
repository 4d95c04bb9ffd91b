using System.Runtime.CompilerServices;

namespace Facula.NN;

/// <summary>How values between elements are found.</summary>
public enum InterpolationMode
{
    /// <summary>The element before, as in old versions of other libraries.</summary>
    Nearest,
    /// <summary>The nearest element.</summary>
    NearestExact,
    /// <summary>Between two elements of a sequence.</summary>
    Linear,
    /// <summary>Between four elements of an image.</summary>
    Bilinear,
    /// <summary>Between sixteen elements of an image, by cubic polynomials.</summary>
    Bicubic,
    /// <summary>Between eight elements of a volume.</summary>
    Trilinear,
    /// <summary>Averages, by adaptive pooling.</summary>
    Area,
}

/// <summary>By how much each dimension of space grows: one number for all, or one for each.</summary>
[CollectionBuilder(typeof(ScaleFactor), nameof(Create))]
public readonly struct ScaleFactor
{
    private readonly double[]? _values;

    private ScaleFactor(params double[] values) => _values = values;

    /// <summary>The same for every dimension.</summary>
    public static implicit operator ScaleFactor(double all) => new(all);

    /// <summary>Of height and width.</summary>
    public static implicit operator ScaleFactor((double Height, double Width) value) => new(value.Height, value.Width);

    /// <summary>Of depth, height and width.</summary>
    public static implicit operator ScaleFactor((double Depth, double Height, double Width) value) => new(value.Depth, value.Height, value.Width);

    /// <summary>One number for all dimensions, or one for each, the last dimension last; a collection expression comes here.</summary>
    /// <exception cref="ArgumentException">There are no numbers.</exception>
    public static ScaleFactor Create(ReadOnlySpan<double> values) =>
        values.Length > 0 ? new(values.ToArray())
            : throw new ArgumentException("ScaleFactor: give one number, or one for each dimension of space.", nameof(values));

    /// <summary>The numbers given.</summary>
    public IEnumerator<double> GetEnumerator() => ((IEnumerable<double>)(_values ?? [])).GetEnumerator();

    internal bool IsGiven => _values is not null;

    internal double[] Of(int rank, string operation)
    {
        double[] values = _values!.Length == 1 ? [.. Enumerable.Repeat(_values[0], rank)] : _values;
        if (values.Length != rank)
            throw new ArgumentException($"{operation}: scaleFactor needs one number, or one for each of {rank} dimension(s) of space, " +
                $"but has {values.Length}.");
        foreach (double value in values)
        {
            if (!(value is > 0 and < double.PositiveInfinity))
                throw new ArgumentOutOfRangeException("scaleFactor", value, $"{operation}: a scale must be a positive number.");
        }
        return values;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        _values is null ? "" : _values.Length == 1 ? PythonText.Of(_values[0]) : $"({string.Join(", ", _values.Select(PythonText.Of))})";
}

public static partial class Functional
{
    /// <summary>Makes sequences, images or volumes larger or smaller. torch.nn.functional.interpolate.</summary>
    /// <param name="input">[n, channels, length], [n, channels, height, width] or [n, channels, depth, height, width]; of any type for the nearest modes,
    /// else of floating-point type.</param>
    /// <param name="size">The sizes of the result's dimensions of space; or give a scale.</param>
    /// <param name="scaleFactor">What the sizes are multiplied by, rounded down; or give a size.</param>
    /// <param name="mode">How values between elements are found.</param>
    /// <param name="alignCorners">Whether the centres of the corner elements stay at the corners, rather than their edges;
    /// for the linear and cubic modes.</param>
    /// <param name="recomputeScaleFactor">Whether places are computed from the sizes, which are rounded, rather than from the scale as it was given.</param>
    /// <exception cref="ArgumentException">
    /// Neither or both of size and scale are given, or they, the mode or the input's type do not fit, or a setting is for another mode.
    /// </exception>
    public static Tensor Interpolate(Tensor input, SpatialSize size = default, ScaleFactor scaleFactor = default,
        InterpolationMode mode = InterpolationMode.Nearest,
        bool alignCorners = false, bool recomputeScaleFactor = false) =>
        Interpolate("Interpolate", input, size, scaleFactor, mode, alignCorners, recomputeScaleFactor);

    internal static Tensor Interpolate(object caller, Tensor input, SpatialSize size, ScaleFactor scaleFactor, InterpolationMode mode, bool alignCorners,
        bool recomputeScaleFactor)
    {
        ArgumentNullException.ThrowIfNull(input);
        string name = caller as string ?? caller.GetType().Name;
        bool isNearest = mode is InterpolationMode.Nearest or InterpolationMode.NearestExact;
        if (!isNearest) Check.Floating(name, input);
        if (alignCorners && (isNearest || mode == InterpolationMode.Area))
            throw new ArgumentException($"{caller}: alignCorners is for the linear and cubic modes; leave it out with mode {mode}.", nameof(alignCorners));
        int rank = input.Rank - 2;
        int needed = mode switch
        {
            InterpolationMode.Linear => 1,
            InterpolationMode.Bilinear or InterpolationMode.Bicubic => 2,
            InterpolationMode.Trilinear => 3,
            _ => rank,
        };
        if (rank is < 1 or > 3 || rank != needed)
            throw new ArgumentException($"{caller}: an input of shape {input.Shape} does not fit mode {mode}: " +
                $"it must be [n, channels, ..] with {(rank == needed ? "one to three" : $"{needed}")} dimension(s) of space.");
        if (size.IsGiven == scaleFactor.IsGiven) throw new ArgumentException($"{caller}: either a size or a scale must be given.");
        if (recomputeScaleFactor && size.IsGiven)
            throw new ArgumentException($"{caller}: recomputeScaleFactor says how a scale is meant; leave it out with a size.", nameof(recomputeScaleFactor));
        double[]? scales = scaleFactor.IsGiven ? scaleFactor.Of(rank, name) : null;
        int[] sizes = scales is null ? size.Of(rank, name, nameof(size), 1)
            : [.. scales.Select((scale, d) => Check.Size(name, (long)Math.Floor(input.Layout.Shape[d + 2] * scale)))];
        for (int d = 0; d < rank; d++)
        {
            if (input.Layout.Shape[d + 2] == 0 || sizes[d] == 0)
                throw new ArgumentException($"{caller}: dimension {d + 2} of shape {input.Shape} cannot be brought to size {sizes[d]}: " +
                    "both must be at least 1.");
        }
        if (mode == InterpolationMode.Area)
            return AdaptiveAvgPool(caller, rank, input, rank switch { 1 => sizes[0], 2 => (sizes[0], sizes[1]), _ => (sizes[0], sizes[1], sizes[2]) });

        // The 16-bit floats are too coarse for weights.
        Tensor y = isNearest ? input : input.To(input.DType.Compute);
        for (int d = 0; d < rank; d++) y = Resample(y, d + 2, sizes[d], recomputeScaleFactor ? null : scales?[d], mode, alignCorners);
        return OwnOf(y.To(input.DType), input);
    }

    private static Tensor Resample(Tensor x, int dim, int size, double? given, InterpolationMode mode, bool alignCorners)
    {
        int from = x.Layout.Shape[dim];
        bool isNearest = mode is InterpolationMode.Nearest or InterpolationMode.NearestExact, isCubic = mode == InterpolationMode.Bicubic;
        // A dimension that keeps its size is left alone in the linear modes even if its scale is not 1, as in PyTorch.
        if (size == from && (NearestScale(from, size, given) == 1 || (!isNearest && (alignCorners || !isCubic)))) return x;
        // What the modes do along one dimension is the same.
        InterpolationMode line = isNearest || isCubic ? mode : InterpolationMode.Linear;
        var resampling = new Resampling(from, size, given, line, alignCorners, isCubic ? -1 : 0);
        if (isNearest) return x.IndexSelect(dim, Index(resampling));
        int[] shape = [.. Enumerable.Repeat(1, x.Rank)];
        shape[dim] = size;
        Tensor? sum = null;
        for (int taps = isCubic ? 4 : 2; taps > 0; taps--, resampling = resampling with { Tap = resampling.Tap + 1 })
        {
            Tensor weights = Tensor.Table(x.Device, (resampling, "weights"), static key => key.Item1.Weights());
            Tensor term = x.IndexSelect(dim, Index(resampling)) * weights.Reshape(shape).To(x.DType);
            sum = sum is null ? term : sum + term;
        }
        return sum!;

        Tensor Index(Resampling key) => Tensor.Table(x.Device, key, static key => key.Index());
    }

    // In float, as PyTorch rounds it: which element is the nearest hangs on the last digit.
    private static float NearestScale(int from, int size, double? given) => given is { } factor ? (float)(1 / factor) : (float)from / size;

    /// <summary>What each element of a resampled dimension reads as one of its taps.</summary>
    private readonly record struct Resampling(int From, int Size, double? Scale, InterpolationMode Mode, bool AlignCorners, int Tap)
    {
        /// <summary>Which element of the input.</summary>
        public long[] Index()
        {
            var index = new long[Size];
            float scale = NearestScale(From, Size, Scale), offset = Mode == InterpolationMode.Nearest ? 0 : 0.5f;
            for (int o = 0; o < Size; o++)
            {
                index[o] = Mode is InterpolationMode.Nearest or InterpolationMode.NearestExact
                    ? Math.Min((int)((o + offset) * scale), From - 1)
                    : Math.Clamp((int)Math.Floor(At(o)) + Tap, 0, From - 1);
            }
            return index;
        }

        /// <summary>How much it counts, for the linear and cubic modes.</summary>
        public double[] Weights()
        {
            var weights = new double[Size];
            for (int o = 0; o < Size; o++)
            {
                double distance = Math.Abs(At(o) - Math.Floor(At(o)) - Tap);
                weights[o] = Mode == InterpolationMode.Bicubic ? Cubic(distance) : 1 - distance;
            }
            return weights;
        }

        /// <summary>Where in the input an element of the result lies.</summary>
        private double At(int o)
        {
            double step = AlignCorners ? Size > 1 ? (double)(From - 1) / (Size - 1) : 0 : Scale is { } scaled ? 1 / scaled : (double)From / Size;
            return AlignCorners ? o * step : Mode == InterpolationMode.Bicubic ? (o + 0.5) * step - 0.5 : Math.Max(0, (o + 0.5) * step - 0.5);
        }
    }

    /// <summary>Keys' kernel with a = -0.75 (Keys 1981, "Cubic convolution interpolation for digital image processing").</summary>
    private static double Cubic(double x)
    {
        const double A = -0.75;
        return x <= 1 ? ((A + 2) * x - (A + 3)) * x * x + 1 : x < 2 ? ((A * x - 5 * A) * x + 8 * A) * x - 4 * A : 0;
    }
}
