namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] Linalg =>
    [
        Op("outer", t => t[0].Outer(t[1]), [[3], [4]]),
    ];
}
