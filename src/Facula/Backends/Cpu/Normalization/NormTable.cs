using System.Numerics;
using System.Runtime.CompilerServices;

namespace Facula.Backends.Cpu;

/// <summary>
/// What each column is normalised with, for every set: means and scales (weight / sqrt(variance + eps)); and biases and weights, which are the same
/// for all sets.
/// </summary>
internal unsafe struct NormTable<T> where T : unmanaged, INumber<T>
{
    public NormShape Shape;
    public double Eps;
    public T* Means, Scales, Biases, Weights;

    /// <summary>1 / sqrt(variance + eps) of each group of each set.</summary>
    public double* Inverses;

    /// <summary>Takes in the statistics of a set's groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Fill(long set, T* means, T* variances)
    {
        int width = Shape.Width, groups = Shape.Groups;
        T* mean = Means + (nint)set * width, scale = Scales + (nint)set * width;
        double* inverses = Inverses + (nint)set * groups;
        for (int g = 0; g < groups; g++) inverses[g] = 1 / Math.Sqrt(double.CreateTruncating(variances[g]) + Eps);
        for (int i = 0; i < width; i++)
        {
            int group = Shape.GroupOf(i);
            mean[i] = means[group];
            scale[i] = T.CreateTruncating(double.CreateTruncating(Weights[i]) * inverses[group]);
        }
    }
}

/// <summary>The memory of a <see cref="NormTable{T}"/>, which has the statistics already or waits for them.</summary>
internal readonly unsafe ref struct NormTableMemory<T> : IDisposable where T : unmanaged, INumber<T>
{
    private readonly Scratch<T> _numbers;
    private readonly Scratch<double> _inverses;

    public NormTableMemory(in NormShape shape, in ChannelNormOptions options, bool areKnown)
    {
        int width = shape.Width, channels = shape.Channels, groups = shape.Groups;
        long columns = shape.Sets * width, statistics = shape.Sets * groups;
        _numbers = new(2 * columns + 2 * width + (areKnown ? 2 * statistics : 0));
        _inverses = new(statistics);
        T* means = _numbers.Pointer, scales = means + columns, biases = scales + columns, weights = biases + width;
        Table = new() { Shape = shape, Eps = options.Eps, Means = means, Scales = scales, Biases = biases, Weights = weights, Inverses = _inverses.Pointer };
        Repeat(options.Weight, weights, channels, width, T.One);
        Repeat(options.Bias, biases, channels, width, T.Zero);
        if (!areKnown) return;
        T* ofMeans = weights + width, ofVariances = ofMeans + statistics;
        Convert.Load(options.Mean, ofMeans);
        Convert.Load(options.Variance, ofVariances);
        for (long set = 0; set < shape.Sets; set++) Table.Fill(set, ofMeans + (nint)set * groups, ofVariances + (nint)set * groups);
    }

    public NormTable<T> Table { get; }

    public void Dispose()
    {
        _numbers.Dispose();
        _inverses.Dispose();
    }

    /// <summary>A vector of any type and stride, or one value where there is none; again and again up to the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Repeat(in Operand? vector, T* to, int channels, int width, T otherwise)
    {
        if (vector is { } given) Convert.Load(given, to);
        else new Span<T>(to, channels).Fill(otherwise);
        for (int i = channels; i < width; i++) to[i] = to[i - channels];
    }
}
