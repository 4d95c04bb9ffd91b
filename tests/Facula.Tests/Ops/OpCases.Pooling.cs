using Facula.NN;
using F = Facula.NN.Functional;

namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] Pooling =>
    [
        Op("maxPool1d", t => F.MaxPool1d(t[0], 3, 2, 1), [Distinct(2, 3, 7)], large: [Distinct(20, 33, 65)], types: Types.Floats),
        Op("maxPool1d unbatched", t => F.MaxPool1d(t[0], 2, dilation: 2, ceilMode: true), [Distinct(5, 8)], types: Types.Floats),
        Op("maxPool2d", t => F.MaxPool2d(t[0], 2), [Distinct(2, 3, 4, 6)], large: [Distinct(10, 35, 12, 14)], types: Types.Floats),
        Op("maxPool2d one channel", t => F.MaxPool2d(t[0], 2), [Distinct(2, 1, 5, 6)], types: Types.Floats),
        Op("maxPool2d overlapping", t => F.MaxPool2d(t[0], 3, 2, 1), [Distinct(2, 5, 5, 6)], large: [Distinct(10, 17, 15, 14)], types: Types.Floats),
        Op("maxPool2d of all kinds", t => F.MaxPool2d(t[0], (2, 3), (3, 1), (1, 0), (1, 2), ceilMode: true), [Distinct(1, 20, 5, 8)], types: Types.Floats),
        Op("maxPool2d wide kernel", t => F.MaxPool2d(t[0], (17, 16), 1), [Distinct(1, 4, 18, 18)], types: Types.Floats),
        Op("maxPool2d rectified", t => F.MaxPool("MaxPool2d", 2, t[0], 2, default, default, default, false, rectify: true), [Distinct(2, 17, 4, 4)], types: Types.Floats),
        Op("maxPool2d with indices", t => Both(F.MaxPool2dWithIndices(t[0], 3, 2, 1)), [Distinct(2, 3, 5, 6)], types: Types.Floats),
        Op("maxPool3d", t => F.MaxPool3d(t[0], 2, padding: 1), [Distinct(1, 3, 4, 5, 4)], large: [Distinct(3, 17, 12, 14, 10)], types: Types.Floats),
    ];
}
