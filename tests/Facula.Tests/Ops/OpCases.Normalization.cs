using F = Facula.NN.Functional;

namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] Normalization =>
    [
        Op("batchNorm", t => F.BatchNorm(t[0], null, null, t[1], t[2], true), [[4, 3, 2, 3], [3], [3]], large: [[10, 35, 17, 19], [35], [35]],
            types: Types.Floats, ulps: 64),
        Op("batchNorm of rows", t => F.BatchNorm(t[0], null, null, t[1], t[2], true, eps: 0.1), [[6, 17], [17], [17]], large: [[900, 130], [130], [130]],
            types: Types.Floats, ulps: 64),
        Op("batchNorm without weight", t => F.BatchNorm(t[0], null, null, training: true), [[3, 2, 5]], types: Types.Floats, ulps: 64),
        Op("batchNorm running", t => F.BatchNorm(t[0], t[1].Detach(), t[2].Detach(), t[3], t[4]), [[4, 3, 5], [3], Between(0.5, 2, 3), [3], [3]],
            types: Types.Floats, gradient: false, ulps: 64),
        Op("batchNorm rectified", t => F.BatchNorm("BatchNorm", t[0], null, null, t[1], t[2], true, 0.1, 1e-5, relu: true),
            [[4, 3, 2, 3], [3], [3]], types: Types.Floats, ulps: 64),
        Op("layerNorm", t => F.LayerNorm(t[0], [7], t[1], t[2]), [[4, 3, 7], [7], [7]], types: Types.Floats, ulps: 64),
        Op("layerNorm of several", t => F.LayerNorm(t[0], [3, 20], t[1], t[2], 0.1), [[4, 3, 20], [3, 20], [3, 20]], types: Types.Floats, ulps: 64),
        Op("layerNorm wide", t => F.LayerNorm(t[0], [70], t[1]), [[3, 70], [70]], large: [[1500, 70], [70]], types: Types.Floats, ulps: 64),
        Op("layerNorm without weight", t => F.LayerNorm(t[0], [9]), [[5, 9]], types: Types.Floats, ulps: 64),
        Op("rmsNorm", t => F.RmsNorm(t[0], [33], t[1]), [[4, 33], [33]], large: [[1500, 33], [33]], types: Types.Floats, ulps: 64),
        Op("groupNorm", t => F.GroupNorm(t[0], 3, t[1], t[2]), [[2, 6, 2, 3], [6], [6]], large: [[10, 36, 17, 19], [36], [36]], types: Types.Floats, ulps: 64),
        Op("groupNorm of rows", t => F.GroupNorm(t[0], 2, t[1], t[2], 0.1), [[4, 6], [6], [6]], large: [[300, 48], [48], [48]], types: Types.Floats, ulps: 64),
        Op("groupNorm of all channels", t => F.GroupNorm(t[0], 1, t[1]), [[2, 3, 2, 4], [3]], large: [[3, 3, 96, 80], [3]], types: Types.Floats, ulps: 64),
        Op("groupNorm without weight", t => F.GroupNorm(t[0], 2), [[3, 4, 5]], large: [[7, 40, 101]], types: Types.Floats, ulps: 64),
        Op("instanceNorm of images", t => F.InstanceNorm(t[0], weight: t[1]), [[2, 3, 2, 4], [3]], large: [[3, 34, 60, 41], [34]],
            types: Types.Floats, ulps: 64),
        Op("instanceNorm", t => F.InstanceNorm(t[0], weight: t[1], bias: t[2]), [[2, 3, 5], [3], [3]], types: Types.Floats, ulps: 64),
        Op("instanceNorm running", t => F.InstanceNorm(t[0], t[1].Detach(), t[2].Detach(), useInputStats: false), [[2, 3, 4, 5], [3], Between(0.5, 2, 3)],
            types: Types.Floats, gradient: false, ulps: 64),
        Op("localResponseNorm", t => F.LocalResponseNorm(t[0], 3, alpha: 0.5), [[2, 5, 3]], types: Types.Floats, ulps: 32),
        Op("localResponseNorm even", t => F.LocalResponseNorm(t[0], 4, beta: 0.5, k: 2), [[2, 5, 3, 2]], types: Types.Floats, ulps: 32),
        Op("normalize", t => F.Normalize(t[0], 2, 1), [[3, 4, 2]], types: Types.Floats, ulps: 32),
    ];
}
