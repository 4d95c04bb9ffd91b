using System.Numerics;
using Facula.Numerics;

namespace Facula.Backends.Cpu;

/// <summary>A stage of a normalisation, or of its gradient, that goes through slices of rows.</summary>
internal interface ISliceStage<T> where T : unmanaged, INumber<T>
{
    NormSlices Slices { get; }

    /// <summary>Some slices; meanwhile what lies so many elements ahead of them is prefetched, unless that is 0.</summary>
    void Run<V>((long First, long End) slices, nint ahead) where V : unmanaged, ISimd<V, T>;
}

/// <summary>What the last stage does to rows that follow on one another within a set, of which the first of all sets is row 0.</summary>
internal interface INormRows<T> where T : unmanaged, INumber<T>
{
    void Run<V, TStore>(long set, nint first, nint rows, nint ahead) where V : unmanaged, ISimd<V, T> where TStore : IStore;
}

/// <summary>The last stage, whose results are written past the caches or not.</summary>
internal struct RowStage<TRows, T>(TRows rows, NormSlices slices, bool streams) : ISliceStage<T>
    where TRows : struct, INormRows<T> where T : unmanaged, INumber<T>
{
    public readonly NormSlices Slices => slices;

    public readonly void Run<V>((long First, long End) range, nint ahead) where V : unmanaged, ISimd<V, T>
    {
        for (long slice = range.First; slice < range.End; slice++)
        {
            (long set, long first, long end) = slices.Slice(slice);
            if (streams) rows.Run<V, Streaming>(set, (nint)first, (nint)(end - first), ahead);
            else rows.Run<V, Cached>(set, (nint)first, (nint)(end - first), ahead);
        }
    }
}

/// <summary>
/// The stages of a normalisation or of its gradient: sums over the rows of each slice, terms of each set made of them, and what these make of the rows.
/// </summary>
internal static class NormStages
{
    /// <summary>
    /// All three: set by set where there are enough for all threads, so that what the sums have read is still at hand for the rows; else one after another.
    /// </summary>
    public static void Run<TSums, TTerms, TRows, T>(in NormShape shape, TSums sums, TTerms terms, TRows rows)
        where TSums : struct, ISliceStage<T> where TTerms : struct, IJob where TRows : struct, ISliceStage<T> where T : unmanaged, INumber<T>
    {
        var sets = new NormSets(shape);
        if (sets.Parts >= 2 * CpuSettings.ThreadCount)
        {
            Workers.For(sets.Parts, new SimdJob<SetJob<TSums, TTerms, TRows, T>, T>(new(sums, terms, rows, sets), shape.Width));
            return;
        }
        Run<TSums, TTerms, T>(shape, sums, terms);
        Run<TRows, T>(shape, rows);
    }

    public static void Run<TSums, TTerms, T>(in NormShape shape, TSums sums, TTerms terms)
        where TSums : struct, ISliceStage<T> where TTerms : struct, IJob where T : unmanaged, INumber<T>
    {
        Run<TSums, T>(shape, sums);
        Workers.For((int)shape.Sets, terms);
    }

    public static void Run<TStage, T>(in NormShape shape, TStage stage) where TStage : struct, ISliceStage<T> where T : unmanaged, INumber<T> =>
        Workers.For(stage.Slices.Parts, new SimdJob<SliceJob<TStage, T>, T>(new(stage), shape.Width));

    private struct SliceJob<TStage, T>(TStage stage) : ISimdJob<T> where TStage : struct, ISliceStage<T> where T : unmanaged, INumber<T>
    {
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T> => stage.Run<V>(stage.Slices[part], 0);
    }

    /// <summary>All stages of one set after another; while the rows of one are computed, the next is prefetched.</summary>
    private struct SetJob<TSums, TTerms, TRows, T>(TSums sums, TTerms terms, TRows rows, NormSets sets) : ISimdJob<T>
        where TSums : struct, ISliceStage<T> where TTerms : struct, IJob where TRows : struct, ISliceStage<T> where T : unmanaged, INumber<T>
    {
        public readonly void Run<V>(int part) where V : unmanaged, ISimd<V, T>
        {
            (int first, int end) = sets[part];
            for (int set = first; set < end; set++)
            {
                sums.Run<V>(sums.Slices.OfSet(set), 0);
                terms.Run(set);
                rows.Run<V>(rows.Slices.OfSet(set), set + 1 < end ? sets.Elements : 0);
            }
        }
    }
}
