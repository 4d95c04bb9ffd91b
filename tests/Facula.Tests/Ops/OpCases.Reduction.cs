namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] Reductions =>
    [
        Op("sum", t => t[0].Sum(), [[3, 4]], large: [[70, 900]], gives: Gives.Sum),
        Op("sum of nothing", t => t[0].Sum(), [[0, 4]], gives: Gives.Sum),
        Op("sum dim", t => t[0].Sum(1), [[3, 4, 2]], large: [[70, 900]], gives: Gives.Sum),
        Op("sum dims", t => t[0].Sum([0, -1], keepDim: true), [[3, 4, 2]], large: [[70, 30, 30]], gives: Gives.Sum),
        Op("all", t => t[0].All(), [[3, 4]], gives: Gives.Bool),
        Op("all dim", t => t[0].All(0, keepDim: true), [[3, 4]], gives: Gives.Bool),
        Op("any", t => t[0].Any(), [[3, 4]], gives: Gives.Bool),
        Op("any dim", t => t[0].Any(-1), [[3, 4]], gives: Gives.Bool),
    ];
}
