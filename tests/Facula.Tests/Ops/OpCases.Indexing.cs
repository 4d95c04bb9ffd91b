namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] Indexing =>
    [
        Op("index", t => t[0][1, .., ^1], [[2, 3, 4]]),
        Op("index ranges", t => t[0][TensorIndex.Ellipsis, TensorIndex.NewAxis, 1..3], [[2, 3, 4]]),
        Op("index step", t => t[0][TensorIndex.Slice(1, null, 2), TensorIndex.Slice(-3)], [[5, 4]]),
        Op("index rows", t => t[0][t[1]], [[5, 3], Index(5, 7)], large: [[300, 129], Index(300, 500)]),
        Op("index pairs", t => t[0][t[1], t[2]], [[5, 3], Index(5, 2, 4), Index(3, 4)], large: [[300, 129], Index(300, 40_000), Index(129, 40_000)]),
        Op("index apart", t => t[0][t[1], .., t[2]], [[3, 4, 5], Index(3, 6), Index(5, 6)]),
        Op("index columns", t => t[0].T[t[1], 1..], [[3, 4], Index(4, 5)]),
        Op("index mask", t => t[0][t[1]], [[4, 3], Mask(4)]),
        Op("index mask of all", t => t[0][t[1]], [[4, 3], Mask(4, 3)]),
        Op("set", t => Set(t[0], t[1], 1, ..), [[2, 3, 4], [4]], gives: Gives.First),
        Op("set step", t => Set(t[0], t[1], TensorIndex.Slice(null, null, 2)), [[5, 2], [3, 2]], gives: Gives.First),
        Op("set rows", t => Set(t[0], t[1], t[2]), [[5, 3], [7, 3], Index(5, 7)], gives: Gives.First),
        Op("set pairs", t => Set(t[0], t[1], t[2], t[3]), [[5, 3], [2, 4], Index(5, 2, 4), Index(3, 4)], gives: Gives.First),
        Op("set mask", t => Set(t[0], t[1], t[2]), [[4, 3], [], Mask(4, 3)], gives: Gives.First),
        Op("set mask rows", t => Set(t[0], t[1], t[2], TensorIndex.Slice(1)), [[4, 3], [2], Mask(4)], gives: Gives.First),
        Op("gather", t => t[0].Gather(1, t[1]), [[3, 4], Index(4, 3, 6)], large: [[500, 129], Index(129, 500, 100)]),
        Op("gather smaller", t => t[0].Gather(0, t[1]), [[3, 4, 2], Index(3, 5, 2, 1)], large: [[40_000], Index(40_000, 50_001)]),
        Op("scatter", t => t[0].Scatter(1, t[1], t[2]), [[3, 4], Index(4, 3, 6), [3, 6]], large: [[500, 129], Index(129, 500, 100), [500, 100]]),
        Op("scatter value", t => t[0].Scatter(0, t[1], 2), [[3, 4], Index(3, 2, 4)]),
        Op("scatterAdd", t => t[0].ScatterAdd(0, t[1], t[2]), [[3, 4], Index(3, 5, 4), [6, 4]],
            large: [[7], Index(7, 50_001), [50_001]], ulps: 64),
        Op("scatterAdd lines", t => t[0].ScatterAdd(1, t[1], t[2]), [[3, 4], Index(4, 3, 6), [3, 6]],
            large: [[500, 129], Index(129, 500, 100), [500, 100]], ulps: 64),
        Op("scatter in place", t => t[0].Clone().ScatterInPlace(0, t[1], t[2]), [[3, 4], Index(3, 5, 4), [5, 4]], gives: Gives.First),
        Op("scatterAdd in place", t => t[0].Clone().ScatterAddInPlace(0, t[1], t[2]), [[3, 4], Index(3, 5, 4), [5, 4]], gives: Gives.First),
        Op("indexAdd in place", t => t[0].Clone().IndexAddInPlace(1, t[1], t[2]), [[3, 4], Index(4, 2), [3, 2]], gives: Gives.First),
        Op("maskedFill in place", t => t[0].Clone().MaskedFillInPlace(t[1], 1), [[3, 4], Mask(3, 1)], gives: Gives.First),
        Op("indexSelect", t => t[0].IndexSelect(1, t[1]), [[3, 4, 2], Index(4, 6)], large: [[40, 50, 33], Index(50, 60)]),
        Op("indexSelect rows", t => t[0].IndexSelect(0, t[1]), [[5, 8], Index(5, 7)], large: [[300, 129], Index(300, 500)]),
        Op("indexAdd", t => t[0].IndexAdd(0, t[1], t[2], 2), [[5, 8], Index(5, 7), [7, 8]],
            large: [[300, 129], Index(300, 500), [500, 129]], ulps: 64),
        Op("maskedFill", t => t[0].MaskedFill(t[1], 3), [[3, 4], Mask(4)]),
        Op("maskedFill tensor", t => t[0].MaskedFill(t[1], t[2]), [[3, 4], Mask(3, 1), []]),
        Op("maskedSelect", t => t[0].MaskedSelect(t[1]), [[3, 4], Mask(4)], large: [[300, 301], Mask(300, 301)]),
        Op("nonZero", t => t[0].NonZero(), [[3, 4]], gives: Gives.Int64, large: [[300, 301]]),
        Op("where indices", t => Tensor.Where(t[0]), [[3, 4]], gives: Gives.Int64),
        Op("sort", t => t[0].Sort(0).Values, [Distinct(5, 3)], large: [Distinct(1300, 31)]),
        Op("sort descending", t => t[0].Sort(-1, descending: true).Values, [Distinct(2, 40)]),
        Op("argSort", t => t[0].ArgSort(), [[3, 50]], gives: Gives.Int64, large: [[31, 1300]]),
        Op("topK", t => t[0].TopK(2, 0).Values, [Distinct(5, 3)], large: [Distinct(1300, 31)]),
        Op("topK smallest", t => t[0].TopK(3, largest: false).Values, [Distinct(2, 40)]),
        Op("oneHot", t => t[0].OneHot(7), [Index(7, 4, 2)], gives: Gives.Int64, types: Types.All),
    ];

    /// <summary>Assignment as an operation: the copy is in a graph, so that the assignment is recorded.</summary>
    private static Tensor Set(Tensor x, Tensor value, params ReadOnlySpan<TensorIndex> index)
    {
        Tensor y = x.Clone();
        y[index] = value;
        return y;
    }
}
