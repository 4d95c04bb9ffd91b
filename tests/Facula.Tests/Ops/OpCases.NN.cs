using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] NN =>
    [
        Op("linear", t => F.Linear(t[0], t[1], t[2]), [[5, 4], [3, 4], [3]], large: [[300, 129], [70, 129], [70]], ulps: 64),
        Op("linear rectified", t => F.Linear(t[0], t[1], t[2], relu: true), [[5, 4], [3, 4], [3]], large: [[300, 129], [70, 129], [70]], ulps: 64),
        Op("linear stack over nothing", t => F.Linear(t[0], t[1], t[2]), [[2, 3, 0], [4, 0], [4]]),
        Op("linear stack to nothing", t => F.Linear(t[0], t[1], t[2]), [[2, 3, 4], [0, 4], [0]]),
        Op("linear of no stack", t => F.Linear(t[0], t[1], t[2]), [[0, 3, 4], [2, 4], [2]]),
        Op("linear of a vector", t => F.Linear(t[0], t[1], t[2]), [[2, 3, 4], [4], []], ulps: 64),
        Op("linear stack", t => F.Linear(t[0], t[1]), [[2, 3, 4], [3, 4]], ulps: 64),
        Op("dropout", t => F.Dropout(t[0], 0.4, generator: new Generator(1)), [[3, 40]], large: [[300, 301]], types: Types.Floats),
        Op("embedding", t => F.Embedding(t[1], t[0]), [[5, 8], Index(5, 3, 4)], large: [[300, 129], Index(300, 500)]),
        Op("normalize by the sum", t => F.Normalize(t[0], 1, 0), [Between(0.5, 2, 3, 4)], types: Types.Floats, ulps: 32),
        Op("cosineSimilarity", t => F.CosineSimilarity(t[0], t[1], -1), [[3, 4], [3, 4]], types: Types.Floats, ulps: 64),
        Op("mseLoss", t => F.MseLoss(t[0], t[1]), [[3, 4], [3, 4]], large: [[300, 301], [300, 301]], gives: Gives.Float, ulps: 32),
        Op("mseLoss row", t => F.MseLoss(t[0], t[1], Reduction.Sum), [[3, 4], [4]], gives: Gives.Float, ulps: 32),
        Op("mseLoss none", t => F.MseLoss(t[0], t[1], Reduction.None), [[3, 4], [3, 4]], gives: Gives.Float, ulps: 32),
        Op("l1Loss", t => F.L1Loss(t[0], t[1]), [Between(1, 4, 3, 4), Between(-4, -1, 3, 4)], large: [[300, 301], [300, 301]], gives: Gives.Float, ulps: 32),
        Op("smoothL1Loss", t => F.SmoothL1Loss(t[0], t[1], beta: 20), [[3, 4], [3, 4]], gives: Gives.Float, ulps: 32),
        Op("smoothL1Loss far", t => F.SmoothL1Loss(t[0], t[1], beta: 0.5), [Between(1, 4, 3, 4), Between(-4, -1, 3, 4)], gives: Gives.Float, ulps: 32),
        Op("huberLoss", t => F.HuberLoss(t[0], t[1], Reduction.Sum, 20), [[3, 4], [3, 4]], gives: Gives.Float, ulps: 32),
        Op("klDiv", t => F.KlDiv(t[0], t[1], Reduction.BatchMean), [[3, 4], Between(0.1, 0.9, 3, 4)], types: Types.Floats, ulps: 32),
        Op("klDiv of logarithms", t => F.KlDiv(t[0], t[1], logTarget: true), [[3, 4], [3, 4]], types: Types.Floats, ulps: 64),
        Op("binaryCrossEntropy", t => F.BinaryCrossEntropy(t[0], t[1]), [Between(0.1, 0.9, 3, 4), Between(0.1, 0.9, 3, 4)], types: Types.Floats, ulps: 32),
        Op("binaryCrossEntropyWithLogits", t => F.BinaryCrossEntropyWithLogits(t[0], t[1]), [[3, 4], Between(0.1, 0.9, 3, 4)],
            large: [[300, 301], Between(0, 1, 300, 301)], types: Types.Floats, ulps: 32),
        Op("crossEntropy", t => F.CrossEntropy(t[0], t[1]), [[5, 4], Index(4, 5)], large: [[300, 129], Index(129, 300)], types: Types.Floats, ulps: 32),
        Op("crossEntropy of all kinds", t => F.CrossEntropy(t[0], t[1], t[2].Detach(), 2, Reduction.Sum, 0.1), [[5, 4, 3], Index(4, 5, 3), Between(0.5, 2, 4)],
            types: Types.Floats, gradient: false, ulps: 32),
        Op("nllLoss", t => F.NllLoss(t[0], t[1]), [[5, 4], Index(4, 5)], large: [[300, 129], Index(129, 300)], types: Types.Floats, ulps: 32),
    ];
}
