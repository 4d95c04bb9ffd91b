namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] Linalg =>
    [
        Op("matMul", t => t[0].MatMul(t[1]), [[3, 4], [4, 5]], large: [[150, 70], [70, 130]]),
        Op("matMul vectors", t => t[0].MatMul(t[1]), [[4], [4]]),
        Op("matMul matrix vector", t => t[0].MatMul(t[1]), [[3, 4], [4]]),
        Op("matMul vector matrix", t => t[0].MatMul(t[1]), [[4], [4, 3]]),
        Op("matMul stack matrix", t => t[0].MatMul(t[1]), [[2, 3, 4], [4, 2]], large: [[5, 40, 70], [70, 60]]),
        Op("matMul stacks", t => t[0].MatMul(t[1]), [[2, 1, 3, 4], [2, 4, 2]], large: [[4, 60, 50], [4, 50, 40]]),
        Op("matMul transposed", t => t[0].T.MatMul(t[1].T), [[4, 3], [5, 4]], large: [[70, 150], [130, 70]]),
        Op("matMul stack matrix over nothing", t => t[0].MatMul(t[1]), [[2, 3, 0], [0, 4]]),
        Op("matMul stack matrix to nothing", t => t[0].MatMul(t[1]), [[2, 3, 4], [4, 0]]),
        Op("matMul vector matrix of nothing", t => t[0].MatMul(t[1]), [[0], [0, 3]]),
        Op("matMul of nothing", t => t[0].MatMul(t[1]), [[2, 0], [0, 3]]),
        Op("bmm", t => t[0].Bmm(t[1]), [[2, 3, 4], [2, 4, 2]]),
        Op("dot", t => t[0].Dot(t[1]), [[4], [4]]),
        Op("outer", t => t[0].Outer(t[1]), [[3], [4]]),
        Op("addMm", t => t[0].AddMm(t[1], t[2]), [[5], [3, 4], [4, 5]], large: [[130], [150, 70], [70, 130]]),
        Op("addMm scaled", t => t[0].AddMm(t[1], t[2], beta: 2, alpha: 3), [[3, 1], [3, 4], [4, 5]]),
    ];
}
