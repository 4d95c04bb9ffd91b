namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] NN =>
    [
    ];
}
