namespace Facula.NN;

/// <summary>A layer that applies a function and learns nothing; shown under PyTorch's name with its settings.</summary>
public abstract class Activation : Module<Tensor, Tensor>
{
    private readonly Func<Tensor, Tensor> _function;

    private protected Activation(string typeName, Func<Tensor, Tensor> function, string settings = "") =>
        (TypeName, _function, ExtraText) = (IsBuiltIn ? typeName : base.TypeName, function, settings);

    private protected Activation(string typeName, Func<Tensor, Tensor> function, params (string Name, double Value)[] settings)
        : this(typeName, function, string.Join(", ", settings.Select(setting => $"{setting.Name}={PythonText.Of(setting.Value)}"))) { }

    /// <inheritdoc/>
    protected internal override string TypeName { get; }

    /// <inheritdoc/>
    protected override string ExtraText { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => _function(Check.NotNull(input, operation: TypeName));
}

/// <summary>max(x, 0). torch.nn.ReLU.</summary>
public partial class Relu() : Activation("ReLU", Functional.Relu), IFusion
{
    // The Relu of the largest element is the largest of the Relus: it waits until there are fewer elements.
    Tensor IFusion.Forward(Tensor input, ref Followers followers)
    {
        if (followers.Peek<MaxPool>() is not { } pool) return Call(input);
        followers.Take();
        return pool.ForwardRelu(input);
    }
}

/// <summary>min(max(x, 0), 6). torch.nn.ReLU6.</summary>
public partial class Relu6() : Activation("ReLU6", Functional.Relu6);

/// <summary>x above 0, negativeSlope * x elsewhere. Maas et al. 2013. torch.nn.LeakyReLU.</summary>
public partial class LeakyRelu(double negativeSlope = 0.01) : Activation("LeakyReLU", x => x.LeakyRelu(negativeSlope), ("negative_slope", negativeSlope));

/// <summary>x above 0, alpha (e^x - 1) elsewhere. Clevert et al. 2015, arXiv:1511.07289. torch.nn.ELU.</summary>
public partial class Elu(double alpha = 1) : Activation("ELU", x => x.Elu(alpha), ("alpha", alpha));

/// <summary>The scaled ELU. Klambauer et al. 2017, arXiv:1706.02515. torch.nn.SELU.</summary>
public partial class Selu() : Activation("SELU", Functional.Selu);

/// <summary>x times the normal distribution's cumulative probability at x. Hendrycks and Gimpel 2016, arXiv:1606.08415. torch.nn.GELU.</summary>
public partial class Gelu(GeluApproximation approximate = GeluApproximation.None)
    : Activation("GELU", x => x.Gelu(approximate), $"approximate='{(approximate == GeluApproximation.Tanh ? "tanh" : "none")}'");

/// <summary>x sigmoid(x). Elfwing et al. 2017, arXiv:1702.03118. torch.nn.SiLU.</summary>
public partial class Silu() : Activation("SiLU", Functional.Silu);

/// <summary>x tanh(softplus(x)). Misra 2019, arXiv:1908.08681. torch.nn.Mish.</summary>
public partial class Mish() : Activation("Mish", Functional.Mish);

/// <summary>log(1 + e^(beta x)) / beta; x itself where beta x is above the threshold. torch.nn.Softplus.</summary>
public partial class Softplus(double beta = 1, double threshold = 20)
    : Activation("Softplus", x => x.Softplus(beta, threshold), ("beta", beta), ("threshold", threshold));

/// <summary>x between min and max, else the nearer of them. torch.nn.Hardtanh.</summary>
public partial class HardTanh(double min = -1, double max = 1) : Activation("Hardtanh", x => x.HardTanh(min, max), ("min_val", min), ("max_val", max));

/// <summary>(x + 3) / 6 between 0 and 1. torch.nn.Hardsigmoid.</summary>
public partial class HardSigmoid() : Activation("Hardsigmoid", Functional.HardSigmoid);

/// <summary>x hardsigmoid(x). Howard et al. 2019, arXiv:1905.02244. torch.nn.Hardswish.</summary>
public partial class HardSwish() : Activation("Hardswish", Functional.HardSwish);

/// <summary>1 / (1 + e^-x). torch.nn.Sigmoid.</summary>
public partial class Sigmoid() : Activation("Sigmoid", Functional.Sigmoid);

/// <summary>The hyperbolic tangent. torch.nn.Tanh.</summary>
public partial class Tanh() : Activation("Tanh", Functional.Tanh);

/// <summary>log(sigmoid(x)). torch.nn.LogSigmoid.</summary>
public partial class LogSigmoid() : Activation("LogSigmoid", Functional.LogSigmoid);

/// <summary>x / (1 + |x|). torch.nn.Softsign.</summary>
public partial class Softsign() : Activation("Softsign", Functional.Softsign);

/// <summary>e^x divided by its sum along a dimension. torch.nn.Softmax.</summary>
public partial class Softmax(int dim) : Activation("Softmax", x => x.Softmax(dim), $"dim={dim}");

/// <summary>The logarithm of <see cref="Softmax"/>. torch.nn.LogSoftmax.</summary>
public partial class LogSoftmax(int dim) : Activation("LogSoftmax", x => x.LogSoftmax(dim), $"dim={dim}");

// The same as functions.

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
