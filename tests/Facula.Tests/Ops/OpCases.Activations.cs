namespace Facula.Tests.Ops;

public static partial class OpCases
{
    private static OpCase[] Activations =>
    [
        Unary("relu", x => x.Relu(), gives: Gives.Same, types: Types.Numbers, kinks: [0]),
        Unary("relu in place", x => x.Clone().ReluInPlace(), gives: Gives.Same, types: Types.Numbers, kinks: [0]),
        Unary("relu6", x => x.Relu6(), domain: (-2, 8), gives: Gives.Same, types: Types.Numbers, kinks: [0, 6]),
        Unary("leakyRelu", x => x.LeakyRelu(0.1), kinks: [0]),
        Unary("elu", x => x.Elu(0.7), kinks: [0]),
        Unary("selu", x => x.Selu(), kinks: [0]),
        Unary("silu", x => x.Silu()),
        Unary("mish", x => x.Mish(), ulps: 4),
        Unary("softplus", x => x.Softplus()),
        Unary("softplus beta", x => x.Softplus(2, 5), kinks: [2.5], ulps: 4),
        Unary("logSigmoid", x => x.LogSigmoid()),
        Unary("softsign", x => x.Softsign(), kinks: [0]),
        Unary("hardTanh", x => x.HardTanh(-2, 1), gives: Gives.Same, types: Types.Numbers, kinks: [-2, 1]),
        Unary("hardSigmoid", x => x.HardSigmoid(), kinks: [-3, 3]),
        Unary("hardSwish", x => x.HardSwish(), kinks: [-3, 3]),
        Unary("gelu", x => x.Gelu(), ulps: 4),
        Unary("gelu tanh", x => x.Gelu(GeluApproximation.Tanh), ulps: 4),
    ];
}
