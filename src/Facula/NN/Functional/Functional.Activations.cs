namespace Facula.NN;

public static partial class Functional
{
    /// <summary>max(x, 0). torch.nn.functional.relu.</summary>
    public static Tensor Relu(Tensor input) => Check.NotNull(input).Relu();

    /// <summary>min(max(x, 0), 6). torch.nn.functional.relu6.</summary>
    public static Tensor Relu6(Tensor input) => Check.NotNull(input).Relu6();

    /// <summary>x above 0, negativeSlope * x elsewhere. torch.nn.functional.leaky_relu.</summary>
    public static Tensor LeakyRelu(Tensor input, double negativeSlope = 0.01) => Check.NotNull(input).LeakyRelu(negativeSlope);

    /// <summary>x above 0, alpha (e^x - 1) elsewhere. torch.nn.functional.elu.</summary>
    public static Tensor Elu(Tensor input, double alpha = 1) => Check.NotNull(input).Elu(alpha);

    /// <summary>The scaled ELU. torch.nn.functional.selu.</summary>
    public static Tensor Selu(Tensor input) => Check.NotNull(input).Selu();

    /// <summary>x times the normal distribution's cumulative probability at x. torch.nn.functional.gelu.</summary>
    public static Tensor Gelu(Tensor input, GeluApproximation approximate = GeluApproximation.None) => Check.NotNull(input).Gelu(approximate);

    /// <summary>x sigmoid(x). torch.nn.functional.silu.</summary>
    public static Tensor Silu(Tensor input) => Check.NotNull(input).Silu();

    /// <summary>x tanh(softplus(x)). torch.nn.functional.mish.</summary>
    public static Tensor Mish(Tensor input) => Check.NotNull(input).Mish();

    /// <summary>log(1 + e^(beta x)) / beta; x itself where beta x is above the threshold. torch.nn.functional.softplus.</summary>
    public static Tensor Softplus(Tensor input, double beta = 1, double threshold = 20) => Check.NotNull(input).Softplus(beta, threshold);

    /// <summary>x between min and max, else the nearer of them. torch.nn.functional.hardtanh.</summary>
    public static Tensor HardTanh(Tensor input, double min = -1, double max = 1) => Check.NotNull(input).HardTanh(min, max);

    /// <summary>(x + 3) / 6 between 0 and 1. torch.nn.functional.hardsigmoid.</summary>
    public static Tensor HardSigmoid(Tensor input) => Check.NotNull(input).HardSigmoid();

    /// <summary>x hardsigmoid(x). torch.nn.functional.hardswish.</summary>
    public static Tensor HardSwish(Tensor input) => Check.NotNull(input).HardSwish();

    /// <summary>1 / (1 + e^-x). torch.nn.functional.sigmoid.</summary>
    public static Tensor Sigmoid(Tensor input) => Check.NotNull(input).Sigmoid();

    /// <summary>The hyperbolic tangent. torch.nn.functional.tanh.</summary>
    public static Tensor Tanh(Tensor input) => Check.NotNull(input).Tanh();

    /// <summary>log(sigmoid(x)). torch.nn.functional.logsigmoid.</summary>
    public static Tensor LogSigmoid(Tensor input) => Check.NotNull(input).LogSigmoid();

    /// <summary>x / (1 + |x|). torch.nn.functional.softsign.</summary>
    public static Tensor Softsign(Tensor input) => Check.NotNull(input).Softsign();
}
