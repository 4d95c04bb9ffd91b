using System.Numerics;
using System.Runtime.CompilerServices;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>A line of the output's gradient, as the windows along it give to the elements that they have read.</summary>
internal interface IPoolSource<T> where T : unmanaged, INumber<T>
{
    /// <summary>
    /// sum, and what a window gives to an element: its gradient is so many elements from the line's first; the pair of both is entry k of the columns' cover.
    /// </summary>
    V Add<V>(V sum, nint at, int k) where V : unmanaged, ISimd<V, T>;
}

/// <summary>The gradient of a kind of pooling.</summary>
internal unsafe interface IPoolGrad<TSource, T> where TSource : unmanaged, IPoolSource<T> where T : unmanaged, INumber<T>
{
    TSource Source(PoolReader reader);

    /// <summary>Writes a line of the input's gradient.</summary>
    void Line<V>(in PoolColumns columns, TSource* sources, int count, T* x) where V : unmanaged, ISimd<V, T>;
}

/// <summary>Lines of the gradient of a pooling's input: each element gathers from the windows that read it.</summary>
internal unsafe struct PoolGradLines<TGrad, TSource, T> : ISimdJob<T>
    where TGrad : struct, IPoolGrad<TSource, T> where TSource : unmanaged, IPoolSource<T> where T : unmanaged, INumber<T>
{
    public TGrad Grad;
    public PoolPlan Plan;
    public LineCut Cut;
    public int Channels;
    public T* X;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
    {
        PoolCover cover = Plan.Width.Cover;
        var readers = new PoolReader[Math.Max(1, Plan.Depth.Cover.Most * Plan.Height.Cover.Most)];
        (long first, long end) = Cut[part];
        fixed (int* starts = cover.Start, outputs = cover.Output)
        fixed (TSource* sources = new TSource[readers.Length])
        {
            var columns = new PoolColumns { Width = Plan.Width.Input, Channels = Channels, Starts = starts, Outputs = outputs };
            for (long i = first; i < end; i++)
            {
                int count = PoolReader.Find(Plan, i, readers);
                for (int k = 0; k < count; k++) sources[k] = Grad.Source(readers[k]);
                Grad.Line<V>(columns, sources, count, X + (nint)i * columns.Width * Channels);
            }
        }
    }
}

/// <summary>The columns of a line of the input, and the windows that read each: entries Starts[i] .. Starts[i + 1] - 1, of output Outputs[k].</summary>
internal unsafe struct PoolColumns
{
    public int Width;
    public nint Channels;
    public int* Starts, Outputs;

    /// <summary>Writes each element's sum over the windows that read it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public readonly void Gather<V, TSource, T>(TSource* sources, int count, T* x)
        where V : unmanaged, ISimd<V, T> where TSource : unmanaged, IPoolSource<T> where T : unmanaged, INumber<T>
    {
        nint channels = Channels;
        int* starts = Starts, outputs = Outputs;
        int width = Width;
        for (int i = 0; i < width; i++, x += channels)
        {
            int from = starts[i], to = starts[i + 1];
            for (nint c = 0; c < channels; c += V.Count)
            {
                if (c > channels - V.Count) c = channels - V.Count;
                V sum = V.Zero;
                for (TSource* source = sources; source < sources + count; source++)
                {
                    for (int k = from; k < to; k++) sum = source->Add(sum, outputs[k] * channels + c, k);
                }
                sum.Store(x + c);
            }
        }
    }
}
