namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] Views =>
    [
        Op("reshape", t => t[0].Reshape(2, -1), [[3, 4]]),
        Op("view", t => t[0].Contiguous().View(2, 6), [[3, 4]]),
        Op("flatten", t => t[0].Flatten(1), [[2, 3, 2]]),
        Op("permute", t => t[0].Permute(2, 0, 1), [[2, 3, 4]]),
        Op("transpose", t => t[0].Transpose(0, -1), [[2, 3, 4]]),
        Op("T", t => t[0].T, [[3, 4]]),
        Op("expand", t => t[0].Expand(2, 3, -1), [[3, 1]]),
        Op("narrow", t => t[0].Narrow(1, 1, 2), [[3, 4]]),
        Op("select", t => t[0].Select(1, -1), [[3, 4]]),
        Op("squeeze", t => t[0].Squeeze(), [[3, 1, 2, 1]]),
        Op("squeeze dim", t => t[0].Squeeze(1), [[3, 1, 2]]),
        Op("unsqueeze", t => t[0].Unsqueeze(-1), [[3, 4]]),
        Op("clone", t => t[0].Clone(), [[3, 4]]),
        Op("contiguous", t => t[0].Contiguous(), [[3, 4]]),
    ];
}
